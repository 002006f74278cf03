# style.sh: what tools/lint checks of the sources without a tool of its own. To
# be sourced. Each function takes files, prints what it found as FILE:LINE: WHAT
# and fails if that is anything.
#
#   check_layout C++_AND_SHELL_FILES...
#   check_begin C++_FILES...
#   check_text ALL_FILES...

columns_max=80

# report WHAT GREP_OPTION... -- FILES...: what grep finds is what is wrong.
report() {
  local what=$1 found
  shift
  found=$(LC_ALL=C.UTF-8 grep --with-filename --line-number \
    --binary-files=without-match "$@") || return 0
  sed -E "s/^([^:]*:[0-9]+):.*/\1: $what/" <<<"$found"
  return 1
}

check_layout() {
  (($# > 0)) || return 0
  local status=0
  report "longer than $columns_max columns" --perl-regexp \
    ".{$((columns_max + 1))}" -- "$@" || status=1
  report "a tab" --perl-regexp '\t' -- "$@" || status=1
  report "blanks at the end of the line" --extended-regexp '[[:blank:]]$' \
    -- "$@" || status=1
  return $status
}

# A source file needs no comment of its own where its header has one.
check_begin() {
  local file first status=0
  for file in "$@"; do
    first=
    for first in "$file" "${file%.cpp}.hpp"; do
      [[ -f $first ]] && read -r first <"$first" && [[ $first == //* ]] && break
      first=
    done
    [[ -n $first ]] && continue
    printf '%s:1: does not begin with what it is for, in a comment\n' "$file"
    status=1
  done
  return $status
}

# What means nothing outside the machine or the notes of whoever wrote it. The
# patterns are written such that they do not find themselves.
check_text() {
  (($# > 0)) || return 0
  local status=0
  report "a path of one machine" --extended-regexp \
    '(^|[^[:alnum:]_.-])/wor[k]/|\b[s]hared/(data|design|hooks|reference|style)\b' \
    -- "$@" || status=1
  report "the host of a package registry" --extended-regexp \
    '\b(deb|security|registry|files|index)\.[a-z0-9-]+\.(org|io)\b|pypi\.org' \
    -- "$@" || status=1
  report "the number of a trap: say what it is" --perl-regexp \
    '(?<![\w"'"'"'.-])T([1-9]|[12]\d|30)(?![\w<>,*&:])' -- "$@" || status=1
  return $status
}

# style.sh: what tools/lint checks of the sources without a tool of its own. To
# be sourced. Each function takes files, prints what it found as FILE:LINE: WHAT
# and fails if that is anything.
#
#   check_blanks C++_AND_SHELL_FILES...
#   check_columns SHELL_FILES...
#   check_begin C++_FILES...
#   check_text ALL_FILES...
#   check_citations C++_FILES...

# Of shell scripts: a command with its options reads best on one line.
columns_max=100

# report WHAT GREP_OPTION... -- FILES...: what grep finds is what is wrong.
report() {
  local what=$1 found status=0
  shift
  found=$(LC_ALL=C.UTF-8 grep --with-filename --line-number \
    --binary-files=without-match "$@") || status=$?
  ((status == 1)) && return 0
  ((status == 0)) || found=${found:-"grep:0: exit code $status"}
  sed -E "s/^([^:]*:[0-9]+):.*/\1: $what/" <<<"$found"
  return 1
}

check_blanks() {
  (($# > 0)) || return 0
  local status=0
  report "a tab" --perl-regexp '\t' -- "$@" || status=1
  report "blanks at the end of the line" --extended-regexp '[[:blank:]]$' \
    -- "$@" || status=1
  return $status
}

# In C++ clang-format sees to this, but for texts that cannot be broken.
check_columns() {
  (($# > 0)) || return 0
  report "longer than $columns_max columns" --perl-regexp \
    ".{$((columns_max + 1))}" -- "$@"
}

# A source file needs no comment of its own where its header has one.
check_begin() {
  local file candidate first status=0
  for file in "$@"; do
    first=
    for candidate in "$file" "${file%.cpp}.hpp"; do
      [[ -f $candidate ]] || continue
      read -r first <"$candidate" || true
      [[ $first == //* ]] && break
    done
    [[ $first == //* ]] && continue
    printf '%s:1: does not begin with what it is for, in a comment\n' "$file"
    status=1
  done
  return $status
}

# What means nothing outside the machine of whoever wrote it. The patterns are
# written such that they do not find themselves.
check_text() {
  (($# > 0)) || return 0
  local status=0
  report "a path of one machine" --extended-regexp \
    '(^|[^[:alnum:]_./-])/(wor[k]|home/[a-z]+)/' -- "$@" || status=1
  report "the host of a package registry" --extended-regexp \
    '\b(deb|security|registry|files|index)\.[a-z0-9-]+\.(org|io)\b' \
    -- "$@" || status=1
  return $status
}

# A comment gives its reason itself, or a source that the reader can open.
check_citations() {
  (($# > 0)) || return 0
  local status=0
  report "a document that is not here: say what it says" --extended-regexp \
    '\b(known-traps|compatibility|real-agents|house-style)\.md|\bshared/' \
    -- "$@" || status=1
  report "the number of a trap: say what it is" --perl-regexp \
    '//.*\bT([1-9]|[12]\d|30)\b' -- "$@" || status=1
  return $status
}

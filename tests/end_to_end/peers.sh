# peers.sh: what install_node and install_python share. To be sourced.
#
# An installation is prepared in a folder beside its final place and renamed
# when it is complete, under a lock, so that an interrupted or a parallel run
# never leaves half an installation. The file `stamp` in it says from what it
# was made.
#
# Variables: peers_dir (set by the caller), target_dir, work_dir, stamp.

exit_skipped=77

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit 1
}

# skip WHY...: in one text or several.
skip() {
  printf '%s: skipped: %s\n' "$(basename "$0")" "$*" >&2
  exit "$exit_skipped"
}

# needs_command NAME WHAT_TO_DO
needs_command() {
  command -v "$1" >/dev/null || skip "there is no $1 on this machine: $2"
}

default_peers_dir() {
  local here
  here=$(dirname "${BASH_SOURCE[0]}")
  printf '%s/build/peers\n' "$(cd "$here/../.." && pwd)"
}

# stamp_of FILE... TEXT: a hash of the files' contents and of the last argument.
stamp_of() {
  local files=("${@:1:$#-1}")
  { cat "${files[@]}"; printf '%s\n' "${!#}"; } | sha256sum | cut -d ' ' -f 1
}

# begin_install NAME STAMP: ends the script if peers_dir/NAME has this stamp,
# else makes an empty work_dir.
begin_install() {
  target_dir=$peers_dir/$1
  stamp=$2
  mkdir -p "$peers_dir"
  exec 9>"$peers_dir/.$1.lock"
  flock 9
  if [[ -f $target_dir/stamp && $(<"$target_dir/stamp") == "$stamp" ]]; then
    printf '%s is there already\n' "$target_dir"
    exit 0
  fi
  work_dir=$target_dir.new
  rm -rf "$work_dir"
  mkdir "$work_dir"
}

finish_install() {
  printf '%s\n' "$stamp" >"$work_dir/stamp"
  rm -rf "$target_dir"
  mv "$work_dir" "$target_dir"
  printf '%s is installed\n' "$target_dir"
}

# twice COMMAND...: a second try, as registries fail now and then.
twice() {
  "$@" && return
  printf '%s: failed, one more try: %s\n' "$(basename "$0")" "$*" >&2
  "$@"
}

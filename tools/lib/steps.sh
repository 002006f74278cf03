# steps.sh: what the scripts in tools/ share: named steps with their times, and
# an end that says why. To be sourced, after `set -euo pipefail`.
#
#   step "building" cmake --build build     # one line; its output if it fails
#   step_shown "the demo" build/bin/demo    # its output is the point: shown
#   finish "everything is there"            # the last line, with the total
#
# Set is_verbose=yes to see the output of every step.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
script_name=tools/$(basename "$0")
is_verbose=${is_verbose:-no}
begin_us=${EPOCHREALTIME//[!0-9]/}
step_log=$(mktemp)
trap 'rm -f "$step_log"' EXIT

# seconds_since US: "12.3 s" since that time.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME//[!0-9]/} - $1) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

# fail REASON [WHAT_TO_DO]: ends the script.
fail() {
  printf '\n%s: FAILED after %s: %s\n' \
    "$script_name" "$(seconds_since "$begin_us")" "$1" >&2
  [[ $# -lt 2 ]] || printf '  %s\n' "$2" >&2
  exit 1
}

finish() {
  printf '%s: %s (%s)\n' "$script_name" "$1" "$(seconds_since "$begin_us")"
}

# step NAME COMMAND...: ends the script if the command fails; a function ends at
# its first failure. Its output is in the file $step_log until the next step.
step() {
  local name=$1 step_begin_us=${EPOCHREALTIME//[!0-9]/} status=0
  shift
  printf -- '-- %-52s ' "$name"
  # Behind `||` nothing would end at a failure: hence a shell of its own.
  set +e
  if [[ $is_verbose == yes ]]; then
    printf '\n'
    (set -e; "$@") 2>&1 </dev/null | tee "$step_log"
    status=$?
    printf '   %-52s ' ''
  else
    (set -e; "$@") >"$step_log" 2>&1 </dev/null
    status=$?
  fi
  set -e
  printf '%10s\n' "$(seconds_since "$step_begin_us")"
  ((status == 0)) && return
  [[ $is_verbose == yes ]] || cat "$step_log" >&2
  fail "$name: exit code $status" "the command was: $*"
}

# step_shown NAME COMMAND...: as step, but the output is shown in any case.
step_shown() {
  local is_verbose=yes
  step "$@"
}

# configure PRESET: a CMake preset, with ccache where there is one.
configure() {
  local launcher=()
  ! command -v ccache >/dev/null ||
    launcher=(-D CMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -S "$repository" --preset "$1" "${launcher[@]}"
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  (cd "$repository" && cmake --build --preset "$preset" ${1:+--target "$@"})
}

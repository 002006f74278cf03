# browser.sh: which browser the tests use. To be sourced.
#
# Variables: BROWSER names another than Chromium of the search path.

# shellcheck disable=SC2034 # for those who source this
no_browser="there is no Chromium on this machine: install it"
no_browser+=" (tools/setup --browser does), or name one in BROWSER"

find_browser() {
  local name
  for name in "${BROWSER:-}" chromium chromium-browser google-chrome; do
    [[ -n $name ]] && command -v "$name" && return
  done
  return 1
}

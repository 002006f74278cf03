# tsan.sh: CAF under the thread sanitizer, which must see every access to memory:
# one from Debian's library, which it cannot see, would look like a race. To be
# sourced after lib/steps.sh and downloads.sh.
#
#   build_tsan_caf    # build/deps/tsan/{include,lib}, if it is not there

tsan_dir=$deps_dir/tsan

# The source that a layer was made of, or the same once more.
fetch_caf_source() {
  local to=$1 known=$deps_dir/downloads/x86_64/actor-framework_$caf_version.orig.tar.gz
  mkdir -p "$to"
  if [[ -f $known ]]; then
    cp "$known" "$to"
    return
  fi
  copy_apt_sources
  own_apt x86_64 update || own_apt x86_64 update # a network may stumble
  (cd "$to" && own_apt x86_64 source --download-only --tar-only actor-framework)
  rm -rf "$apt_dir"
}

make_tsan_caf() {
  local to=$tsan_dir work=$tsan_dir.work option source
  local options=(-D CAF_LOG_LEVEL=QUIET) flags='-fsanitize=thread -g1 -O1'
  for option in IO OPENSSL OPENCL TOOLS PYTHON EXAMPLES UNIT_TESTS; do
    options+=(-D "CAF_NO_$option=ON")
  done
  ! command -v ccache >/dev/null ||
    options+=(-D CMAKE_CXX_COMPILER_LAUNCHER=ccache)
  rm -rf "$to" "$work"
  mkdir -p "$to/include/caf" "$to/lib"
  fetch_caf_source "$work"
  tar -C "$work" -xf "$work/actor-framework_$caf_version.orig.tar.gz"
  source=$work/actor-framework-$caf_version
  cmake -S "$source" -B "$work/build" -G Ninja -Wno-dev -D CMAKE_BUILD_TYPE=None \
    -D CMAKE_CXX_FLAGS="$flags" "${options[@]}"
  cmake --build "$work/build" --target libcaf_core_shared
  find "$work/build" -name 'libcaf_core.so*' -exec cp -P {} "$to/lib/" \;
  cp -r "$source"/libcaf_core/caf/. "$to/include/caf/"
  find "$to/include/caf" -type f ! -name '*.hpp' -delete
  cp "$(find "$work/build" -name build_config.hpp)" "$to/include/caf/detail/"
  rm -r "$work"
}

build_tsan_caf() {
  local key
  key=$(sha256sum <"$repository/tools/packaging/tsan.sh"; g++ --version)
  [[ ! -f $tsan_dir/made_of || $(<"$tsan_dir/made_of") != "$key" ]] || return 0
  step "building CAF for the thread sanitizer" make_tsan_caf
  printf '%s\n' "$key" >"$tsan_dir/made_of"
}

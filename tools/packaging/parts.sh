# parts.sh: makes the static libraries that the layer is linked from. To be
# sourced after lib/steps.sh and downloads.sh.
#
#   build_parts x86_64    # build/deps/x86_64/{include,lib,copyright}, if not there
#
# Made anew when a download, this file or a patch has changed.

packaging_dir=$repository/tools/packaging
. "$packaging_dir/openssl.sh"

# With a base directory in its settings ccache makes names of sources relative:
# they are in the product, which must not depend on that.
export CCACHE_BASEDIR=

# processor ARCH: as in GNU's names of machines.
processor() {
  [[ $1 != arm64 ]] && echo "$1" || echo aarch64
}

# cmake_part SOURCE BUILD ARCH C_FLAGS OPTION...: configures a library of others.
cmake_part() {
  local source=$1 build=$2 arch=$3 flags=$4 launcher=()
  shift 4
  ! command -v ccache >/dev/null ||
    launcher=(-D CMAKE_C_COMPILER_LAUNCHER=ccache -D CMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -S "$source" -B "$build" -G Ninja -Wno-dev -D CMAKE_BUILD_TYPE=MinSizeRel \
    -D CMAKE_TOOLCHAIN_FILE="$packaging_dir/toolchain.cmake" -D APM_ARCH="$arch" \
    -D CMAKE_C_FLAGS="$flags" -D CMAKE_CXX_FLAGS="$flags" "${launcher[@]}" "$@"
}

# The path must not be in the product, which is the same wherever it was made.
common_flags() {
  printf -- '-ffunction-sections -fdata-sections -ffile-prefix-map=%s=.' "$1"
}

# CAF's core alone, without its logger.
build_caf() {
  local arch=$1 work=$2 to=$3 source=$2/actor-framework-$caf_version option
  local options=(-D CAF_BUILD_STATIC_ONLY=ON -D CAF_LOG_LEVEL=QUIET)
  for option in IO OPENSSL OPENCL TOOLS PYTHON EXAMPLES UNIT_TESTS; do
    options+=(-D "CAF_NO_$option=ON")
  done
  tar -C "$work" -xf "$(downloaded "$arch" 'actor-framework_*.orig.tar.gz')"
  patch -d "$source" -p1 --batch <"$packaging_dir/caf-lean.patch"
  cmake_part "$source" "$work/caf" "$arch" "$(common_flags "$work")" "${options[@]}"
  cmake --build "$work/caf" --target libcaf_core_static
  cp "$(find "$work/caf" -name libcaf_core_static.a)" "$to/lib/libcaf_core.a"
  mkdir -p "$to/include/caf"
  cp -r "$source"/libcaf_core/caf/. "$to/include/caf/"
  find "$to/include/caf" -type f ! -name '*.hpp' -delete
  cp "$(find "$work/caf" -name build_config.hpp)" "$to/include/caf/detail/"
  cp "$source/LICENSE" "$to/copyright/caf"
}

# Debian's patches, but for those that make its other flavours of the library.
patch_curl() {
  local source=$1 name
  sed 's/#.*//' "$source/debian/patches/series" | while read -r name; do
    case $name in
      '' | 90_gnutls.patch | 99_nss.patch) ;;
      *) patch -d "$source" -p1 --batch <"$source/debian/patches/$name" ;;
    esac
  done
  patch -d "$source" -p1 --batch <"$packaging_dir/curl-lazy-names.patch"
}

# HTTP and HTTPS, proxies, AWS's signatures, names by c-ares.
build_curl() {
  local arch=$1 work=$2 to=$3 source option
  local options=(-D BUILD_SHARED_LIBS=OFF -D BUILD_CURL_EXE=OFF -D BUILD_TESTING=OFF
    -D CURL_USE_OPENSSL=ON -D OPENSSL_ROOT_DIR="$to" -D ENABLE_ARES=ON
    -D CARES_INCLUDE_DIR="$to/include" -D CARES_LIBRARY="$to/lib/libcares.a"
    -D CURL_ZLIB=OFF -D USE_LIBIDN2=OFF -D USE_NGHTTP2=OFF -D CURL_USE_LIBPSL=OFF
    -D CURL_USE_LIBSSH2=OFF -D CURL_USE_GSSAPI=OFF -D ENABLE_UNIX_SOCKETS=OFF
    # Where the bundle is, the extension finds out itself.
    -D CURL_CA_BUNDLE=none -D CURL_CA_PATH=none
    # What can only be found out by running something: so it is on Linux.
    -D HAVE_POLL_FINE=1 -D HAVE_GLIBC_STRERROR_R=1 -D HAVE_POSIX_STRERROR_R=0)
  for option in DICT FILE FTP GOPHER IMAP LDAP LDAPS MQTT POP3 RTSP SMB SMTP \
    TELNET TFTP ALTSVC COOKIES DOH GETOPTIONS HSTS MIME NETRC NTLM PARSEDATE \
    PROGRESS_METER SOCKETPAIR OPENSSL_AUTO_LOAD_CONFIG; do
    options+=(-D "CURL_DISABLE_$option=ON")
  done
  tar -C "$work" -xf "$(downloaded "$arch" 'curl_*.orig.tar.gz')"
  source=$(compgen -G "$work/curl-*")
  tar -C "$source" -xf "$(downloaded "$arch" 'curl_*.debian.tar.xz')"
  patch_curl "$source"
  cmake_part "$source" "$work/curl" "$arch" "$(common_flags "$work")" "${options[@]}"
  cmake --build "$work/curl" --target libcurl
  cp "$(find "$work/curl" -name libcurl.a)" "$to/lib/"
  mkdir -p "$to/include/curl"
  cp "$source"/include/curl/*.h "$to/include/curl/"
  cp "$source/COPYING" "$to/copyright/curl"
}

# Debian's static libraries, and their headers without the folder of the
# architecture.
unpack_debian() {
  local arch=$1 work=$2 to=$3 package root=$2/root libc=$2/libc triplet
  local packages=("${library_packages[@]}")
  has_openssl_source "$arch" || packages+=("$openssl_package")
  triplet=$(processor "$arch")-linux-gnu
  for package in "${packages[@]}"; do
    dpkg-deb --extract "$(downloaded "$arch" "${package}_*_$(debian_arch "$arch").deb")" "$root"
    cp "$root/usr/share/doc/$package/copyright" "$to/copyright/$package"
  done
  cp -r "$root"/usr/include/. "$to/include/"
  if [[ -d $to/include/$triplet ]]; then
    cp -r "$to/include/$triplet"/. "$to/include/"
    rm -r "${to:?}/include/$triplet"
  fi
  cp "$root"/usr/lib/"$triplet"/*.a "$to/lib/"
  dpkg-deb --extract "$(downloaded "$arch" "${libc_package}_*_$(debian_arch "$arch").deb")" "$libc"
  cp "$libc/usr/share/doc/$libc_package/copyright" "$to/copyright/$libc_package"
  cp "$libc/usr/lib/$triplet/libc.a" "$to/lib/"
}

# No exception passes through C code (libcurl's callbacks are noexcept, nothing is
# thrown out of one of qsort's, no thread is cancelled), so what unwinds it is dead
# weight: a tenth of the file.
drop_unwind_tables() {
  local arch=$1 to=$2 library
  for library in crypto ssl cares z deflate curl c; do
    "$(processor "$arch")-linux-gnu-objcopy" --strip-debug --remove-section .eh_frame \
      --remove-section .rela.eh_frame "$to/lib/lib$library.a"
  done
}

make_parts() {
  local arch=$1 to=$2 work=$2.work
  rm -rf "$to" "$work"
  mkdir -p "$to"/{include,lib,copyright} "$work"
  unpack_debian "$arch" "$work" "$to"
  ! has_openssl_source "$arch" || build_openssl "$arch" "$work" "$to"
  build_caf "$arch" "$work" "$to"
  build_curl "$arch" "$work" "$to"
  drop_unwind_tables "$arch" "$to"
  rm -r "$work"
}

# What the parts depend on, as one checksum.
parts_key() {
  cat "$(downloads "$1")/SHA256SUMS" "$packaging_dir"/{parts.sh,openssl.sh,toolchain.cmake} \
    "$packaging_dir"/*.patch | sha256sum
  "$(processor "$1")-linux-gnu-g++" --version
}

# build_parts ARCH
build_parts() {
  local arch=$1 to=$deps_dir/$1 key
  has_openssl_source "$arch" ||
    printf '   OpenSSL is as Debian builds it, 1.6 MB more: its source was not to be had\n'
  key=$(parts_key "$arch")
  if [[ -f $to/made_of && $(<"$to/made_of") == "$key" ]]; then
    return
  fi
  step "building CAF, OpenSSL and libcurl for $arch" make_parts "$arch" "$to"
  printf '%s\n' "$key" >"$to/made_of"
}

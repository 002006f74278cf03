# downloads.sh: what the layer is made of, fetched with apt: libraries' sources
# and Debian's static libraries for one architecture. The machine's package
# lists and architectures stay as they are. To be sourced after lib/steps.sh.
#
#   download_parts x86_64    # if it is not all there
#   downloaded x86_64 'curl_*.orig.tar.gz'    # the path of the one file so named
#
# The second time nothing is fetched: SHA256SUMS says what must be there.

deps_dir=$repository/build/deps
apt_dir=$deps_dir/apt

# CAF 0.17.6 is what the project is written for, and what Debian 12 has.
caf_version=0.17.6

# Static libraries and headers.
library_packages=(libc-ares-dev zlib1g-dev libdeflate-dev)
# In place of OpenSSL's source where that is not to be had.
openssl_package=libssl-dev
# Its libc.a alone: that of the cross compiler lags behind Debian's fixes.
libc_package=libc6-dev

# downloads ARCH: the folder.
downloads() {
  printf '%s/downloads/%s' "$deps_dir" "$1"
}

# debian_arch ARCH: Debian's name of the architecture.
debian_arch() {
  case $1 in
    x86_64) echo amd64 ;;
    arm64) echo arm64 ;;
    *) fail "unknown architecture: $1" "there are x86_64 and arm64" ;;
  esac
}

# The machine's own sources of Debian packages, with their source packages and
# without limits to architectures.
copy_apt_sources() {
  local codename to=$apt_dir/sources.list.d file
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  rm -rf "$to"
  mkdir -p "$to" "$apt_dir"/lists/partial "$apt_dir"/cache/archives/partial
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ ! -f $file ]] || grep -E "^deb .* $codename" "$file" |
      sed -E -e 's/ arch=[^] ]*//' -e 'p; s/^deb /deb-src /' >"$to/${file##*/}" ||
      true # a file without any such line
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ ! -f $file ]] || ! grep -q "$codename" "$file" ||
      sed -E -e 's/^Types:.*/Types: deb deb-src/' -e '/^Architectures:/d' \
        "$file" >"$to/${file##*/}"
  done
}

# own_apt ARCH ARGUMENT...: apt-get with lists of its own.
own_apt() {
  local arch
  arch=$(debian_arch "$1")
  shift
  # Without the sandbox user, who may not write here.
  apt-get --quiet --yes \
    -o Dir::State="$apt_dir" -o Dir::State::lists="$apt_dir/lists" \
    -o Dir::State::status=/dev/null -o Dir::Cache="$apt_dir/cache" \
    -o Dir::Etc::sourcelist=/dev/null \
    -o Dir::Etc::sourceparts="$apt_dir/sources.list.d" \
    -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
    -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

# Its source with Debian's patches, never without: they are security fixes. A
# mirror may have them later than the libraries that are made with them.
fetch_openssl() {
  own_apt "$1" source --download-only openssl && return
  rm -f openssl_*
  own_apt "$1" download "$openssl_package"
}

fetch_parts() {
  local arch=$1 to
  to=$(downloads "$arch")
  rm -rf "$to"
  mkdir -p "$to"
  copy_apt_sources
  own_apt "$arch" update || own_apt "$arch" update # a network may stumble
  cd "$to"
  # The tarball alone: its packaging is not always to be had.
  own_apt "$arch" source --download-only --tar-only "actor-framework"
  own_apt "$arch" source --download-only curl
  fetch_openssl "$arch"
  own_apt "$arch" download "${library_packages[@]}" "$libc_package"
  [[ -f actor-framework_$caf_version.orig.tar.gz ]] || {
    printf 'Debian has another CAF than %s now\n' "$caf_version"
    return 1
  }
  rm -rf "$apt_dir" # the lists are of no more use, and large
  sha256sum -- * >"../SHA256SUMS.$arch"
  mv "../SHA256SUMS.$arch" SHA256SUMS
}

# downloaded ARCH PATTERN
downloaded() {
  local found
  found=$(compgen -G "$(downloads "$1")/$2") || return 1
  [[ $found != *$'\n'* ]] || return 1
  printf '%s\n' "$found"
}

# has_openssl_source ARCH
has_openssl_source() {
  downloaded "$1" 'openssl_*.debian.tar.xz' >/dev/null
}

# is_downloaded ARCH: whether all is there that is wanted by now.
is_downloaded() {
  local arch=$1 package
  [[ -f $(downloads "$arch")/SHA256SUMS ]] || return 1
  for package in actor-framework curl "${library_packages[@]}" "$libc_package"; do
    compgen -G "$(downloads "$arch")/${package}_*" >/dev/null || return 1
  done
  has_openssl_source "$arch" ||
    downloaded "$arch" "${openssl_package}_*.deb" >/dev/null
}

# download_parts ARCH
download_parts() {
  local arch=$1
  if [[ ${with_update:-no} == no ]] && is_downloaded "$arch"; then
    step "checking what was downloaded for $arch" \
      env --chdir="$(downloads "$arch")" sha256sum --quiet --check SHA256SUMS
  else
    step "downloading sources and libraries for $arch" fetch_parts "$arch"
  fi
}

# version_of_file FILE: the middle part of name_version_arch.deb, or of
# name_version.dsc. Debian writes the colon of a version as %3a.
version_of_file() {
  local name=${1##*/}
  name=${name#*_}
  name=${name%.*}
  name=${name%_*}
  printf '%s\n' "${name//%3a/:}"
}

# layer.sh: builds the static programs and makes zips of them: the layer, and
# flushtrace for whoever reads traces. To be sourced after lib/steps.sh,
# downloads.sh and parts.sh.
#
#   configure_layer ARCH; build_programs ARCH; make_zips ARCH; show_zips ARCH
#
# build/layer/ then has, each named apm-lambda-extension-ARCH or flushtrace-ARCH:
# .zip, .zip.sha256, .parts.txt (component, version, licence, where from) and
# .licences.txt.

layer_dir=$repository/build/layer

# Program (a CMake target), its place in the zip (that of a layer is unpacked below
# /opt), and the folder for its parts and licences.
zips=(
  "apm-lambda-extension extensions/apm-lambda-extension share/doc/apm-lambda-extension"
  "flushtrace flushtrace ."
)

# The same for all, so that equal contents make equal zips: the earliest time
# that a zip can hold.
layer_time=1980-01-01T00:00:00Z

build_tree() {
  printf '%s/build/package/%s' "$repository" "$1"
}

configure_layer() {
  configure "layer-$1"
}

build_programs() {
  local each targets=()
  for each in "${zips[@]}"; do
    targets+=("${each%% *}")
  done
  cmake --build "$(build_tree "$1")" --target "${targets[@]}"
}

# package_of FILE: the Debian package that has it.
package_of() {
  dpkg-query --search "$(realpath "$1")" | sed 's/[:,].*//; q'
}

# compiler_file ARCH FILE: a library of the compiler's.
compiler_file() {
  "$(processor "$1")-linux-gnu-g++" -print-file-name="$2"
}

# list_parts ARCH PROGRAM: a line for each component that is linked: name, version,
# licence (SPDX), origin, file with the licence; separated by tabs.
list_parts() {
  local arch=$1 program=$2 name licence what package file to=$deps_dir/$1/copyright
  part() { printf '%s\t%s\t%s\t%s\t%s\n' "$@"; }
  part apm-lambda-extension "$(sed -n 's/^project(.* VERSION \([0-9.]*\).*/\1/p' \
    "$repository/CMakeLists.txt")" Apache-2.0 "this project" "$repository/LICENSE"
  part "CAF core" "$caf_version" BSD-3-Clause \
    "Debian's source, with tools/packaging/caf-lean.patch" "$to/caf"
  part libcurl "$(version_of_file "$(downloaded "$arch" 'curl_*.dsc')")" \
    curl "Debian's source, with tools/packaging/curl-lazy-names.patch" "$to/curl"
  if has_openssl_source "$arch"; then
    part OpenSSL "$(version_of_file "$(downloaded "$arch" 'openssl_*.dsc')")" \
      Apache-2.0 "Debian's source, reduced by tools/packaging/openssl.sh" "$to/openssl"
  else
    file=$(downloaded "$arch" "${openssl_package}_*_$(debian_arch "$arch").deb")
    part OpenSSL "$(version_of_file "$file")" Apache-2.0 "Debian, $openssl_package" \
      "$to/$openssl_package"
  fi
  while IFS='|' read -r name licence package; do
    file=$(downloaded "$arch" "${package}_*_$(debian_arch "$arch").deb")
    part "$name" "$(version_of_file "$file")" "$licence" "Debian, $package" "$to/$package"
  done <<'END'
c-ares|MIT|libc-ares-dev
zlib|Zlib|zlib1g-dev
libdeflate|MIT|libdeflate-dev
glibc|LGPL-2.1-or-later|libc6-dev
END
  while IFS='|' read -r name licence what; do
    package=$(package_of "$what")
    part "$name" "$(dpkg-query --show --showformat '${Version}' "$package")" \
      "$licence" "Debian, $package" "/usr/share/doc/$package/copyright"
  done <<END
Boost (Beast, Outcome)|BSL-1.0|/usr/include/boost/version.hpp
RapidJSON|MIT|/usr/include/rapidjson/rapidjson.h
libstdc++ and libgcc|GPL-3.0-or-later WITH GCC-exception-3.1|$(compiler_file "$arch" libstdc++.a)
END
  [[ $program != flushtrace ]] ||
    part CLI11 "$(dpkg-query --show --showformat '${Version}' libcli11-dev)" \
      BSD-3-Clause "Debian, libcli11-dev" /usr/share/doc/libcli11-dev/copyright
}

# licence_text LICENCE FILE: what of the file is about what is linked. Two of
# Debian's are long, and mostly about what is not.
licence_text() {
  case $1 in
    # Of all libraries' authors; the licence exempts object code from notices.
    BSL-1.0) awk 'BEGIN { RS = "" } /^License: BSL-1.0\n/' "$2" ;;
    # Of all of GCC; what the exception applies to comes without conditions.
    *GCC-exception*)
      sed -n '/^GCC RUNTIME LIBRARY EXCEPTION/,/^requirements of the license of GCC/p' "$2"
      ;;
    *) cat "$2" ;;
  esac
}

# Reads list_parts: their licences, then the one that glibc's only names.
licence_texts() {
  local name version licence origin file text
  while IFS=$'\t' read -r name version licence origin file; do
    printf '==== %s %s: %s (%s)\n\n' "$name" "$version" "$licence" "$origin"
    text=$(licence_text "$licence" "$file")
    [[ -n $text ]] || { printf 'no licence in %s\n' "$file" >&2; return 1; }
    printf '%s\n\n' "$text"
  done
  printf '==== LGPL-2.1\n\n'
  cat /usr/share/common-licenses/LGPL-2.1
}

# make_zip ARCH PROGRAM PLACE DOC
make_zip() {
  local arch=$1 program=$2 place=$3 doc=$4 base=$layer_dir/$2-$1 root
  root=$(build_tree "$arch")/zip/$program
  rm -rf "$root"
  mkdir -p "$root/$doc" "$root/$(dirname "$place")" "$layer_dir"
  cp "$(build_tree "$arch")/bin/$program" "$root/$place"
  list_parts "$arch" "$program" >"$root.list"
  cut -f 1-4 "$root.list" | column --table --separator $'\t' \
    --table-columns COMPONENT,VERSION,LICENCE,FROM >"$base.parts.txt"
  licence_texts <"$root.list" >"$base.licences.txt"
  cp "$base.parts.txt" "$root/$doc/parts.txt"
  cp "$base.licences.txt" "$root/$doc/licences.txt"
  chmod 644 "$root/$doc"/*.txt
  chmod 755 "$root/$place"
  find "$root" -exec touch --date "$layer_time" {} +
  rm -f "$base.zip"
  (cd "$root" && find . -type f -printf '%P\n' | LC_ALL=C sort |
    TZ=UTC zip --quiet -1 -X -D "$base.zip" -@)
  # 3 % smaller than zip's best.
  advzip --quiet --recompress --shrink-normal "$base.zip"
  (cd "$layer_dir" && sha256sum "${base##*/}.zip" >"$base.zip.sha256")
}

make_zips() {
  local each
  for each in "${zips[@]}"; do
    # shellcheck disable=SC2086 # its words
    make_zip "$1" $each
  done
}

# show_zips ARCH: what they have become.
show_zips() {
  local each base file
  for each in "${zips[@]}"; do
    base=build/layer/${each%% *}-$1
    file=$(build_tree "$1")/bin/${each%% *}
    printf '   %s: %d bytes, of an executable of %d bytes\n' "$base.zip" \
      "$(stat --format %s "$repository/$base.zip")" "$(stat --format %s "$file")"
    printf '   sha256 %s\n' "$(cut --delimiter ' ' --fields 1 "$repository/$base.zip.sha256")"
  done
}

# openssl.sh: builds libssl and libcrypto from Debian's source, without what a
# client of HTTPS never uses and in sections that the linker can leave out. To be
# sourced by parts.sh.
#
#   build_openssl x86_64 WORK TO    # TO/{include,lib,copyright}
#
# Kept: TLS 1.2 and 1.3 with all suites, groups and signatures of RSA and of curves
# that Debian's library offers; assembly; error texts, which messages to users quote.

openssl_without=(
  # Nothing is loaded at run time, neither code nor openssl.cnf; only libraries are made.
  shared pic module dso engine legacy autoload-config tests ui-console
  # Older than TLS 1.2, or not over TCP.
  ssl3 ssl3-method tls1 tls1-method tls1_1 tls1_1-method dtls dgram srtp
  # Parts of TLS that are not asked for. (Resumption is none of psk's business.)
  psk srp comp nextprotoneg ct ktls multiblock ssl-trace weak-ssl-ciphers
  # Formats and protocols beside TLS.
  cms cmp ts ocsp rfc3779
  # In no suite that OpenSSL offers unasked, and in no certificate of today's.
  aria bf blake2 camellia cast cmac des dsa ec2m gost idea md4 mdc2 ocb rc2 rc4
  rmd160 scrypt seed siphash siv sm2 sm3 sm4 whirlpool
  # As Debian has it; and what depends on where it was built.
  rdrand async filenames
)

openssl_target() {
  printf 'linux-%s' "$(processor "$1")"
}

# Configures and builds in the source's own folder, so that no path gets into the
# product; flags and date do, by mkbuildinf.pl, so neither names this machine.
make_openssl() {
  local arch=$1 compiler
  compiler=$(processor "$arch")-linux-gnu-gcc
  export SOURCE_DATE_EPOCH=0
  ./Configure "$(openssl_target "$arch")" --prefix=/usr --openssldir=/usr/lib/ssl \
    --cross-compile-prefix="$(processor "$arch")-linux-gnu-" \
    "${openssl_without[@]/#/no-}" \
    CFLAGS='-Os -fPIE -ffunction-sections -fdata-sections' CXXFLAGS= CPPFLAGS= LDFLAGS=
  make build_generated crypto/buildinf.h
  ! command -v ccache >/dev/null || compiler="ccache $compiler"
  make -j "$(nproc)" CC="$compiler" libcrypto.a libssl.a
}

build_openssl() {
  local arch=$1 work=$2 to=$3 source name
  tar -C "$work" -xf "$(downloaded "$arch" 'openssl_*.orig.tar.gz')"
  source=$(compgen -G "$work/openssl-*")
  tar -C "$source" -xf "$(downloaded "$arch" 'openssl_*.debian.tar.xz')"
  sed 's/#.*//' "$source/debian/patches/series" | while read -r name _; do
    [[ -z $name ]] || patch -d "$source" -p1 --batch <"$source/debian/patches/$name"
  done
  (cd "$source" && make_openssl "$arch")
  cp "$source"/lib{crypto,ssl}.a "$to/lib/"
  mkdir -p "$to/include/openssl"
  cp "$source"/include/openssl/*.h "$to/include/openssl/"
  cp "$source/LICENSE.txt" "$to/copyright/openssl"
}

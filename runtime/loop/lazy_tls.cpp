// lazy_tls: libcurl initialises OpenSSL when it starts, whatever it is asked:
// 0.6 ms of CPU and 1.3 MB in every cold start, also where no https comes. So
// the first call is left out; OpenSSL makes up for it by itself when the first
// connection needs it. Only in the static build, where the linker can put this
// before OpenSSL's function (--wrap=OPENSSL_init_ssl, see CMakeLists.txt).
#include <openssl/ssl.h>

extern "C" {

int __real_OPENSSL_init_ssl(uint64_t options,
                            const OPENSSL_INIT_SETTINGS* settings);

// Source: lib/vtls/openssl.c of curl 7.88: curl_global_init calls it once,
// before anything else can; SSL_CTX_new calls it again.
int __wrap_OPENSSL_init_ssl(uint64_t options,
                            const OPENSSL_INIT_SETTINGS* settings) {
  static bool is_first = true;
  if (is_first) {
    is_first = false;
    return 1;
  }
  // An openssl.cnf of the sandbox's is not meant for us.
  return __real_OPENSSL_init_ssl(options | OPENSSL_INIT_NO_LOAD_CONFIG,
                                 settings);
}
}

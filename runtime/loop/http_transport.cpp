#include "runtime/loop/http_transport.hpp"

#include "runtime/tls/trust_store.hpp"

#include <openssl/x509_vfy.h>

namespace apm {

namespace {

CURLcode on_tls_context(CURL*, void* context, void* trust) noexcept {
  const bool is_set =
      static_cast<trust_store*>(trust)->use_in(static_cast<SSL_CTX*>(context));
  return is_set ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

void set_text(CURL* easy, CURLoption option, const char* text) {
  curl_easy_setopt(easy, option, text);
}

void set_number(CURL* easy, CURLoption option, long number) {
  curl_easy_setopt(easy, option, number);
}

} // namespace

void configure_transport(CURL* easy, const std::string& url,
                         const http_client_options& options) {
  // Both empty rather than absent: libcurl would read the environment itself,
  // by rules of its own.
  set_text(easy, CURLOPT_PROXY, options.proxies.proxy_for(url).c_str());
  set_text(easy, CURLOPT_NOPROXY, "");
  // A proxy's answer to CONNECT is not the server's.
  set_number(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
  set_number(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  set_number(easy, CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  const auto origin = origin_of(url);
  const bool verifies = !options.unverified_server || !origin
                        || !(*origin == *options.unverified_server);
  set_number(easy, CURLOPT_SSL_VERIFYPEER, verifies ? 1 : 0);
  set_number(easy, CURLOPT_SSL_VERIFYHOST, verifies ? 2 : 0);
  set_number(easy, CURLOPT_PROXY_SSL_VERIFYPEER, verifies ? 1 : 0);
  set_number(easy, CURLOPT_PROXY_SSL_VERIFYHOST, verifies ? 2 : 0);
  if (verifies && options.trust == nullptr)
    return; // by what libcurl was built with
  // libcurl would parse the system's whole bundle: 30 ms of CPU.
  for (auto option : {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO,
                      CURLOPT_PROXY_CAPATH})
    set_text(easy, option, nullptr);
  if (!verifies)
    return;
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, options.trust);
}

std::string explain_tls_failure(CURL* easy, CURLcode code, std::string text) {
  // The words of a server's alert, and OpenSSL's own for what it was offered.
  if (code == CURLE_SSL_CONNECT_ERROR
      && (text.find("alert protocol version") != std::string::npos
          || text.find("unsupported protocol") != std::string::npos))
    return text + ". The server must speak TLS 1.2 or newer";
  if (code != CURLE_PEER_FAILED_VERIFICATION)
    return text;
  long verdict = X509_V_OK;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
  switch (verdict) {
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    return text
           + ". Its CA is not trusted: if it is one of your own, set "
             "ELASTIC_APM_SERVER_CA_CERT_FILE or "
             "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM";
  default:
    return text;
  }
}

} // namespace apm

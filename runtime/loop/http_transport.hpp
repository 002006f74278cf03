// How a request reaches its server: directly or through a proxy, and whom it
// trusts under way. Only http_client's own files include this.
#pragma once

#include "runtime/loop/http_client.hpp"

namespace apm {

/// Sets proxy and TLS of `easy` for a request to `url`. TLS 1.2 is the least;
/// chain and host name are verified unless the options except the server.
void configure_transport(CURL* easy, const std::string& url,
                         const http_client_options& options);

/// Says what failed in a handshake, and what to do where we know.
///
/// @param text libcurl's
std::string explain_tls_failure(CURL* easy, CURLcode code, std::string text);

} // namespace apm

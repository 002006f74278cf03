// Which HTTP proxy a request goes through, as the usual variables say. Pure:
// the variables' values come in, a decision goes out.
//
//   proxy_rules rules{{https_proxy, http_proxy, no_proxy, runtime_api}};
//   rules.proxy_for("https://apm.example:8200/intake/v2/events");
//
// Source: golang.org/x/net/http/httpproxy, whose users these variables have
// had until now; with libcurl, which the proxy's URL is for, as the rest.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// Scheme, host and port of a URL: what a connection is made to.
struct url_origin {
  std::string scheme; ///< in lower case
  std::string host;   ///< in lower case, IPv6 without brackets
  std::string port;   ///< by the scheme, where the URL has none
};

bool operator==(const url_origin& a, const url_origin& b);

/// Reads the origin of an absolute URL. *Errors:* nothing, where it has none.
std::optional<url_origin> origin_of(std::string_view url);

/// Whether a host, as `origin_of` has it, is this machine or beside it:
/// localhost and names below it, loopback, 169.254.0.0/16 (link-local).
bool is_local_host(std::string_view host);

/// The variables' values, each of which may be empty.
struct proxy_settings {
  std::string https_proxy;
  std::string http_proxy;
  std::string no_proxy;
  std::string runtime_api;   ///< host:port, reached directly whatever is said
  std::string container_uri; ///< likewise, where it is a local host's
};

class proxy_rules {
public:
  proxy_rules() = default;
  explicit proxy_rules(const proxy_settings& variables);

  /// Returns the proxy's URL, with its credentials and always with a scheme;
  /// empty: the request goes directly, as to loopback it always does.
  std::string proxy_for(std::string_view url) const;

private:
  using address = std::array<uint8_t, 16>; ///< IPv4 mapped into IPv6

  /// One entry of NO_PROXY.
  struct exemption {
    std::optional<address> network; ///< else it is a name
    unsigned prefix_bits = 128;
    std::string suffix;       ///< ".example.com"
    bool is_host_too = false; ///< "example.com" itself
    std::string port;         ///< empty: all
  };

  static std::optional<exemption> read_network(std::string_view entry);
  static std::optional<exemption> read_exemption(std::string_view entry);
  bool is_exempt(const url_origin& to) const;

  std::string https_proxy_;
  std::string http_proxy_;
  std::string runtime_api_host_;
  std::string runtime_api_port_;
  std::optional<url_origin> local_origin_; ///< of `container_uri`
  bool exempts_all_ = false;               ///< NO_PROXY has a `*`
  std::vector<exemption> exemptions_;
};

} // namespace apm

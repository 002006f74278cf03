#include "runtime/formats/proxy_rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace apm {

namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size()
         && text.substr(text.size() - end.size()) == end;
}

struct host_and_port {
  std::string_view host; ///< without brackets
  std::string_view port; ///< empty: none is there
};

/// Splits "host:port", "[::1]:port", "host", "[::1]" and "::1".
host_and_port split_port(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
      return {text, {}};
    const auto rest = text.substr(end + 1);
    return {text.substr(1, end - 1), rest.empty() || rest.front() != ':'
                                         ? std::string_view{}
                                         : rest.substr(1)};
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos
      || text.find(':', colon + 1) != std::string_view::npos)
    return {text, {}}; // a name, or IPv6
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string default_port(std::string_view scheme) {
  return scheme == "https" ? "443" : "80";
}

/// A value without a scheme is an HTTP proxy's host and port. libcurl has names
/// resolved by a SOCKS proxy only where the scheme says so.
std::string proxy_url(std::string_view value) {
  value = trimmed(value);
  if (value.empty())
    return {};
  const auto scheme_end = value.find("://");
  if (scheme_end == std::string_view::npos)
    return "http://" + std::string{value};
  if (lower(value.substr(0, scheme_end)) == "socks5")
    return "socks5h" + std::string{value.substr(scheme_end)};
  return std::string{value};
}

/// An address as 16 bytes, IPv4 mapped into IPv6.
using address = std::array<uint8_t, 16>;

std::optional<address> read_address(std::string_view text) {
  const std::string terminated{text};
  address a{};
  if (::inet_pton(AF_INET6, terminated.c_str(), a.data()) == 1)
    return a;
  a = {};
  a[10] = a[11] = 0xff;
  if (::inet_pton(AF_INET, terminated.c_str(), a.data() + 12) == 1)
    return a;
  return std::nullopt;
}

bool is_v4(const address& a) {
  static constexpr uint8_t mapped[12] = {0, 0, 0, 0, 0,    0,
                                         0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(a.data(), mapped, sizeof mapped) == 0;
}

bool is_loopback(const address& a) {
  static constexpr address v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return a == v6 || (is_v4(a) && a[12] == 127);
}

/// RFC 3927: no router passes these on.
bool is_link_local(const address& a) {
  return is_v4(a) && a[12] == 169 && a[13] == 254;
}

/// Names below localhost are loopback too. Source: RFC 6761, 6.3.
bool is_localhost(std::string_view name) {
  return name == "localhost" || ends_with(name, ".localhost");
}

} // namespace

bool is_local_host(std::string_view host) {
  const auto a = read_address(host);
  return is_localhost(host) || (a && (is_loopback(*a) || is_link_local(*a)));
}

bool operator==(const url_origin& a, const url_origin& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

std::optional<url_origin> origin_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0)
    return std::nullopt;
  url_origin origin;
  origin.scheme = lower(url.substr(0, scheme_end));
  auto authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  const auto [host, port] = split_port(authority);
  if (host.empty())
    return std::nullopt;
  origin.host = lower(host);
  origin.port = port.empty() ? default_port(origin.scheme) : std::string{port};
  return origin;
}

proxy_rules::proxy_rules(const proxy_settings& variables)
    : https_proxy_(proxy_url(variables.https_proxy)),
      http_proxy_(proxy_url(variables.http_proxy)) {
  const auto [host, port] = split_port(variables.runtime_api);
  runtime_api_host_ = lower(host);
  runtime_api_port_ = port.empty() ? default_port("http") : std::string{port};
  if (auto origin = origin_of(variables.container_uri);
      origin && is_local_host(origin->host))
    local_origin_ = std::move(origin);
  std::string_view rest{variables.no_proxy};
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto entry = lower(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (entry == "*")
      exempts_all_ = true;
    else if (auto read = read_exemption(entry))
      exemptions_.push_back(std::move(*read));
  }
}

/// "10.0.0.0/8", "fd00::/8"
std::optional<proxy_rules::exemption>
proxy_rules::read_network(std::string_view entry) {
  const auto slash = entry.find('/');
  if (slash == std::string_view::npos)
    return std::nullopt;
  const auto digits = entry.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, ec] =
      std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool is_v4 = entry.find(':') == std::string_view::npos;
  exemption e;
  e.network = read_address(entry.substr(0, slash));
  if (!e.network || ec != std::errc{} || end != digits.data() + digits.size()
      || bits > (is_v4 ? 32U : 128U))
    return std::nullopt;
  e.prefix_bits = is_v4 ? bits + 96 : bits;
  return e;
}

std::optional<proxy_rules::exemption>
proxy_rules::read_exemption(std::string_view entry) {
  if (auto network = read_network(entry))
    return network;
  const auto [host, port] = split_port(entry);
  if (host.empty())
    return std::nullopt;
  exemption e;
  e.port = port;
  e.network = read_address(host);
  if (e.network)
    return e;
  // "*.example.com" and ".example.com" leave out "example.com" itself.
  e.suffix = host.substr(host.substr(0, 2) == "*." ? 1 : 0);
  e.is_host_too = e.suffix.front() != '.';
  if (e.is_host_too)
    e.suffix.insert(0, 1, '.');
  return e;
}

bool proxy_rules::is_exempt(const url_origin& to) const {
  if (is_localhost(to.host) || (local_origin_ && to == *local_origin_))
    return true;
  if (to.host == runtime_api_host_ && to.port == runtime_api_port_)
    return true;
  const auto host = read_address(to.host);
  if (host && is_loopback(*host))
    return true;
  if (exempts_all_)
    return true;
  const auto covers = [&](const exemption& e) {
    if (!e.port.empty() && e.port != to.port)
      return false;
    if (!e.network)
      return ends_with(to.host, e.suffix)
             || (e.is_host_too && to.host == e.suffix.substr(1));
    if (!host)
      return false;
    const unsigned whole = e.prefix_bits / 8;
    const unsigned left = e.prefix_bits % 8;
    return std::equal(host->begin(), host->begin() + whole, e.network->begin())
           && (left == 0
               || ((*host)[whole] ^ (*e.network)[whole]) >> (8 - left) == 0);
  };
  return std::any_of(exemptions_.begin(), exemptions_.end(), covers);
}

std::string proxy_rules::proxy_for(std::string_view url) const {
  const auto to = origin_of(url);
  if (!to)
    return {};
  const auto& proxy = to->scheme == "https" ? https_proxy_ : http_proxy_;
  return proxy.empty() || is_exempt(*to) ? std::string{} : proxy;
}

} // namespace apm

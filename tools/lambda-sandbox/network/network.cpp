// Wiring TLS and proxy; see network.hpp.
#include "tools/lambda-sandbox/network/network.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <boost/asio/ip/address.hpp>

#include <fstream>
#include <iterator>
#include <utility>

namespace sandbox {

namespace {

/// Nobody's: only the proxy knows the way. Source: RFC 2606.
constexpr const char* host_behind_proxy = "apm-server.example";

/// Where Debian and Amazon Linux keep what they trust.
constexpr const char* system_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
};

constexpr std::int64_t day_s = 86'400;

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// What this machine trusts; empty where it has no bundle.
std::string system_roots() {
  for (const auto* path : system_bundles)
    if (auto text = read_file(path); !text.empty())
      return text;
  return {};
}

/// As it is written into one line of a configuration.
std::string with_literal_newlines(const std::string& pem) {
  std::string line;
  for (const char c : pem)
    if (c == '\n')
      line += "\\n";
    else
      line += c;
  return line;
}

certificate_wishes wishes_for(const tls_settings& tls,
                              const std::string& host) {
  certificate_wishes wishes;
  boost::system::error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  if (tls.certificate == "wrong_host")
    wishes.host_names = {"another-server.example"};
  else if (is_name)
    wishes.host_names = {host};
  else
    wishes.addresses = {host};
  if (tls.certificate == "expired") {
    wishes.valid_from_s = -2 * day_s;
    wishes.valid_until_s = -day_s;
  }
  return wishes;
}

} // namespace

network::network(boost::asio::io_context& io, const scenario& plan,
                 observer& observer)
    : io_{io}, plan_{plan}, observer_{observer} {}

bool network::open(std::uint16_t server_port, const std::string& directory) {
  const auto& server = plan_.apm_server;
  std::string host = server.host;
  if (host.empty())
    host = plan_.proxy ? host_behind_proxy : "127.0.0.1";
  port_ = server_port;
  if (server.tls && !open_tls(*server.tls, host, directory))
    return false;
  server_url_ = (server.tls ? "https://" : "http://") + host + ":"
                + std::to_string(port_);
  return !plan_.proxy || open_proxy(*plan_.proxy);
}

bool network::open_tls(const tls_settings& tls, const std::string& host,
                       const std::string& directory) {
  const auto authority = make_authority("Sandbox CA");
  const auto stranger = make_authority("Stranger's CA");
  const auto own = issue(tls.certificate == "unknown_ca" ? stranger : authority,
                         wishes_for(tls, host));
  if (own.certificate_pem.empty())
    return fail("no certificate could be made");
  tls_ = std::make_unique<tls_front>(
      io_, own, tls.version_max, [this](const std::string& problem) {
        auto& record = observer_.record();
        ++(problem.empty() ? record.good_handshakes : record.failed_handshakes);
        if (!problem.empty())
          observer_.detail(now_ns(), "apm server",
                           "TLS handshake failed: " + problem);
      });
  port_ = tls_->listen(port_);
  return port_ != 0 ? tell_ca(tls.ca, authority.certificate_pem, directory)
                    : fail("no port for TLS");
}

bool network::tell_ca(const std::string& how, const std::string& pem,
                      const std::string& directory) {
  if (how == "none")
    return true;
  if (how == "pem") {
    environment_["ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM"] =
        with_literal_newlines(pem);
    return true;
  }
  if (how == "acm") {
    environment_["ELASTIC_APM_SERVER_CA_CERT_ACM_ID"] = acm_arn;
    acm_certificate_ = pem;
    return plan_.aws || fail("`ca` is \"acm\", but there is no member `aws`");
  }
  const bool is_system = how == "system";
  const auto path =
      directory + (is_system ? "/system-roots.pem" : "/apm-server-ca.pem");
  std::ofstream file{path, std::ios::binary};
  if (is_system)
    file << system_roots() << '\n';
  file << pem;
  if (!file.flush())
    return fail(path + " can't be written");
  environment_[is_system ? "SSL_CERT_FILE"
                         : "ELASTIC_APM_SERVER_CA_CERT_FILE"] = path;
  return true;
}

bool network::open_proxy(const proxy_settings& proxy) {
  proxy_ = std::make_unique<http_proxy>(
      io_, proxy.credentials, [this](const proxied_request& request) {
        observer_.detail(now_ns(), "proxy",
                         request.method + " " + request.target + " -> "
                             + std::to_string(request.status));
        observer_.record().proxied.push_back(
            {now_ns(), request.method, request.target, request.status});
      });
  const auto port = proxy_->listen(port_);
  if (port == 0)
    return fail("no port for the proxy");
  const auto url = "http://"
                   + (proxy.credentials.empty() ? "" : proxy.credentials + "@")
                   + "127.0.0.1:" + std::to_string(port);
  environment_["HTTP_PROXY"] = url;
  environment_["HTTPS_PROXY"] = url;
  return true;
}

bool network::fail(std::string why) {
  error_ = std::move(why);
  return false;
}

void network::close() {
  if (tls_)
    tls_->close();
  if (proxy_)
    proxy_->close();
}

} // namespace sandbox

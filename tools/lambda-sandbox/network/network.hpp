// The network of a run: TLS in front of the APM Server stand-in and a proxy on
// the way to it, as the scenario wants, and what the extension is told of both.
//   network between{io, scenario, record};
//   if (!between.open(server_port, directory)) … between.error() …
//   environment.merge(between.extension_environment());
#pragma once

#include "tools/lambda-sandbox/network/http_proxy.hpp"
#include "tools/lambda-sandbox/network/tls_front.hpp"
#include "tools/lambda-sandbox/report/observer.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace sandbox {

class network {
public:
  network(boost::asio::io_context& io, const scenario& plan,
          observer& observer);
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  /// Opens what the scenario wants in front of the APM Server's port, and
  /// writes the CA's files into `directory`.
  /// *Errors*: false; `error()` says why.
  [[nodiscard]] bool open(std::uint16_t server_port,
                          const std::string& directory);
  const std::string& error() const { return error_; }

  /// The URL that the extension is to use.
  const std::string& server_url() const { return server_url_; }
  /// Variables that tell it of CA and proxy.
  const environment_map& extension_environment() const { return environment_; }

  /// The run's CA, if the extension is to find it in Certificate Manager under
  /// `acm_arn`; else empty.
  const std::string& acm_certificate() const { return acm_certificate_; }
  static constexpr const char* acm_arn =
      "arn:aws:acm:eu-central-1:123456789012:certificate/sandbox-ca";

  void close();

private:
  bool open_tls(const tls_settings& tls, const std::string& host,
                const std::string& directory);
  bool tell_ca(const std::string& how, const std::string& pem,
               const std::string& directory);
  bool open_proxy(const proxy_settings& proxy);
  bool fail(std::string why);

  boost::asio::io_context& io_;
  const scenario& plan_;
  observer& observer_;
  /// Where the next that is opened passes on to.
  std::uint16_t port_ = 0;
  std::unique_ptr<tls_front> tls_;
  std::unique_ptr<http_proxy> proxy_;
  std::string server_url_;
  environment_map environment_;
  std::string acm_certificate_;
  std::string error_;
};

} // namespace sandbox

// Lambda's Telemetry API and Logs API: takes subscriptions and spreads records
// among the subscribers. Records made before a subscription are given to it
// afterwards.
// Source: AWS Lambda developer guide, "Telemetry API" and "Logs API".
#pragma once

#include "tools/lambda-sandbox/lambda/extensions_api.hpp"
#include "tools/lambda-sandbox/lambda/http_server.hpp"
#include "tools/lambda-sandbox/lambda/telemetry_subscriber.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbox {

/// Which of the two APIs this Lambda has. Where one is missing, a subscription
/// is answered 202, as in AWS's emulator.
enum class telemetry_offer { both, logs_only, none };

class telemetry_api {
public:
  telemetry_api(boost::asio::io_context& io, observer& observer,
                extensions_api& extensions, telemetry_offer offer,
                delivery_settings settings);

  /// INIT ends: nobody can subscribe any more.
  void close_subscriptions();
  /// The extensions are gone. What is emitted from now on is for the next ones,
  /// who may subscribe.
  void end_generation();

  void emit(telemetry_event event);
  void freeze();
  void thaw();
  /// The sandbox shuts down: what is buffered is delivered at once.
  void flush();

  /// Takes a request. *Errors*: false if it is of neither API.
  bool handle(const http_exchange_ptr& exchange);

private:
  void subscribe(const http_exchange_ptr& exchange, bool is_logs_api);
  /// Answers what forbids the subscription. *Errors*: false, and answered.
  bool may_subscribe(const http_exchange_ptr& exchange,
                     const std::string& extension, bool is_logs_api);

  boost::asio::io_context& io_;
  observer& observer_;
  extensions_api& extensions_;
  telemetry_offer offer_;
  delivery_settings settings_;
  std::vector<std::unique_ptr<telemetry_subscriber>> subscribers_;
  /// Kept for those who subscribe later.
  std::vector<telemetry_event_ptr> history_;
  bool is_open_ = true;
};

} // namespace sandbox

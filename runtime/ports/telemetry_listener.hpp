// TELEMETRY LISTENER: where the platform delivers telemetry. Splits a delivery
// into its records and hands them to the COORDINATOR; refuses what is no JSON
// array.
// Source: AWS Lambda developer guide, "Telemetry API reference".
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/loop/http_server.hpp"

namespace apm {

class telemetry_listener {
public:
  telemetry_listener(loop& owner, const http_server_options& options);

  http_server& server() noexcept { return server_; }

  /// Where deliveries go. To be called before the loop runs.
  void connect(invocation_coordinator_actor coordinator) {
    coordinator_ = std::move(coordinator);
  }

private:
  void on_request(server_request request);
  void report(uint16_t status, const std::string& reason, uint64_t body_bytes);

  http_server server_;
  invocation_coordinator_actor coordinator_;
};

} // namespace apm

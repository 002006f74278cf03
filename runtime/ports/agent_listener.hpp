// AGENT LISTENER: what Elastic APM agents talk to. Takes intake bodies in any
// encoding, looks them through, and hands them to the COORDINATOR as one
// message; refuses what is unsound, saves the whole lines of what was cut off;
// passes on what is meant for the APM Server.
//
// Source for what agents send: elastic/apm, specs/agents/transport.md and
// tracing-instrumentation-aws-lambda.md.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/loop/http_server.hpp"

namespace apm {

class agent_listener {
public:
  agent_listener(loop& owner, const http_server_options& options);

  http_server& server() noexcept { return server_; }

  /// Where requests go. To be called before the loop runs.
  void connect(invocation_coordinator_actor coordinator) {
    coordinator_ = std::move(coordinator);
  }

private:
  void on_request(server_request request);
  void on_register(server_request request);
  void on_cut(server_request cut);
  void note_open(int change);
  void on_intake(server_request request);
  void note_metadata(const bytes& metadata);
  void refuse(uint64_t id, uint16_t status, const std::string& reason,
              uint64_t body_bytes);
  void report(uint16_t status, const std::string& reason, uint64_t body_bytes);

  http_server server_;
  uint64_t body_bytes_max_; ///< unpacked
  uint32_t open_bodies_ = 0;
  std::string sound_metadata_; ///< the newest that was judged
  invocation_coordinator_actor coordinator_;
};

} // namespace apm

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

#include <deque>
#include <map>

namespace apm {

class agent_listener {
public:
  agent_listener(loop& owner, const http_server_options& options);

  ~agent_listener();

  http_server& server() noexcept { return server_; }

  /// Where requests go. To be called before the loop runs.
  void connect(invocation_coordinator_actor coordinator) {
    coordinator_ = std::move(coordinator);
  }

private:
  struct waiting_body {
    server_request request;
    bool is_cut = false; ///< its peer has gone in the middle of it
  };

  void on_request(server_request request);
  void note_open(int change);
  void enqueue(waiting_body x);
  void take_waiting();
  void rest();
  void take_intake(server_request request);
  void pass_on_signal();
  void take_cut(server_request cut);
  void take_registration(server_request request);
  void note_unpacked(uint64_t id, uint64_t size);
  void hand_over(agent_intake intake);
  void on_answered(uint64_t id);
  void note_metadata(const bytes& metadata);
  void refuse(uint64_t id, uint16_t status, const std::string& reason,
              uint64_t body_bytes);
  void report(uint16_t status, const std::string& reason, uint64_t body_bytes);

  http_server server_;
  uint64_t body_bytes_max_; ///< unpacked
  uint32_t open_bodies_ = 0;
  std::deque<waiting_body> waiting_; ///< to be unpacked
  uint64_t waiting_cut_bytes_ = 0;   ///< as they came
  bool is_taking_ = false;
  bool is_resting_ = false;
  timer_queue::timer_id timer_{};
  /// Bodies that the COORDINATOR has not answered yet, and their sum.
  std::map<uint64_t, uint64_t> unpacked_;
  uint64_t unpacked_bytes_ = 0;
  uint64_t next_cut_id_;
  loop& loop_;
  std::string sound_metadata_; ///< the newest that was judged
  invocation_coordinator_actor coordinator_;
};

} // namespace apm

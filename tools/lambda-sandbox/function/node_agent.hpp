// Node agent: Elastic's Node.js agent on the wire (measured: elastic-apm-node
// 4.18.0). Per invocation: registration (plain, two chunks), intake (gzip level
// 1, chunked, opened 20 ms after the first event, at 50 events or at the end),
// flush signal (empty POST) on the other of two pooled connections. The handler
// waits for all three answers. Nothing is ever sent again.
#pragma once

#include "tools/lambda-sandbox/function/agent.hpp"
#include "tools/lambda-sandbox/function/body_encoder.hpp"

#include <array>
#include <deque>
#include <optional>

namespace sandbox::builtin {

class node_agent : public agent {
public:
  explicit node_agent(agent_context context);

  void start() override;
  void begin(const agent_options& options,
             const agent_event& registration) override;
  void add(agent_event event) override;
  void work_until(std::int64_t until_ns) override;
  void finish(std::vector<agent_event> transactions,
              std::vector<agent_event> errors) override;
  void add_late(agent_event event) override;
  http_headers data_headers() const override;

private:
  /// A request to the intake that has begun.
  struct intake_request {
    intake_request();

    body_encoder encoder{body_encoding::gzip, 1};
    std::vector<std::uint64_t> lines;
    std::int64_t opened_ns = 0;
    /// 0 while the body is open.
    std::int64_t answer_deadline_ns = 0;
    std::size_t wire_bytes = 0;
    bool is_ended() const { return answer_deadline_ns > 0; }
  };

  http_headers common_headers() const;
  void register_transaction(const agent_event& registration);
  void open_intake();
  void send_queue();
  bool send_encoded(const std::string& bytes);
  void end_intake();
  /// Reads the answer that is there, or waits for it.
  void read_answer();
  void fail_intake(const std::string& reason);
  void send_everything();
  void send_flush();
  void close_idle();
  /// Does what is due by now; returns when the next thing is.
  std::int64_t do_due(std::int64_t until_ns);
  http_connection& data_connection() { return pool_[active_]; }

  agent_options options_;
  std::array<http_connection, 2> pool_;
  /// The connection of registration and intake; the other is the flush's. They
  /// swap after each flush.
  std::size_t active_ = 0;
  bool is_registering_ = true;
  std::deque<agent_event> queue_;
  /// How many at the front of the queue are of an earlier invocation.
  std::size_t late_events_ = 0;
  std::int64_t first_event_ns_ = 0;
  std::optional<intake_request> intake_;
};

} // namespace sandbox::builtin

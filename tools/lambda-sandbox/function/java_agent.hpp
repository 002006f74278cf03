// Java agent: Elastic's Java agent on the wire (from its sources, 1.56; headers
// measured with the JDK's HttpURLConnection). Plain bodies in 16 KiB chunks (to
// another host than this one: deflate). An intake request begins with the first
// event, with the metadata line at once, and stays open up to 10 s. The flush
// signal is a POST of its own whose body is the metadata line. The handler
// waits at most 1 s for all of it.
#pragma once

#include "tools/lambda-sandbox/function/agent.hpp"
#include "tools/lambda-sandbox/function/body_encoder.hpp"

#include <deque>
#include <optional>

namespace sandbox::builtin {

class java_agent : public agent {
public:
  explicit java_agent(agent_context context);

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
  /// A request to the intake whose body is open.
  struct intake_request {
    body_encoder encoder;
    std::string buffered;
    std::vector<std::uint64_t> lines;
    std::int64_t opened_ns = 0;
    std::size_t wire_bytes = 0;
  };

  http_headers request_headers(const char* content_type,
                               const char* request_id) const;
  void register_transaction(const agent_event& registration);
  bool open_intake();
  void write(const agent_event& event);
  bool send_buffered(std::size_t keep_less_than);
  void end_intake(std::int64_t deadline_ns);
  void send_flush(std::int64_t deadline_ns);
  void fail(const std::string& reason);
  bool is_local() const;

  agent_options options_;
  http_connection connection_;
  bool is_registering_ = true;
  std::optional<intake_request> intake_;
  /// Events of a time in which the reporter's thread slept.
  std::deque<agent_event> queue_;
  std::int64_t errors_ = 0;
  std::int64_t back_off_until_ns_ = 0;
};

} // namespace sandbox::builtin

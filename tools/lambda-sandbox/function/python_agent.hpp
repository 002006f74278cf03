// Python agent: Elastic's Python agent on the wire (from its sources, 6.26;
// headers measured with urllib3). Registration: Content-Length, plain, no
// newline at the end, and only if ELASTIC_APM_LAMBDA_APM_SERVER is set. Data
// and flush signal are one POST: gzip level 5 with Content-Length; without data
// its body is empty, and labelled gzip all the same. After an error it backs
// off and drops data and flush signal together.
#pragma once

#include "tools/lambda-sandbox/function/agent.hpp"
#include "tools/lambda-sandbox/function/body_encoder.hpp"

#include <optional>
#include <random>

namespace sandbox::builtin {

class python_agent : public agent {
public:
  explicit python_agent(agent_context context);

  void begin(const agent_options& options,
             const agent_event& registration) override;
  void add(agent_event event) override;
  void work_until(std::int64_t until_ns) override;
  void finish(std::vector<agent_event> transactions,
              std::vector<agent_event> errors) override;
  void add_late(agent_event event) override;
  http_headers data_headers() const override;

private:
  /// What is to be sent with the next POST.
  struct buffer {
    buffer();

    body_encoder encoder{body_encoding::gzip, 5};
    std::string encoded;
    std::vector<std::uint64_t> lines;
  };

  http_headers request_headers(const char* content_type, bool is_gzip,
                               std::size_t content_length) const;
  void register_transaction(const agent_event& registration);
  void ask_info();
  void send_buffer(bool is_flush);
  void fail(const std::string& reason);
  bool is_backing_off() const;

  agent_options options_;
  /// urllib3 keeps one connection per host.
  http_connection connection_;
  bool is_registering_ = true;
  bool has_info_ = false;
  std::optional<buffer> buffer_;
  std::int64_t last_flush_ns_ = 0;
  std::int64_t flush_after_ns_ = 0;
  /// -1: online.
  std::int64_t retry_number_ = -1;
  std::int64_t failed_ns_ = 0;
  std::mt19937_64 random_{std::random_device{}()};
};

} // namespace sandbox::builtin

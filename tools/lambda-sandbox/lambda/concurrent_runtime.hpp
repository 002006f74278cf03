// The Runtime API under Lambda Managed Instances: each worker of the runtime
// asks for its next invocation by itself, so that several hang and several run
// at once; what is said of an invocation is told by the request id in the path.
//   concurrent_runtime workers{observer, {…}};
//   while (workers.is_waiting()) workers.hand_out({…});
// Source: AWS Lambda developer guide, "Using the Lambda runtime API for custom
// runtimes"; AWS's emulator, internal/lambda-managed-instances/invoke.
#pragma once

#include "tools/lambda-sandbox/lambda/runtime_request.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace sandbox {

class concurrent_runtime {
public:
  struct handlers {
    /// A worker waits for an invocation.
    std::function<void(std::int64_t at_ns)> on_next;
    std::function<void(const runtime_outcome&)> on_outcome;
    std::function<void(std::int64_t at_ns, std::string error_type)>
        on_init_error;
  };

  concurrent_runtime(observer& observer, handlers handle);

  /// A new runtime starts.
  void begin();
  /// Whether a worker waits that is still alive.
  bool is_waiting();
  /// Gives the worker that has waited longest its invocation. One must wait.
  void hand_out(const runtime_invocation& invocation);
  /// Its caller has got a time-out; what its worker says later is refused.
  void time_out(const std::string& request_id);
  /// Takes a request. *Errors*: false if it is none of this API.
  bool handle(const http_exchange_ptr& exchange);

private:
  void outcome(const http_exchange_ptr& exchange, const std::string& request_id,
               bool is_error);
  void init_error(const http_exchange_ptr& exchange);

  observer& observer_;
  handlers handlers_;
  std::deque<http_exchange_ptr> waiting_;
  std::set<std::string> running_;
  std::set<std::string> timed_out_;
  bool is_ready_ = false;
  bool has_failed_init_ = false;
};

} // namespace sandbox

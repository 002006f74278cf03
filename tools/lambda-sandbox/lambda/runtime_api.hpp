// Lambda's Runtime API (/2018-06-01/runtime/…): the runtime asks for the next
// invocation, answers it, asks again. One object serves all runtimes of a run,
// one after the other; `begin` makes it forget the one before.
// Source: AWS Lambda developer guide, "Runtime API"; AWS's emulator,
// internal/lambda/rapi/handler and core/states.go.
#pragma once

#include "tools/lambda-sandbox/lambda/runtime_request.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

class runtime_api {
public:
  struct handlers {
    /// The runtime asked for an invocation and has none to finish.
    std::function<void(std::int64_t at_ns)> on_next;
    std::function<void(const runtime_outcome&)> on_outcome;
    std::function<void(std::int64_t at_ns, std::string error_type)>
        on_init_error;
  };

  runtime_api(observer& observer, handlers handle);

  /// A new runtime starts.
  void begin();
  bool is_waiting() const { return state_ == state::ready; }
  /// Gives the waiting runtime its invocation.
  void hand_out(runtime_invocation invocation);
  /// Takes a request. *Errors*: false if it is none of this API.
  bool handle(const http_exchange_ptr& exchange);

private:
  enum class state { started, ready, running, responded, failed_init };

  static const char* name_of(state state);
  void next(const http_exchange_ptr& exchange);
  void outcome(const http_exchange_ptr& exchange, std::string_view request_id,
               bool is_error);
  void init_error(const http_exchange_ptr& exchange);
  void refuse(const http_exchange_ptr& exchange, std::string_view wanted);

  observer& observer_;
  handlers handlers_;
  state state_ = state::started;
  /// AWS's own runtimes may have several `next` hanging.
  std::vector<http_exchange_ptr> waiting_;
  runtime_invocation invocation_;
};

} // namespace sandbox

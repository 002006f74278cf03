// Workers, side by side; see concurrent_runtime.hpp.
#include "tools/lambda-sandbox/lambda/concurrent_runtime.hpp"

#include "tools/lambda-sandbox/lambda/api_answers.hpp"

#include <utility>

namespace sandbox {

concurrent_runtime::concurrent_runtime(observer& observer, handlers handle)
    : observer_{observer}, handlers_{std::move(handle)} {}

void concurrent_runtime::begin() {
  waiting_.clear();
  running_.clear();
  timed_out_.clear();
  is_ready_ = false;
  has_failed_init_ = false;
}

bool concurrent_runtime::is_waiting() {
  // A worker that has died leaves its request behind.
  while (!waiting_.empty() && waiting_.front()->is_abandoned())
    waiting_.pop_front();
  return !waiting_.empty();
}

void concurrent_runtime::hand_out(const runtime_invocation& invocation) {
  running_.insert(invocation.request_id);
  send_invocation(waiting_.front(), invocation);
  waiting_.pop_front();
}

void concurrent_runtime::time_out(const std::string& request_id) {
  running_.erase(request_id);
  timed_out_.insert(request_id);
}

bool concurrent_runtime::handle(const http_exchange_ptr& exchange) {
  std::string_view request_id;
  const auto call = call_of(exchange->request(), request_id);
  switch (call) {
  case runtime_call::none:
    return false;
  case runtime_call::ping:
    exchange->answer(200, "pong");
    return true;
  case runtime_call::next:
    is_ready_ = true;
    waiting_.push_back(exchange);
    handlers_.on_next(exchange->request().arrived_ns);
    return true;
  case runtime_call::init_error:
    init_error(exchange);
    return true;
  case runtime_call::response:
  case runtime_call::error:
    outcome(exchange, std::string{request_id}, call == runtime_call::error);
    return true;
  }
  return false;
}

void concurrent_runtime::outcome(const http_exchange_ptr& exchange,
                                 const std::string& request_id, bool is_error) {
  if (timed_out_.erase(request_id) != 0)
    return answer_error(exchange, observer_, function_program, 410,
                        "InvokeTimeout", "Invoke timeout");
  if (running_.count(request_id) == 0)
    return answer_error(exchange, observer_, function_program, 400,
                        "InvalidRequestID", "Invalid request ID");
  const auto said = take_outcome(exchange, observer_, request_id, is_error);
  if (!said)
    return;
  running_.erase(request_id);
  handlers_.on_outcome(*said);
}

void concurrent_runtime::init_error(const http_exchange_ptr& exchange) {
  if (is_ready_ || has_failed_init_)
    return answer_error(
        exchange, observer_, function_program, 403, "InvalidStateTransition",
        transition_refused(has_failed_init_ ? "InitError" : "Ready",
                           "InitError", "runtime"));
  has_failed_init_ = true;
  answer_accepted(exchange);
  handlers_.on_init_error(exchange->request().arrived_ns,
                          error_type_of(exchange->request()));
}

} // namespace sandbox

// The runtime's state machine; see runtime_api.hpp.
#include "tools/lambda-sandbox/lambda/runtime_api.hpp"

#include "tools/lambda-sandbox/lambda/api_answers.hpp"

#include <utility>

namespace sandbox {

runtime_api::runtime_api(observer& observer, handlers handle)
    : observer_{observer}, handlers_{std::move(handle)} {}

void runtime_api::begin() {
  state_ = state::started;
  waiting_.clear();
  invocation_ = {};
}

const char* runtime_api::name_of(state state) {
  switch (state) {
  case state::started:
    return "Started";
  case state::ready:
    return "Ready";
  case state::running:
    return "Running";
  case state::responded:
    return "RuntimeResponseSent";
  case state::failed_init:
    return "InitError";
  }
  return "";
}

bool runtime_api::handle(const http_exchange_ptr& exchange) {
  std::string_view request_id;
  const auto call = call_of(exchange->request(), request_id);
  switch (call) {
  case runtime_call::none:
    return false;
  case runtime_call::ping:
    exchange->answer(200, "pong");
    return true;
  case runtime_call::next:
    next(exchange);
    return true;
  case runtime_call::init_error:
    init_error(exchange);
    return true;
  case runtime_call::response:
  case runtime_call::error:
    outcome(exchange, request_id, call == runtime_call::error);
    return true;
  }
  return false;
}

void runtime_api::refuse(const http_exchange_ptr& exchange,
                         std::string_view wanted) {
  answer_error(exchange, observer_, function_program, 403,
               "InvalidStateTransition",
               transition_refused(name_of(state_), wanted, "runtime"));
}

void runtime_api::next(const http_exchange_ptr& exchange) {
  if (state_ == state::failed_init)
    return refuse(exchange, "Ready");
  if (state_ == state::running)
    // The same once more, as Lambda does.
    return send_invocation(exchange, invocation_);
  waiting_.push_back(exchange);
  if (std::exchange(state_, state::ready) != state::ready)
    handlers_.on_next(exchange->request().arrived_ns);
}

void runtime_api::hand_out(runtime_invocation invocation) {
  invocation_ = std::move(invocation);
  state_ = state::running;
  for (const auto& exchange : std::exchange(waiting_, {}))
    send_invocation(exchange, invocation_);
}

void runtime_api::outcome(const http_exchange_ptr& exchange,
                          std::string_view request_id, bool is_error) {
  const auto* wanted =
      is_error ? "InvocationErrorResponse" : "InvocationResponse";
  if (invocation_.request_id.empty() || request_id != invocation_.request_id) {
    if (invocation_.request_id.empty())
      return refuse(exchange, wanted);
    return answer_error(exchange, observer_, function_program, 400,
                        "InvalidRequestID", "Invalid request ID");
  }
  if (state_ != state::running)
    return refuse(exchange, wanted);
  const auto said = take_outcome(exchange, observer_, request_id, is_error);
  if (!said)
    return;
  state_ = state::responded;
  handlers_.on_outcome(*said);
}

void runtime_api::init_error(const http_exchange_ptr& exchange) {
  if (state_ != state::started)
    return refuse(exchange, "InitError");
  state_ = state::failed_init;
  answer_accepted(exchange);
  handlers_.on_init_error(exchange->request().arrived_ns,
                          error_type_of(exchange->request()));
}

} // namespace sandbox

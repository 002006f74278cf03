// INVOKE: one invocation after the other, each until the runtime and all
// extensions have asked for their next event, or its deadline, or a crash; see
// lambda_platform.hpp.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/identifiers.hpp"
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"

#include <algorithm>
#include <utility>

namespace sandbox {

namespace {

/// Frozen time before a warm invocation, where the scenario names none.
constexpr std::int64_t usual_pause_ms = 50;

} // namespace

bool lambda_platform::find_planned() {
  const auto& plan = scenario_.invocations;
  while (planned_ < plan.size() && repetition_ == plan[planned_].repeat) {
    ++planned_;
    repetition_ = 0;
  }
  return planned_ < plan.size();
}

void lambda_platform::next_invocation() {
  if (is_managed())
    return start_concurrent();
  if (!find_planned()) {
    if (phase_ == phase::none)
      return on_end_();
    if (scenario_.shutdown_after_ms > 0 && scenario_.is_shutdown_frozen)
      freeze();
    return pause_timer_.after_ms(scenario_.shutdown_after_ms, [this] {
      stop({scenario_.shutdown_reason, false, false, on_end_});
    });
  }
  // A sandbox is made for its first invocation: INIT at once, then the pause.
  const bool is_first = observer_.record().inits.empty();
  if (is_first)
    return start_init("init", [this](bool) { prepare_invocation(); });
  prepare_invocation();
}

void lambda_platform::prepare_invocation() {
  const auto& planned = scenario_.invocations[planned_];
  const bool is_fresh = is_cold_ && phase_ == phase::idle;
  const auto pause_ms =
      planned.after_ms.value_or(is_fresh ? 0 : usual_pause_ms);
  const auto go_on = [this] {
    if (phase_ == phase::idle)
      return begin_invocation();
    // After a reset, or an INIT that failed, the invocation makes its sandbox.
    start_init("invoke", [this](bool is_ok) {
      is_ok ? begin_invocation() : fail_without_sandbox();
    });
  };
  if (pause_ms == 0)
    return go_on();
  if (phase_ == phase::idle && planned.is_frozen) {
    freeze();
    arm_kill("pause");
  }
  pause_timer_.after_ms(pause_ms, go_on);
}

/// There is no sandbox for it: nobody was told of it.
void lambda_platform::fail_without_sandbox() {
  record_invocation(scenario_.invocations[planned_]);
  invocation().is_extension_killed = is_init_killed_;
  invocation().status = "failure";
  invocation().error_type = error_type_;
  conclude_invocation();
  next_invocation();
}

void lambda_platform::record_invocation(const scenario_invocation& planned) {
  auto& invocations = observer_.record().invocations;
  invocation_record record;
  record.number = invocations.size() + 1;
  record.scenario_index = planned_;
  record.request_id =
      planned.request_id.empty() ? make_uuid() : planned.request_id;
  record.is_cold_start = std::exchange(is_cold_, false);
  record.frozen_ns = frozen_for_ns_;
  for (const auto& extension : extensions_.all())
    if (extension.is_subscribed("INVOKE"))
      record.extensions.push_back({extension.name, 0, -1});
  record.begin_ns = now_ns();
  invocations.push_back(std::move(record));
}

void lambda_platform::begin_invocation() {
  thaw();
  phase_ = phase::invoke;
  error_type_.clear();
  const auto& planned = scenario_.invocations[planned_];
  record_invocation(planned);
  invocation().trace_header = make_trace_header();
  sample_all();
  for (const auto& each : extension_programs_)
    processor_before_[each->name()] = each->usage().processor_ns;
  hand_out(planned);
  telemetry_.thaw();
}

void lambda_platform::hand_out(const scenario_invocation& planned) {
  auto& record = invocation();
  const auto& function = scenario_.function;
  const auto tracing = tracing_of(record);
  const auto start = json_object{}
                         .add("requestId", record.request_id)
                         .add("version", function.version);
  emit(platform_event("start", json_object{start}.add("tracing", tracing),
                      start));
  emit_further(planned);
  const auto timeout_ms = set_deadline(record, planned);
  extensions_.send_invoke(json_object{}
                              .add("eventType", "INVOKE")
                              .add("deadlineMs", record.deadline_unix_ms)
                              .add("requestId", record.request_id)
                              .add("invokedFunctionArn", function.arn())
                              .add("tracing", tracing)
                              .text());
  runtime_.hand_out({record.request_id, record.deadline_unix_ms, function.arn(),
                     record.trace_header, planned.payload});
  phase_timer_.at(record.deadline_ns, [this] { on_deadline(); });
  kills_.disarm();
  arm_kill("invoke");
  observer_.note(record.begin_ns, "lambda",
                 "INVOKE, deadline in " + std::to_string(timeout_ms) + " ms");
}

/// The moment the extension is told, cut to the whole milliseconds it is told.
std::int64_t
lambda_platform::set_deadline(invocation_record& record,
                              const scenario_invocation& planned) const {
  const auto timeout_ms = planned.timeout_ms > 0
                              ? planned.timeout_ms
                              : scenario_.function.timeout_ms;
  record.begin_ns = now_ns();
  const auto unix_ns = unix_ns_at(record.begin_ns);
  record.deadline_unix_ms = unix_ns / ns_per_ms + timeout_ms;
  record.deadline_ns =
      record.begin_ns + record.deadline_unix_ms * ns_per_ms - unix_ns;
  return timeout_ms;
}

void lambda_platform::on_outcome(const runtime_outcome& outcome) {
  if (phase_ != phase::invoke)
    return;
  auto& record = invocation();
  record.response_ns = outcome.at_ns;
  record.response_bytes = outcome.bytes;
  record.error_type = outcome.error_type;
  observer_.note(outcome.at_ns, "function",
                 outcome.error_type.empty()
                     ? "responded (" + std::to_string(outcome.bytes) + " bytes)"
                     : "reported the error " + outcome.error_type);
}

void lambda_platform::check_invocation() {
  if (invocation().runtime_next_ns != 0 && extensions_.are_invoked_waiting())
    finish_invocation();
}

void lambda_platform::finish_invocation() {
  auto& record = invocation();
  record.status = record.error_type.empty() ? "success" : "error";
  phase_ = phase::idle;
  phase_timer_.cancel();
  conclude_invocation();
  schedule_report();
  next_invocation();
}

void lambda_platform::take_processor_times() {
  sample_all();
  for (auto& turn : invocation().extensions)
    for (const auto& each : extension_programs_)
      if (each->name() == turn.name && each->usage().processor_ns >= 0)
        turn.processor_ns =
            each->usage().processor_ns - processor_before_[turn.name];
}

void lambda_platform::conclude_invocation() {
  auto& record = invocation();
  if (record.end_ns == 0) {
    record.end_ns = now_ns();
    take_processor_times();
  }
  observer_.note(
      record.end_ns, "lambda",
      "invocation over: " + record.status
          + (record.error_type.empty() ? "" : " " + record.error_type));
  ++repetition_;
}

void lambda_platform::on_deadline() {
  auto& record = invocation();
  const bool is_functions_fault = record.runtime_next_ns == 0;
  record.timed_out_by = is_functions_fault ? "function" : "extension";
  record.status = "timeout";
  observer_.note(now_ns(), "lambda",
                 "deadline: the " + record.timed_out_by
                     + " is still busy; the sandbox is reset");
  if (function_program_)
    function_program_->drain();
  if (is_functions_fault)
    emit_runtime_done(record, "timeout", {});
  reset_invocation("timeout");
}

void lambda_platform::fail_invocation(const std::string& error_type,
                                      const std::string& why) {
  auto& record = invocation();
  record.status = "failure";
  record.error_type = error_type;
  observer_.note(now_ns(), "lambda",
                 error_type + ": " + why + "; the sandbox is reset");
  if (function_program_)
    function_program_->drain();
  if (record.runtime_next_ns == 0)
    emit_runtime_done(record, "error", error_type);
  reset_invocation("failure");
}

void lambda_platform::reset_invocation(const char* reason) {
  invocation().end_ns = now_ns();
  take_processor_times();
  const auto& telemetry = scenario_.telemetry;
  const bool is_report_due =
      telemetry.report_after_reset && !telemetry.report_in_shutdown;
  if (telemetry.report_in_shutdown)
    emit_report(observer_.record().invocations.size() - 1);
  stop({reason, true, true, [this, is_report_due] {
          conclude_invocation();
          if (is_report_due)
            emit_report(observer_.record().invocations.size() - 1);
          next_invocation();
        }});
}

} // namespace sandbox

// Lambda Managed Instances: invocations side by side, as many as the runtime
// has workers. Nothing freezes, extensions hear of no invocation, a time-out
// ends nothing but the caller's wait, and platform.report is all that is said
// of an end. See lambda_platform.hpp.
// Source: AWS Lambda developer guide, "Understanding the Lambda Managed
// Instances execution environment"; AWS's emulator,
// internal/lambda-managed-instances/invoke.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/identifiers.hpp"
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"

#include <algorithm>
#include <utility>

namespace sandbox {

/// A sandbox is made for all that is planned, and another where it fails.
void lambda_platform::start_concurrent() {
  if (!find_planned())
    return on_end_();
  start_init(observer_.record().inits.empty() ? "init" : "invoke",
             [this](bool is_ok) {
               is_ok ? begin_concurrent() : fail_without_sandbox();
             });
}

void lambda_platform::begin_concurrent() {
  phase_ = phase::invoke;
  error_type_.clear();
  sample_all();
  plan_concurrent();
}

/// The next planned invocation comes so long after the begin of the one before.
void lambda_platform::plan_concurrent() {
  if (!find_planned())
    return check_concurrent_end();
  pause_timer_.after_ms(scenario_.invocations[planned_].after_ms.value_or(0),
                        [this] {
                          is_next_due_ = true;
                          hand_out_concurrent();
                        });
}

/// Lambda refuses an invocation while all workers are busy, and its caller
/// tries again: here it waits for a worker.
void lambda_platform::hand_out_concurrent() {
  if (phase_ != phase::invoke || !is_next_due_ || !workers_.is_waiting())
    return;
  is_next_due_ = false;
  const auto& planned = scenario_.invocations[planned_];
  const auto& function = scenario_.function;
  record_invocation(planned);
  const auto index = observer_.record().invocations.size() - 1;
  auto& record = invocation();
  record.trace_header = make_trace_header();
  const auto start = json_object{}
                         .add("requestId", record.request_id)
                         .add("version", function.version)
                         .add("functionArn", function.arn())
                         .add("tracing", tracing_of(record));
  emit(platform_event("start", start));
  emit_further(planned);
  const auto timeout_ms = set_deadline(record, planned);
  workers_.hand_out({record.request_id, record.deadline_unix_ms, function.arn(),
                     record.trace_header, planned.payload});
  auto& timer = running_[record.request_id];
  timer = std::make_unique<one_shot_timer>(io_);
  timer->at(record.deadline_ns, [this, index] {
    auto& late = observer_.record().invocations[index];
    late.timed_out_by = "function";
    workers_.time_out(late.request_id);
    end_concurrent(index, "timeout", "Sandbox.Timedout");
  });
  observer_.note(record.begin_ns, "lambda",
                 "invocation " + std::to_string(record.number) + " ("
                     + record.request_id + ") begins, deadline in "
                     + std::to_string(timeout_ms) + " ms; "
                     + std::to_string(running_.size()) + " run");
  auto& most = observer_.record().concurrent_max;
  most = std::max(most, running_.size());
  ++repetition_;
  plan_concurrent();
}

void lambda_platform::on_concurrent_outcome(const runtime_outcome& outcome) {
  auto& invocations = observer_.record().invocations;
  for (auto i = invocations.size(); i-- > 0;) {
    auto& record = invocations[i];
    if (record.request_id != outcome.request_id || record.end_ns != 0)
      continue;
    record.response_ns = outcome.at_ns;
    record.response_bytes = outcome.bytes;
    return end_concurrent(i, outcome.error_type.empty() ? "success" : "error",
                          outcome.error_type);
  }
}

void lambda_platform::end_concurrent(std::size_t index,
                                     const std::string& status,
                                     const std::string& error_type) {
  // Its lines came before: they must not be told after its end.
  if (function_program_)
    function_program_->drain();
  auto& record = observer_.record().invocations[index];
  record.end_ns = now_ns();
  record.status = status;
  record.error_type = error_type;
  running_.erase(record.request_id);
  observer_.note(record.end_ns, "lambda",
                 "invocation " + std::to_string(record.number) + " ("
                     + record.request_id + ") over: " + status
                     + (error_type.empty() ? "" : " " + error_type));
  if (scenario_.managed->has_runtime_done)
    emit_runtime_done(record, status, error_type);
  emit_concurrent_report(record);
  check_concurrent_end();
}

void lambda_platform::emit_concurrent_report(const invocation_record& record) {
  auto report = json_object{}
                    .add("requestId", record.request_id)
                    .add("status", record.status);
  if (!record.error_type.empty())
    report.add("errorType", record.error_type);
  report.add(
      "metrics",
      json_object{}.add("durationMs", to_ms(record.end_ns - record.begin_ns)));
  if (record.response_ns != 0)
    report.add_json(
        "spans",
        spans_json({{"responseLatency", record.begin_ns, record.response_ns},
                    {"responseDuration", record.response_ns, record.end_ns}}));
  report.add("tracing", tracing_of(record));
  emit_report_of(record, platform_event("report", report, report));
}

void lambda_platform::check_concurrent_end() {
  const bool is_over = planned_ == scenario_.invocations.size()
                       && (running_.empty() || !scenario_.shutdown_waits);
  if (!is_over || phase_ != phase::invoke)
    return;
  pause_timer_.after_ms(scenario_.shutdown_after_ms, [this] {
    abort_concurrent("failure", "Sandbox.Shutdown");
    stop({scenario_.shutdown_reason, false, false, on_end_});
  });
}

/// Lambda ends what runs before it shuts the sandbox down.
void lambda_platform::abort_concurrent(const std::string& status,
                                       const std::string& error_type) {
  phase_ = phase::idle;
  auto& invocations = observer_.record().invocations;
  for (std::size_t i = 0; i < invocations.size(); ++i)
    if (running_.count(invocations[i].request_id) != 0
        && invocations[i].end_ns == 0)
      end_concurrent(i, status, error_type);
}

/// The runtime itself has ended, or an extension: a new sandbox is made for
/// what is still to come.
void lambda_platform::fail_concurrent(const std::string& error_type,
                                      const std::string& why) {
  observer_.note(now_ns(), "lambda",
                 error_type + ": " + why + "; the sandbox is reset");
  abort_concurrent("error", error_type);
  stop({"failure", true, true, [this] { next_invocation(); }});
}

} // namespace sandbox

// The records that tell of an invocation: platform.runtimeDone, platform.report
// and the Logs API's platform.end; see lambda_platform.hpp.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sandbox {

json_object lambda_platform::tracing_of(const invocation_record& record) {
  return json_object{}
      .add("type", "X-Amzn-Trace-Id")
      .add("value", record.trace_header);
}

void lambda_platform::emit_runtime_done(invocation_record& record,
                                        const std::string& status,
                                        const std::string& error_type) {
  const auto done_ns =
      record.runtime_next_ns != 0 ? record.runtime_next_ns : now_ns();
  record.runtime_done_status = status;
  auto brief =
      json_object{}.add("requestId", record.request_id).add("status", status);
  auto full = brief;
  if (!error_type.empty() && status != "success")
    full.add("errorType", error_type);
  full.add("metrics",
           json_object{}
               .add("durationMs", to_ms(done_ns - record.begin_ns))
               .add("producedBytes", std::uint64_t{record.response_bytes}));
  if (record.response_ns != 0)
    full.add_json(
        "spans",
        spans_json(
            {{"responseLatency", record.begin_ns, record.response_ns},
             {"responseDuration", record.response_ns, record.response_ns},
             {"runtimeOverhead", record.response_ns, done_ns}}));
  full.add("tracing", tracing_of(record));
  auto event = platform_event("runtimeDone", full, brief);
  event.request_id = record.request_id;
  event.is_runtime_done = true;
  record.runtime_done_ns = event.made_ns;
  emit(std::move(event));
}

/// What the scenario has delivered besides, as it is.
void lambda_platform::emit_further(const scenario_invocation& planned) {
  constexpr std::string_view placeholder = "\"$request_id\"";
  for (const auto& each : planned.records) {
    telemetry_event event;
    event.category = each.type == "function"    ? telemetry_category::function
                     : each.type == "extension" ? telemetry_category::extension
                                                : telemetry_category::platform;
    event.made_ns = now_ns();
    event.type = each.type;
    event.record = each.record;
    for (auto at = event.record.find(placeholder); at != std::string::npos;
         at = event.record.find(placeholder, at))
      event.record.replace(at, placeholder.size(),
                           quoted_json(invocation().request_id));
    event.logs_type = event.type;
    event.logs_record = event.record;
    event.text_record = event.record;
    emit(std::move(event));
  }
}

void lambda_platform::schedule_report() {
  const auto index = observer_.record().invocations.size() - 1;
  const auto end = json_object{}.add("requestId", invocation().request_id);
  auto event = platform_event("end", end, end);
  event.type.clear(); // only the Logs API has it
  emit(std::move(event));
  report_timers_.push_back(std::make_unique<one_shot_timer>(io_));
  report_timers_.back()->after_ms(scenario_.telemetry.report_delay_ms,
                                  [this, index] { emit_report(index); });
}

std::int64_t lambda_platform::peak_memory_kib() const {
  std::int64_t peak_kib = 0;
  const auto add = [&](const program_usage& usage) {
    peak_kib += std::max<std::int64_t>(usage.peak_kib, 0);
  };
  for (const auto& each : extension_programs_)
    add(each->usage());
  if (function_program_)
    add(function_program_->usage());
  if (peak_kib == 0) // after a reset they are gone
    for (const auto& usage : observer_.record().programs)
      add(usage);
  return peak_kib;
}

void lambda_platform::emit_report(std::size_t index) {
  auto& run = observer_.record();
  const auto& record = run.invocations[index];
  const auto duration_ms =
      to_ms((record.runtime_next_ns != 0 && record.status != "timeout"
                 ? std::max(record.runtime_next_ns, record.end_ns)
                 : std::min(record.end_ns, record.deadline_ns))
            - record.begin_ns);
  const auto peak_kib = peak_memory_kib();
  auto metrics = json_object{}
                     .add("durationMs", duration_ms)
                     .add("billedDurationMs",
                          static_cast<std::int64_t>(std::ceil(duration_ms)))
                     .add("memorySizeMB", scenario_.function.memory_mb)
                     .add("maxMemoryUsedMB",
                          std::max<std::int64_t>(1, (peak_kib + 1023) / 1024));
  if (record.is_cold_start && !run.inits.empty()) {
    const auto& init = run.inits.front();
    if (record.number == 1)
      metrics.add("initDurationMs", to_ms(init.end_ns - init.begin_ns));
  }
  for (const auto& [name, value] : scenario_.telemetry.report_metrics)
    metrics.add_json(name, value);
  const bool is_failed =
      record.status == "timeout" || record.status == "failure";
  auto full = json_object{}.add("requestId", record.request_id);
  auto brief = full;
  full.add("status", record.status == "timeout" ? "timeout"
                     : is_failed                ? "error"
                                                : record.runtime_done_status);
  if (is_failed && !record.error_type.empty())
    full.add("errorType", record.error_type);
  full.add("metrics", metrics);
  brief.add("metrics", metrics);
  emit_report_of(record, platform_event("report", full, brief));
}

void lambda_platform::emit_report_of(const invocation_record& record,
                                     telemetry_event event) {
  auto& run = observer_.record();
  telemetry_truth truth;
  truth.kind = "metricset";
  truth.request_id = record.request_id;
  truth.made_ns = event.made_ns;
  event.request_id = record.request_id;
  event.truth = run.truths.size();
  run.truths.push_back(std::move(truth));
  emit(std::move(event));
}

} // namespace sandbox

// SHUTDOWN: the end of a sandbox, at the end of the run or at a reset. Runtime
// first, then the extensions, all within 2 s; then whoever is left is killed.
// See lambda_platform.hpp. Source: AWS's emulator,
// internal/lambda/rapid/shutdown.go.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

namespace sandbox {

namespace {

/// All that extensions get. Source: AWS Lambda developer guide, "Shutdown
/// phase".
constexpr std::int64_t shutdown_ms = 2'000;
/// At its end a program may want more memory than ever before, and nobody can
/// ask a process that has ended.
constexpr std::int64_t memory_pause_ms = 2;
/// The runtime's share after SIGTERM: 30 %.
constexpr std::int64_t runtime_share_ms = shutdown_ms * 30 / 100;

} // namespace

void lambda_platform::stop(stop_plan plan) {
  phase_timer_.cancel();
  pause_timer_.cancel();
  thaw();
  sample_all();
  phase_ = phase::stopping;
  stop_ = std::move(plan);
  are_extensions_told_ = false;
  shutdown_record shutdown;
  shutdown.reason = stop_.reason;
  shutdown.is_reset = stop_.is_reset;
  shutdown.begin_ns = now_ns();
  observer_.note(shutdown.begin_ns, "lambda",
                 "SHUTDOWN begins, reason " + stop_.reason);
  observer_.record().shutdowns.push_back(std::move(shutdown));
  telemetry_.thaw();
  telemetry_.flush();
  if (function_program_ && function_program_->is_running()) {
    const bool is_alone =
        std::none_of(extensions_.all().begin(), extensions_.all().end(),
                     [](const auto& each) { return !each.events.empty(); });
    function_program_->end.told_ns = now_ns();
    function_program_->end.is_killed_by_lambda = is_alone || stop_.kill_runtime;
    function_program_->signal(is_alone || stop_.kill_runtime ? SIGKILL
                                                             : SIGTERM);
    phase_timer_.after_ms(runtime_share_ms, [this] {
      function_program_->end.is_killed_by_lambda = true;
      function_program_->signal(SIGKILL);
    });
  }
  check_stopped();
}

void lambda_platform::stop_extensions() {
  are_extensions_told_ = true;
  watch_memory();
  arm_kill("shutdown");
  const auto begin_ns = observer_.record().shutdowns.back().begin_ns;
  const auto deadline_ns = begin_ns + shutdown_ms * ns_per_ms;
  const auto event = json_object{}
                         .add("eventType", "SHUTDOWN")
                         .add("shutdownReason", stop_.reason)
                         .add("deadlineMs", unix_ns_at(deadline_ns) / ns_per_ms)
                         .text();
  for (const auto& each : extension_programs_) {
    if (!each->is_running())
      continue;
    auto* known = extensions_.find(each->name());
    if (known != nullptr && known->is_subscribed("SHUTDOWN")) {
      if (!known->waiting)
        observer_.note(now_ns(), each->name(),
                       "is busy: it gets SHUTDOWN when it asks");
      extensions_.send_shutdown(*known, event);
    } else {
      each->end.is_killed_by_lambda = true;
      each->signal(SIGKILL);
    }
  }
  phase_timer_.at(deadline_ns, [this] {
    for (const auto& each : extension_programs_)
      if (each->is_running()) {
        each->end.is_killed_by_lambda = true;
        observer_.note(now_ns(), each->name(),
                       "has not ended within " + std::to_string(shutdown_ms)
                           + " ms: killed");
      }
    signal_all(SIGKILL);
  });
}

void lambda_platform::watch_memory() {
  sample_all();
  memory_timer_.after_ms(memory_pause_ms, [this] { watch_memory(); });
}

void lambda_platform::check_stopped() {
  if (phase_ != phase::stopping)
    return;
  const bool has_runtime = function_program_ && function_program_->is_running();
  if (!has_runtime && !are_extensions_told_)
    stop_extensions();
  if (!all_have_ended())
    return;
  phase_timer_.cancel();
  memory_timer_.cancel();
  // Programs must not be destroyed in their own exit handler.
  boost::asio::post(io_, [this] { finish_stop(); });
}

void lambda_platform::conclude_program(const program& program,
                                       shutdown_record& shutdown) {
  auto end = program.end;
  if (const auto* known = extensions_.find(program.name());
      known != nullptr && program.is_extension())
    end.told_ns = known->told_ns;
  // One that ended by itself before was told of then.
  if (program.is_extension() && end.at_ns >= shutdown.begin_ns)
    observer_.note(end.at_ns, program.name(), "ended: " + end.text);
  shutdown.processes.push_back(std::move(end));
  auto& programs = observer_.record().programs;
  const auto& usage = program.usage();
  const auto same =
      std::find_if(programs.begin(), programs.end(),
                   [&](const auto& one) { return one.name == usage.name; });
  if (same == programs.end()) {
    programs.push_back(usage);
    return;
  }
  same->peak_kib = std::max(same->peak_kib, usage.peak_kib);
  same->own_peak_kib = std::max(same->own_peak_kib, usage.own_peak_kib);
  same->threads = std::max(same->threads, usage.threads);
  same->processor_ns += usage.processor_ns;
}

void lambda_platform::finish_stop() {
  if (phase_ != phase::stopping)
    return;
  phase_ = phase::none;
  auto& run = observer_.record();
  auto& shutdown = run.shutdowns.back();
  shutdown.end_ns = now_ns();
  if (function_program_)
    extension_programs_.push_back(std::move(function_program_));
  for (const auto& each : extension_programs_)
    conclude_program(*each, shutdown);
  observer_.note(shutdown.end_ns, "lambda", "SHUTDOWN done");
  extension_programs_.clear();
  server_.close_connections();
  telemetry_.end_generation();
  std::exchange(stop_.then, nullptr)();
}

} // namespace sandbox

// Lambda itself: one sandbox for one function and its extensions, driven
// through its phases INIT, INVOKE, freeze, SHUTDOWN and reset by what the
// processes do.
//   lambda_platform platform{io, observer, scenario, places, …};
//   platform.run([] { … });
// Its parts are in files of their own: lambda_platform.cpp (wiring, freeze,
// what processes say and how they end), extension_kill.cpp, init_phase.cpp,
// invoke_phase.cpp, invoke_telemetry.cpp, managed_phase.cpp,
// shutdown_phase.cpp. Source: AWS Lambda developer guide, "Lambda execution
// environment lifecycle"; AWS's emulator, internal/lambda/rapid/handlers.go and
// shutdown.go.
#pragma once

#include "tools/lambda-sandbox/lambda/concurrent_runtime.hpp"
#include "tools/lambda-sandbox/lambda/extensions_api.hpp"
#include "tools/lambda-sandbox/lambda/http_server.hpp"
#include "tools/lambda-sandbox/lambda/kill_switch.hpp"
#include "tools/lambda-sandbox/lambda/one_shot_timer.hpp"
#include "tools/lambda-sandbox/lambda/process_environment.hpp"
#include "tools/lambda-sandbox/lambda/program.hpp"
#include "tools/lambda-sandbox/lambda/runtime_api.hpp"
#include "tools/lambda-sandbox/lambda/telemetry_api.hpp"
#include "tools/lambda-sandbox/report/observer.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// Where the platform passes on what it does not look at itself.
struct platform_sinks {
  /// Each line of each program, facts excepted.
  std::function<void(const program&, output_stream, std::string_view)> on_line;
  /// Each fact of the built-in function; `generation` counts its processes.
  std::function<void(std::string_view line, std::size_t generation)> on_fact;
};

class lambda_platform {
public:
  lambda_platform(boost::asio::io_context& io, observer& observer,
                  const scenario& scenario, platform_sinks sinks);
  lambda_platform(const lambda_platform&) = delete;
  lambda_platform& operator=(const lambda_platform&) = delete;

  /// Opens the port of the APIs. *Errors*: 0 if there is none to be had.
  [[nodiscard]] std::uint16_t listen() { return server_.listen(); }
  /// Runs all invocations, then the shutdown; then calls `on_end`.
  void run(sandbox_places places, std::function<void()> on_end);

private:
  enum class phase {
    none,           ///< no processes
    extension_init, ///< until all extensions have registered
    runtime_init,   ///< until all have asked for their first event
    idle,           ///< all wait, frozen or not
    invoke,
    stopping,
  };

  /// How a sandbox comes to its end.
  struct stop_plan {
    std::string reason;
    bool is_reset = false;
    bool kill_runtime = false;
    std::function<void()> then;
  };

  // lambda_platform.cpp
  void handle(const http_exchange_ptr& exchange);
  void freeze();
  void thaw();
  void signal_all(int number) const;
  void sample_all();
  bool all_have_ended() const;
  void on_line(program& program, output_stream stream, std::string_view line);
  void on_exit(program& program, const process_exit& exit);
  void on_extension_next(registered_extension& extension, std::int64_t at_ns);
  void on_runtime_next(std::int64_t at_ns);
  void on_runtime_ready(std::int64_t at_ns);
  void on_init_error(std::int64_t at_ns, const std::string& type);
  bool is_managed() const { return scenario_.managed.has_value(); }
  /// The request that a line of the function is of; empty for none.
  std::string request_of(std::string_view line) const;
  void emit(telemetry_event event) { telemetry_.emit(std::move(event)); }
  std::unique_ptr<program> start_program(std::string name, bool is_extension,
                                         const child_options& options,
                                         std::string& error);

  // extension_kill.cpp
  void arm_kill(const char* name);
  void kill_extensions();
  const char* phase_name() const;

  // init_phase.cpp
  void start_init(std::string phase_name, std::function<void(bool)> then);
  void start_extensions();
  void start_runtime();
  void check_init();
  void end_init();
  void fail_init(const std::string& error_type, const std::string& why,
                 const char* status = "error");
  bool is_runtime_waiting();
  std::string init_laggards();
  void emit_init_runtime_done(const char* status,
                              const std::string& error_type);
  void emit_init_report(const char* status);

  // invoke_phase.cpp
  /// Goes to the next planned invocation. *Errors*: false if there is none.
  bool find_planned();
  void next_invocation();
  void fail_without_sandbox();
  void prepare_invocation();
  void begin_invocation();
  void record_invocation(const scenario_invocation& planned);
  void hand_out(const scenario_invocation& planned);
  /// Begins now. *Units*: returns ms.
  std::int64_t set_deadline(invocation_record& record,
                            const scenario_invocation& planned) const;
  void on_outcome(const runtime_outcome& outcome);
  void check_invocation();
  void finish_invocation();
  void on_deadline();
  void fail_invocation(const std::string& error_type, const std::string& why);
  void reset_invocation(const char* reason);
  void conclude_invocation();
  void take_processor_times();
  invocation_record& invocation() {
    return observer_.record().invocations.back();
  }

  // invoke_telemetry.cpp
  static json_object tracing_of(const invocation_record& record);
  void emit_runtime_done(invocation_record& record, const std::string& status,
                         const std::string& error_type);
  void emit_report(std::size_t index);
  /// Delivers a report and keeps that a line is to come of it.
  void emit_report_of(const invocation_record& record, telemetry_event event);
  void emit_further(const scenario_invocation& planned);
  std::int64_t peak_memory_kib() const;
  void schedule_report();

  // managed_phase.cpp
  void start_concurrent();
  void begin_concurrent();
  void plan_concurrent();
  void hand_out_concurrent();
  void on_concurrent_outcome(const runtime_outcome& outcome);
  void end_concurrent(std::size_t index, const std::string& status,
                      const std::string& error_type);
  void emit_concurrent_report(const invocation_record& record);
  void check_concurrent_end();
  void abort_concurrent(const std::string& status,
                        const std::string& error_type);
  void fail_concurrent(const std::string& error_type, const std::string& why);

  // shutdown_phase.cpp
  void stop(stop_plan plan);
  void stop_extensions();
  void check_stopped();
  void watch_memory();
  void finish_stop();
  void conclude_program(const program& program, shutdown_record& shutdown);

  boost::asio::io_context& io_;
  observer& observer_;
  const scenario& scenario_;
  platform_sinks sinks_;
  sandbox_places places_;
  std::function<void()> on_end_;
  child_reaper reaper_;
  runtime_api runtime_;
  /// The same under Managed Instances.
  concurrent_runtime workers_;
  extensions_api extensions_;
  telemetry_api telemetry_;
  http_server server_;

  phase phase_ = phase::none;
  std::vector<std::unique_ptr<program>> extension_programs_;
  std::unique_ptr<program> function_program_;
  std::size_t function_generation_ = 0;
  bool is_frozen_ = false;
  std::int64_t frozen_since_ns_ = 0;
  std::int64_t frozen_for_ns_ = 0;
  /// An INIT took place since the last invocation.
  bool is_cold_ = false;
  /// `kill_extension` has hit the INIT under way.
  bool is_init_killed_ = false;
  std::string error_type_;
  std::function<void(bool)> after_init_;
  stop_plan stop_;
  bool are_extensions_told_ = false;
  /// Index of the planned invocation, and which repetition of it.
  std::size_t planned_ = 0;
  std::int64_t repetition_ = 0;
  /// Managed Instances: the deadlines of what runs, by request id, and whether
  /// an invocation waits for a worker.
  std::map<std::string, std::unique_ptr<one_shot_timer>> running_;
  bool is_next_due_ = false;
  /// Processor time of each extension at the INVOKE.
  std::map<std::string, std::int64_t> processor_before_;

  one_shot_timer phase_timer_;
  one_shot_timer pause_timer_;
  kill_switch kills_;
  one_shot_timer memory_timer_;
  std::vector<std::unique_ptr<one_shot_timer>> report_timers_;
};

} // namespace sandbox

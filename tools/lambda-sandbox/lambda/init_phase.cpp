// INIT: extensions first, then the runtime, until all have asked for their
// first event; see lambda_platform.hpp.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"

#include <utility>

namespace sandbox {

void lambda_platform::start_init(std::string phase_name,
                                 std::function<void(bool)> then) {
  after_init_ = std::move(then);
  phase_ = phase::extension_init;
  error_type_.clear();
  is_cold_ = true;
  is_init_killed_ = false;
  arm_kill("init");
  init_record init;
  init.phase = std::move(phase_name);
  init.begin_ns = now_ns();
  observer_.note(init.begin_ns, "lambda", "INIT begins");
  const auto& function = scenario_.function;
  emit(platform_event(
      "initStart",
      json_object{}
          .add("initializationType", initialization_type(scenario_))
          .add("phase", init.phase)
          .add("runtimeVersion", function.runtime)
          .add("functionName", function.name)
          .add("functionVersion", function.version)
          .add("instanceMaxMemory", function.memory_mb * 1048576)));
  observer_.record().inits.push_back(std::move(init));
  phase_timer_.after_ms(function.init_timeout_ms, [this] {
    fail_init("Sandbox.Timedout",
              "INIT took more than "
                  + std::to_string(scenario_.function.init_timeout_ms)
                  + " ms: " + init_laggards(),
              "timeout");
  });
  start_extensions();
}

void lambda_platform::start_extensions() {
  std::vector<std::string> names;
  for (const auto& extension : scenario_.extensions)
    names.push_back(extension.name);
  extensions_.begin(names);
  runtime_.begin();
  workers_.begin();
  for (const auto& extension : scenario_.extensions) {
    child_options options;
    options.arguments = extension.command;
    options.environment =
        environment_of_extension(scenario_, extension, places_);
    options.directory = places_.temporary_directory;
    std::string error;
    auto started = start_program(extension.name, true, options, error);
    if (!started)
      return fail_init("Extension.LaunchError", error);
    extension_programs_.push_back(std::move(started));
  }
  if (extensions_.are_all_registered())
    start_runtime();
}

void lambda_platform::start_runtime() {
  phase_ = phase::runtime_init;
  const auto& function = scenario_.function;
  child_options options;
  options.arguments = function.command;
  if (function.is_builtin())
    options.arguments = {places_.own_program, "builtin-function"};
  options.environment = environment_of_function(scenario_, places_);
  options.directory = function.directory;
  options.has_facts_pipe = function.is_builtin();
  options.has_frames_pipe = !function.is_builtin();
  std::string error;
  ++function_generation_;
  function_program_ = start_program("function", false, options, error);
  if (!function_program_)
    fail_init("Runtime.InvalidEntrypoint", error);
}

/// One worker is enough. Source: AWS Lambda developer guide, "Understanding the
/// Lambda Managed Instances execution environment".
bool lambda_platform::is_runtime_waiting() {
  return is_managed() ? workers_.is_waiting() : runtime_.is_waiting();
}

std::string lambda_platform::init_laggards() {
  std::string text;
  for (const auto& extension : extensions_.all()) {
    if (extension.current == registered_extension::state::started)
      text += extension.name + " has not registered; ";
    else if (extension.current == registered_extension::state::registered)
      text += extension.name + " has not asked for its first event; ";
  }
  if (phase_ == phase::runtime_init && !is_runtime_waiting())
    text += "the function has not asked for its first invocation; ";
  return text.empty() ? text : text.substr(0, text.size() - 2);
}

void lambda_platform::check_init() {
  if (phase_ != phase::runtime_init || !is_runtime_waiting()
      || !extensions_.are_all_waiting())
    return;
  end_init();
}

void lambda_platform::end_init() {
  phase_timer_.cancel();
  phase_ = phase::idle;
  sample_all(); // before anything of its own can have come to them
  auto& init = observer_.record().inits.back();
  init.end_ns = now_ns();
  init.is_ok = true;
  observer_.note(init.end_ns, "lambda",
                 "INIT done in "
                     + json_number(to_ms(init.end_ns - init.begin_ns), 1)
                     + " ms");
  emit_init_runtime_done("success", {});
  for (const auto& extension : extensions_.all()) {
    const auto record =
        json_object{}
            .add("name", extension.name)
            .add("state", "Ready")
            .add("events", std::vector<std::string>{extension.events.begin(),
                                                    extension.events.end()});
    emit(platform_event("extension", record, record));
  }
  emit_init_report("success");
  telemetry_.close_subscriptions();
  std::exchange(after_init_, nullptr)(true);
}

void lambda_platform::fail_init(const std::string& error_type,
                                const std::string& why, const char* status) {
  if (phase_ != phase::extension_init && phase_ != phase::runtime_init)
    return;
  phase_timer_.cancel();
  auto& init = observer_.record().inits.back();
  init.end_ns = now_ns();
  init.error_type = error_type;
  error_type_ = error_type;
  observer_.note(init.end_ns, "lambda",
                 "INIT failed, " + error_type + ": " + why);
  emit_init_runtime_done(status, error_type);
  emit_init_report(status);
  telemetry_.close_subscriptions();
  stop({"spindown", true, false,
        [this] { std::exchange(after_init_, nullptr)(false); }});
}

void lambda_platform::emit_init_runtime_done(const char* status,
                                             const std::string& error_type) {
  auto record = json_object{}
                    .add("initializationType", initialization_type(scenario_))
                    .add("phase", observer_.record().inits.back().phase)
                    .add("status", status);
  if (!error_type.empty())
    record.add("errorType", error_type);
  emit(platform_event("initRuntimeDone", record));
}

void lambda_platform::emit_init_report(const char* status) {
  const auto& init = observer_.record().inits.back();
  emit(platform_event(
      "initReport",
      json_object{}
          .add("initializationType", initialization_type(scenario_))
          .add("phase", init.phase)
          .add("status", status)
          .add("metrics",
               json_object{}.add("durationMs",
                                 to_ms(init.end_ns - init.begin_ns)))));
}

} // namespace sandbox

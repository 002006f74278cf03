// The platform's wiring, freezing, and what programs say and how they end; see
// lambda_platform.hpp.
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"

#include "tools/lambda-sandbox/lambda/api_answers.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <csignal>
#include <utility>

namespace sandbox {

namespace {

telemetry_offer offer_of(const telemetry_settings& settings) {
  if (settings.api == "none")
    return telemetry_offer::none;
  return settings.api == "logs" ? telemetry_offer::logs_only
                                : telemetry_offer::both;
}

} // namespace

lambda_platform::lambda_platform(boost::asio::io_context& io,
                                 observer& observer, const scenario& scenario,
                                 platform_sinks sinks)
    : io_{io},
      observer_{observer},
      scenario_{scenario},
      sinks_{std::move(sinks)},
      reaper_{io},
      runtime_{observer,
               {[this](std::int64_t at_ns) { on_runtime_next(at_ns); },
                [this](const runtime_outcome& said) { on_outcome(said); },
                [this](std::int64_t at_ns, const std::string& type) {
                  on_init_error(at_ns, type);
                }}},
      workers_{
          observer,
          {[this](std::int64_t at_ns) {
             if (phase_ == phase::runtime_init)
               return on_runtime_ready(at_ns);
             hand_out_concurrent();
           },
           [this](const runtime_outcome& said) { on_concurrent_outcome(said); },
           [this](std::int64_t at_ns, const std::string& type) {
             on_init_error(at_ns, type);
           }}},
      extensions_{
          observer,
          {scenario.function.name, scenario.function.version,
           scenario.function.handler, scenario.function.account_id,
           !scenario.managed},
          {[this](registered_extension& extension, std::int64_t at_ns) {
             std::string events;
             for (const auto& event : extension.events)
               events += (events.empty() ? "" : ", ") + event;
             observer_.note(at_ns, extension.name, "registered for " + events);
             if (phase_ == phase::extension_init
                 && extensions_.are_all_registered())
               start_runtime();
           },
           [this](registered_extension& extension, std::int64_t at_ns) {
             on_extension_next(extension, at_ns);
           },
           [this](registered_extension& extension) {
             observer_.note(now_ns(), extension.name,
                            "reported the error " + extension.error_type);
             if (error_type_.empty())
               error_type_ = extension.error_type;
           }}},
      telemetry_{io,
                 observer,
                 extensions_,
                 offer_of(scenario.telemetry),
                 {scenario.telemetry.delivery_delay_ms,
                  scenario.telemetry.copies, scenario.telemetry.is_reversed,
                  scenario.telemetry.schema}},
      server_{io,
              [this](const http_exchange_ptr& exchange) { handle(exchange); }},
      phase_timer_{io},
      pause_timer_{io},
      kills_{io, [this] { kill_extensions(); }},
      memory_timer_{io} {}

void lambda_platform::run(sandbox_places places, std::function<void()> on_end) {
  places_ = std::move(places);
  on_end_ = std::move(on_end);
  for (const auto& extension : scenario_.extensions)
    observer_.record().extension_names.push_back(extension.name);
  observer_.record().is_concurrent = is_managed();
  next_invocation();
}

void lambda_platform::handle(const http_exchange_ptr& exchange) {
  if ((is_managed() ? workers_.handle(exchange) : runtime_.handle(exchange))
      || extensions_.handle(exchange) || telemetry_.handle(exchange))
    return;
  answer_error(exchange, observer_, "?", 404, "NotFound",
               "no such call in Lambda's APIs");
}

void lambda_platform::signal_all(int number) const {
  for (const auto& each : extension_programs_)
    each->signal(number);
  if (function_program_)
    function_program_->signal(number);
}

void lambda_platform::sample_all() {
  for (const auto& each : extension_programs_)
    each->sample();
  if (function_program_)
    function_program_->sample();
}

void lambda_platform::freeze() {
  if (is_frozen_)
    return;
  sample_all();
  signal_all(SIGSTOP);
  telemetry_.freeze();
  is_frozen_ = true;
  frozen_since_ns_ = now_ns();
  observer_.detail(frozen_since_ns_, "lambda", "froze the sandbox");
}

void lambda_platform::thaw() {
  frozen_for_ns_ = 0;
  if (!is_frozen_)
    return;
  signal_all(SIGCONT);
  is_frozen_ = false;
  frozen_for_ns_ = now_ns() - frozen_since_ns_;
  observer_.detail(now_ns(), "lambda", "thawed the sandbox");
}

bool lambda_platform::all_have_ended() const {
  for (const auto& each : extension_programs_)
    if (each->is_running())
      return false;
  return !function_program_ || !function_program_->is_running();
}

std::unique_ptr<program>
lambda_platform::start_program(std::string name, bool is_extension,
                               const child_options& options,
                               std::string& error) {
  return program::start(
      io_, reaper_, std::move(name), is_extension, options,
      {[this](program& from, output_stream stream, std::string_view line) {
         on_line(from, stream, line);
       },
       [this](program& from, const process_exit& exit) {
         on_exit(from, exit);
       }},
      error);
}

void lambda_platform::on_line(program& program, output_stream stream,
                              std::string_view line) {
  if (stream == output_stream::facts)
    return sinks_.on_fact(line, function_generation_);
  sinks_.on_line(program, stream, line);
  const auto category = program.is_extension() ? telemetry_category::extension
                                               : telemetry_category::function;
  const bool is_json = scenario_.function.has_json_logs;
  auto event = log_event(category, line, is_json);
  if (category == telemetry_category::function) {
    auto& record = observer_.record();
    telemetry_truth truth;
    truth.kind = "log";
    truth.request_id = request_of(line);
    truth.messages = log_messages(line, is_json);
    truth.made_ns = event.made_ns;
    event.request_id = truth.request_id;
    event.truth = record.truths.size();
    record.truths.push_back(std::move(truth));
  }
  emit(std::move(event));
}

std::string lambda_platform::request_of(std::string_view line) const {
  const auto& invocations = observer_.record().invocations;
  // Before the first invocation and during an INIT there is none to name.
  if (invocations.empty() || phase_ == phase::extension_init
      || phase_ == phase::runtime_init)
    return {};
  if (!is_managed())
    return invocations.back().request_id;
  // Side by side only the line itself tells: the first that it names.
  std::string named;
  auto first = line.size();
  for (const auto& each : invocations)
    if (const auto at = line.find(each.request_id); at < first) {
      first = at;
      named = each.request_id;
    }
  return named;
}

void lambda_platform::on_exit(program& program, const process_exit& exit) {
  if (phase_ == phase::stopping) {
    if (!program.is_extension()) // extensions' ends are told by SHUTDOWN itself
      observer_.detail(exit.at_ns, program.name(), "ended: " + exit.text());
    return check_stopped();
  }
  observer_.note(exit.at_ns, program.name(),
                 "ended unexpectedly: " + exit.text());
  // The first fatal error wins: what a program reported itself, or its end.
  if (error_type_.empty())
    error_type_ = program.is_extension() ? "Extension.Crash"
                                         : scenario_.telemetry.crash_error_type;
  const auto why = program.name() + " ended: " + exit.text();
  const bool is_planned = program.end.is_killed_by_scenario;
  if (phase_ == phase::extension_init || phase_ == phase::runtime_init) {
    is_init_killed_ = is_planned;
    return fail_init(error_type_, why);
  }
  if (phase_ == phase::invoke) {
    if (is_managed())
      return fail_concurrent(error_type_, why);
    invocation().is_extension_killed = is_planned;
    return fail_invocation(error_type_, why);
  }
  // It ended while nothing was asked of it: the next invocation starts anew.
  pause_timer_.cancel();
  stop({"failure", true, true, [this] { next_invocation(); }});
}

void lambda_platform::on_extension_next(registered_extension& extension,
                                        std::int64_t at_ns) {
  if (phase_ == phase::runtime_init || phase_ == phase::extension_init) {
    observer_.detail(at_ns, extension.name, "asked for its first event");
    return check_init();
  }
  if (phase_ == phase::stopping) {
    if (extension.told_ns != 0)
      observer_.note(at_ns, extension.name,
                     "asked for an event after its SHUTDOWN: none will come");
    return;
  }
  if (phase_ != phase::invoke || is_managed())
    return;
  for (auto& turn : invocation().extensions)
    if (turn.name == extension.name)
      turn.next_ns = at_ns;
  observer_.note(at_ns, extension.name, "asked for its next event");
  check_invocation();
}

void lambda_platform::on_init_error(std::int64_t at_ns,
                                    const std::string& type) {
  observer_.note(at_ns, "function", "reported init/error");
  error_type_ = type;
  fail_init(type, "the function failed to initialize: " + type);
}

void lambda_platform::on_runtime_ready(std::int64_t at_ns) {
  observer_.record().inits.back().runtime_ready_ns = at_ns;
  observer_.detail(at_ns, "function", "asked for its first invocation");
  extensions_.close_registration();
  check_init();
}

void lambda_platform::on_runtime_next(std::int64_t at_ns) {
  // Its lines came before: they must not be told after its end.
  if (function_program_)
    function_program_->drain();
  if (phase_ == phase::runtime_init)
    return on_runtime_ready(at_ns);
  if (phase_ != phase::invoke)
    return;
  invocation().runtime_next_ns = at_ns;
  observer_.note(at_ns, "function", "asked for its next invocation");
  const bool is_error = !invocation().error_type.empty();
  emit_runtime_done(invocation(),
                    is_error ? scenario_.telemetry.function_error_status
                             : "success",
                    invocation().error_type);
  check_invocation();
}

} // namespace sandbox

// Handler: see the header.
#include "tools/lambda-sandbox/function/handler.hpp"

#include "tools/lambda-sandbox/function/scripted_requests.hpp"

#include <rapidjson/document.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace sandbox::builtin {

namespace {

/// What AWS's Node.js runtime client exits with after an exception that nobody
/// handled.
constexpr int uncaught_exit_status = 129;

/// Without an agent: the headers of Node's.
http_headers plain_headers() {
  return {{"Accept", "application/json"},
          {"User-Agent", "lambda-sandbox"},
          {"Content-Type", "application/x-ndjson"}};
}

[[noreturn]] void hang_for_ever() {
  while (true)
    pause();
}

[[noreturn]] void crash() {
  std::signal(SIGSEGV, SIG_DFL);
  raise(SIGSEGV);
  std::_Exit(139); // Not reached.
}

} // namespace

handler::handler(const function_environment& environment, fact_writer& facts,
                 runtime_client& runtime)
    : environment_(environment),
      facts_(facts),
      log_(facts),
      runtime_(runtime),
      replay_({environment, facts, log_}) {}

void handler::start() {
  agent_named(environment_.agent);
}

agent* handler::agent_named(const std::string& name) {
  const auto [place, is_new] = agents_.try_emplace(name);
  if (is_new) {
    place->second = make_agent(name, {environment_, facts_, log_});
    if (place->second)
      place->second->start();
  }
  return place->second.get();
}

function_script handler::read_script(const invocation& invoked) {
  rapidjson::Document payload;
  payload.Parse<rapidjson::kParseIterativeFlag>(invoked.payload.data(),
                                                invoked.payload.size());
  if (payload.HasParseError() || !payload.IsObject()
      || !payload.HasMember("sandbox"))
    return {};
  json_problems problems;
  auto script = parse_function_script(payload["sandbox"], "/sandbox", problems);
  // The sandbox checks scripts before it starts; this is for payloads that
  // come another way.
  for (const auto& problem : problems)
    facts_.error("script: " + problem.pointer + " " + problem.message);
  return script;
}

void handler::run(const invocation& invoked) {
  course invocation_course{invoked, read_script(invoked), {}};
  const auto& script = invocation_course.script;
  facts_.set_request_id(invoked.request_id);
  log_.set_request_id(invoked.request_id);
  log_.set_format(script.log_format.empty() ? environment_.log_format
                                            : script.log_format);
  auto* active =
      agent_named(script.agent.empty() ? environment_.agent : script.agent);
  if (!script.capture.empty()) {
    replay(invocation_course);
    active = nullptr;
  } else {
    work(invocation_course, active);
  }
  end(invocation_course, active);
}

void handler::replay(course& invocation_course) {
  auto& script = invocation_course.script;
  log_lines(script);
  std::string message;
  const auto captured = load_capture(script_path(script.capture), message);
  if (!captured)
    return facts_.error("capture: " + message);
  replay_.send(*captured, invocation_course.invoked.received_ns);
  send_requests(invocation_course, nullptr);
  sleep_until_ns(invocation_course.invoked.received_ns
                 + static_cast<std::int64_t>(captured->outcome_ms
                                             * static_cast<double>(ns_per_ms)));
  if (script.outcome.empty()) {
    script.outcome = captured->outcome;
    script.exit_status = captured->exit_status;
  }
}

void handler::work(course& invocation_course, agent* active) {
  const auto& script = invocation_course.script;
  if (active != nullptr) {
    auto& events = active->events();
    events.begin(invocation_course.invoked);
    for (std::int64_t i = 0; i < script.transactions; ++i)
      invocation_course.transactions.push_back(events.new_transaction());
    const auto& first = invocation_course.transactions.empty()
                            ? events.new_transaction()
                            : invocation_course.transactions.front();
    const agent_options options{
        script.register_transaction && script.transactions > 0, script.flush,
        script.data_delay_ms, script.flush_delay_ms};
    active->begin(options, events.registration(first));
  }
  // Only now the user's code begins.
  const auto begin_ns = monotonic_ns();
  const auto work_ns = script.work_ms * ns_per_ms;
  log_lines(script);
  send_requests(invocation_course, active);
  if (active == nullptr)
    return sleep_until_ns(begin_ns + work_ns);
  const auto parent = invocation_course.transactions.empty()
                          ? active->events().new_transaction()
                          : invocation_course.transactions.front();
  for (std::int64_t i = 1; i <= script.spans; ++i) {
    active->work_until(begin_ns + work_ns * i / (script.spans + 1));
    const auto duration_ms = static_cast<double>(script.work_ms)
                             / static_cast<double>(script.spans + 1);
    active->add(
        active->events().span(parent, i, duration_ms, script.span_bytes));
  }
  active->work_until(begin_ns + work_ns);
}

void handler::log_lines(const function_script& script) {
  for (const auto& line : script.logs)
    log_.info(fill_in(line, log_.request_id(), 1));
  for (std::int64_t i = 1; i <= script.log_count; ++i) {
    auto text = "line " + std::to_string(i) + " ";
    if (text.size() < static_cast<std::size_t>(script.log_bytes))
      text.resize(static_cast<std::size_t>(script.log_bytes), '.');
    log_.info(text);
  }
}

void handler::send_requests(const course& invocation_course, agent* active) {
  const auto headers =
      active != nullptr ? active->data_headers() : plain_headers();
  for (const auto& request : invocation_course.script.requests)
    if (!request.after_response)
      send_scripted_request(request, headers,
                            invocation_course.invoked.request_id,
                            {environment_, facts_, log_});
}

void handler::finish_agent(const course& invocation_course, agent& active) {
  const auto& script = invocation_course.script;
  auto& events = active.events();
  const bool is_success = script.outcome != "failure";
  std::vector<agent_event> transactions;
  for (const auto& context : invocation_course.transactions)
    transactions.push_back(events.transaction(
        context, is_success, transactions.empty() ? script.spans : 0));
  const auto parent = invocation_course.transactions.empty()
                          ? events.new_transaction()
                          : invocation_course.transactions.front();
  std::vector<agent_event> errors;
  for (std::int64_t i = 0; i < script.errors; ++i)
    errors.push_back(events.error(parent, "captured by hand"));
  if (!is_success)
    errors.push_back(events.error(parent, "no such order"));
  active.finish(std::move(transactions), std::move(errors));
  for (std::int64_t i = 1; i <= script.late_spans; ++i)
    active.add_late(
        events.span(parent, script.spans + i, 1, script.span_bytes));
}

void handler::end(const course& invocation_course, agent* active) {
  const auto& outcome = invocation_course.script.outcome;
  if (outcome == "hang") {
    if (active != nullptr)
      active->work_until(INT64_MAX);
    hang_for_ever();
  }
  if (outcome == "exit")
    std::_Exit(static_cast<int>(invocation_course.script.exit_status));
  if (outcome == "crash")
    crash();
  if (active != nullptr && outcome != "throw")
    finish_agent(invocation_course, *active);
  respond(invocation_course);
  do_late(invocation_course);
}

/// What ends when the handler has answered, partly in the background.
void handler::do_late(const course& invocation_course) {
  const auto& script = invocation_course.script;
  const auto log = [](function_log to, std::int64_t count) {
    for (std::int64_t i = 1; i <= count; ++i)
      to.info("late line " + std::to_string(i));
  };
  if (script.late_logs_delay_ms == 0)
    log(log_, script.late_logs);
  else
    std::thread{[log, to = log_, script] {
      sleep_until_ns(monotonic_ns() + script.late_logs_delay_ms * ns_per_ms);
      log(to, script.late_logs);
    }}.detach();
  for (const auto& request : script.requests)
    if (request.after_response)
      std::thread{[this, request, id = invocation_course.invoked.request_id] {
        send_scripted_request(request, plain_headers(), id,
                              {environment_, facts_, log_});
      }}.detach();
}

void handler::respond(const course& invocation_course) {
  const auto& request_id = invocation_course.invoked.request_id;
  const auto& script = invocation_course.script;
  if (script.outcome == "failure") {
    facts_.response_sent(
        runtime_.respond_error(request_id, "Error", "no such order"));
  } else if (script.outcome == "throw") {
    facts_.response_sent(runtime_.respond_error(
        request_id, "Runtime.UnhandledPromiseRejection", "nobody handles me"));
    std::_Exit(script.exit_status > 1 ? static_cast<int>(script.exit_status)
                                      : uncaught_exit_status);
  } else {
    facts_.response_sent(runtime_.respond(request_id, "{\"ok\":true}"));
  }
}

} // namespace sandbox::builtin

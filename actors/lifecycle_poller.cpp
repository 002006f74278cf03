#include "actors/lifecycle_poller.hpp"

#include "actors/guard.hpp"
#include "runtime/formats/lambda_json.hpp"

#include <algorithm>

namespace apm {

namespace {

using std::chrono::milliseconds;

/// Registration and subscription are answered by the sandbox itself, within a
/// millisecond; Lambda's own limit for the whole of init is 10 s.
constexpr int64_t call_timeout_ms = 2000;

/// Events are under 1 KB; the trace header is the only open-ended part.
constexpr uint64_t answer_bytes_max = 256 * 1024;

/// Pause before a call is made again: 100 ms, doubled each time to 1.6 s.
constexpr milliseconds first_pause{100};
constexpr uint32_t doublings_max = 4;

/// So many odd answers in a row, and Lambda has no use for us any more.
constexpr uint32_t failures_max = 20;

/// What Lambda grants at SHUTDOWN. Source: AWS Lambda developer guide,
/// "Lambda execution environment", shutdown phase.
constexpr milliseconds shutdown_time{2000};

constexpr uint64_t pause_timer = 1;

std::string_view header_of(const http_response& answer, std::string_view name) {
  for (const auto& h : answer.headers)
    if (h.name == name)
      return h.value;
  return {};
}

std::string describe(const http_response& answer) {
  if (answer.failure != http_failure::none)
    return answer.detail;
  return "status " + std::to_string(answer.status) + ", "
         + std::string{answer.body.view().substr(0, 200)};
}

} // namespace

void lifecycle_poller_state::start(ports world, lifecycle_poller_setup setup) {
  world_ = std::move(world);
  setup_ = std::move(setup);
  register_extension();
}

void lifecycle_poller_state::call(const char* method, std::string path,
                                  std::string body,
                                  std::vector<http_header> headers,
                                  int64_t timeout_ms) {
  http_request request;
  request.id = ++last_call_;
  request.method = method;
  request.url = "http://" + setup_.runtime_api + std::move(path);
  request.headers = std::move(headers);
  if (!body.empty())
    request.headers.push_back({"Content-Type", "application/json"});
  request.body = bytes{std::move(body)};
  request.timeout_ms = timeout_ms;
  request.response_bytes_max = answer_bytes_max;
  self_->send(world_.http, std::move(request));
}

void lifecycle_poller_state::on_answer(const http_response& answer) {
  if (answer.id != last_call_)
    return; // of a call that was given up
  switch (step_) {
  case step::registering:
    return on_registered(answer);
  case step::subscribing_telemetry:
  case step::subscribing_older_telemetry:
  case step::subscribing_logs:
    return on_subscribed(answer);
  case step::asking:
    return on_next(answer);
  case step::pausing:
  case step::handling:
  case step::ended:
    return;
  }
}

// -- init ---------------------------------------------------------------------

void lifecycle_poller_state::register_extension() {
  step_ = step::registering;
  call("POST", "/2020-01-01/extension/register",
       register_body(!setup_.is_managed),
       {{"Lambda-Extension-Name", setup_.extension_name},
        {"Lambda-Extension-Accept-Feature", "accountId"}},
       call_timeout_ms);
}

void lifecycle_poller_state::on_registered(const http_response& answer) {
  if (answer.failure != http_failure::none)
    return retry_later("cannot register with Lambda: " + answer.detail);
  if (answer.status != 200) {
    world_.log->error(
        "Lambda refused to register the extension",
        {{"extension", setup_.extension_name}, {"detail", describe(answer)}});
    return end(1);
  }
  identifier_ = header_of(answer, "lambda-extension-identifier");
  if (auto parsed = parse_register_answer(answer.body.view()))
    known_ = parsed.value();
  else // what it says is of use, but not needed
    world_.log->warn("cannot read Lambda's answer to the registration",
                     {{"detail", parsed.error().detail}});
  failures_ = 0;
  if (setup_.telemetry_port == 0)
    return announce(telemetry_api::none);
  subscribe(step::subscribing_telemetry);
}

void lifecycle_poller_state::subscribe(step how) {
  step_ = how;
  const std::vector<std::string_view> types{setup_.telemetry_types.begin(),
                                            setup_.telemetry_types.end()};
  const bool is_telemetry = how != step::subscribing_logs;
  const std::string_view schema =
      how == step::subscribing_telemetry ? "2025-01-29" : "2022-12-13";
  call("PUT", is_telemetry ? "/2022-07-01/telemetry" : "/2020-08-15/logs",
       is_telemetry
           ? telemetry_subscription(schema, types, setup_.telemetry_port)
           : logs_subscription(types, setup_.telemetry_port),
       {{"Lambda-Extension-Identifier", identifier_}}, call_timeout_ms);
}

void lifecycle_poller_state::on_subscribed(const http_response& answer) {
  const bool is_telemetry = step_ != step::subscribing_logs;
  // 202 says that this environment has no such API.
  if (answer.failure == http_failure::none && answer.status == 200)
    return announce(is_telemetry ? telemetry_api::telemetry
                                 : telemetry_api::logs);
  if (step_ == step::subscribing_telemetry && answer.status == 400) {
    world_.log->debug(
        "no Telemetry API of schema 2025-01-29, trying 2022-12-13",
        {{"detail", describe(answer)}});
    return subscribe(step::subscribing_older_telemetry);
  }
  if (is_telemetry) {
    world_.log->debug("no Telemetry API, trying the Logs API",
                      {{"detail", describe(answer)}});
    return subscribe(step::subscribing_logs);
  }
  world_.log->warn("neither Telemetry API nor Logs API: going on without "
                   "function logs and platform metrics",
                   {{"detail", describe(answer)}});
  announce(telemetry_api::none);
}

void lifecycle_poller_state::announce(telemetry_api api) {
  known_.telemetry = api;
  self_->send(setup_.coordinator, known_);
  if (setup_.is_managed) {
    lambda_event session;
    session.sequence = ++last_sequence_;
    session.kind = event_kind::session;
    session.received_ms = world_.time->wall();
    self_->send(setup_.coordinator, std::move(session));
  }
  ask_next();
}

// -- events -------------------------------------------------------------------

void lifecycle_poller_state::ask_next() {
  step_ = step::asking;
  if (world_.trace != nullptr)
    world_.trace->anchor(); // a freeze begins when Lambda has this request
  // No time-out: the answer comes after the freeze, however long that is.
  call("GET", "/2020-01-01/extension/event/next", {},
       {{"Lambda-Extension-Identifier", identifier_}}, 0);
}

void lifecycle_poller_state::on_next(const http_response& answer) {
  if (answer.failure != http_failure::none)
    return retry_later("no answer to event/next: " + answer.detail);
  if (answer.status / 100 == 4) {
    world_.log->error("Lambda refused to give the next event",
                      {{"detail", describe(answer)}});
    return end(1);
  }
  auto parsed =
      answer.status == 200
          ? parse_next_event(answer.body.view())
          : result<next_event>{error{errc::bad_value, describe(answer)}};
  if (!parsed)
    return retry_later("cannot use the answer to event/next: "
                       + parsed.error().detail);
  failures_ = 0;
  auto& next = parsed.value();
  lambda_event event;
  event.kind = next.kind;
  event.request_id = std::move(next.request_id);
  event.function_arn = std::move(next.function_arn);
  event.reason = std::move(next.reason);
  event.received_ms = world_.time->wall();
  event.deadline_ms = next.deadline_ms;
  hand_over(std::move(event));
}

void lifecycle_poller_state::hand_over(lambda_event event) {
  step_ = step::handling;
  event.sequence = ++last_sequence_;
  event.deadline =
      world_.time->now() + milliseconds{event.deadline_ms - event.received_ms};
  awaited_sequence_ = event.sequence;
  is_ending_ = event.kind == event_kind::shutdown;
  self_->send(setup_.coordinator, std::move(event));
}

void lifecycle_poller_state::on_event_done(uint64_t sequence) {
  if (sequence != awaited_sequence_ || step_ != step::handling)
    return; // overtaken by `on_stop`
  if (is_ending_)
    return end(0);
  ask_next();
}

void lifecycle_poller_state::on_stop(const std::string& reason) {
  if (is_ending_ || step_ == step::ended)
    return end(1); // asked twice: now
  if (step_ != step::handling && step_ != step::asking)
    return end(0); // nothing has been taken in yet
  self_->send(world_.http, http_cancel{last_call_});
  lambda_event event;
  event.kind = event_kind::shutdown;
  event.reason = reason;
  event.received_ms = world_.time->wall();
  event.deadline_ms = event.received_ms + shutdown_time.count();
  hand_over(std::move(event));
}

void lifecycle_poller_state::retry_later(const std::string& what) {
  if (++failures_ >= failures_max) {
    world_.log->error("giving up on Lambda's Extensions API",
                      {{"detail", what}});
    return end(1);
  }
  world_.log->warn(what, {{"attempt", static_cast<int64_t>(failures_)}});
  paused_ = step_;
  step_ = step::pausing;
  const auto pause =
      first_pause * (1U << std::min(failures_ - 1, doublings_max));
  self_->send(world_.timers,
              timer_set{pause_timer, world_.time->now() + pause});
}

void lifecycle_poller_state::on_pause_over() {
  if (step_ != step::pausing)
    return;
  if (paused_ == step::registering)
    register_extension();
  else
    ask_next();
}

void lifecycle_poller_state::end(int32_t exit_code) {
  step_ = step::ended;
  self_->send(world_.application, lifecycle_ended{exit_code});
}

lifecycle_poller_actor::behavior_type
lifecycle_poller(lifecycle_poller_state::self_pointer self, ports world,
                 lifecycle_poller_setup setup) {
  guard(self, world.log);
  auto& state = self->state;
  state.start(std::move(world), std::move(setup));
  return {
      [&state](const http_response& x) { state.on_answer(x); },
      [&state](const timer_fired&) { state.on_pause_over(); },
      [&state](const event_done& x) { state.on_event_done(x.sequence); },
      [&state](const stop_requested& x) { state.on_stop(x.reason); },
  };
}

} // namespace apm

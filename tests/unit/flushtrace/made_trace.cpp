#include "tests/unit/flushtrace/made_trace.hpp"

#include "runtime/formats/rfc3339.hpp"

#include <gtest/gtest.h>

namespace flushtrace::test {

namespace {

using apm::trace::entry_kind;
using apm::trace::note;
using apm::trace::record_kind;
using apm::trace::turn_scope;

/// 2026-11-22T12:00:00Z, when the monotonic clock stood at 1 s.
constexpr int64_t start_real_ns = 1'795'348'800'000'000'000;
constexpr int64_t start_ns = 1'000'000'000;

/// Beyond those of our own messages.
constexpr uint32_t exit_type = 200;

apm::trace::clock_readings start_clocks() {
  return {start_ns, start_real_ns, start_ns};
}

apm::steady_time at(int64_t ns) {
  return apm::steady_time{std::chrono::nanoseconds{ns}};
}

apm::bytes body(size_t size) {
  return apm::bytes{std::string(size, 'x')};
}

} // namespace

made_trace::made_trace(size_t slots)
    : memory_(slots),
      recorder_{apm::trace::recorder_setup{memory_.data(), memory_.size(), 7,
                                           start_clocks, &time_, 99,
                                           apm::trace::payload_mode::shape}},
      actors_(recorder_) {
  const auto root = [&](const char* name) {
    const auto who = recorder_.next_of(recorder_.role(name, 0));
    actors_.born(who, 0);
    return who;
  };
  http_ = root("http_client");
  timers_ = root("timers");
  agent_listener_ = root("agent_listener");
  telemetry_listener_ = root("telemetry_listener");
  coordinator_ = root("coordinator");
  poller_ = root("lifecycle_poller");
  coordinator_role_ = recorder_.role("coordinator", 0);
  send(coordinator_, apm::registered{"orders", "1", "app.handler", "",
                                     apm::telemetry_api::telemetry});
  ask_next();
}

void made_trace::set(const std::string& variable, const std::string& value) {
  recorder_.define(entry_kind::configuration, 0, 0, variable + '=' + value);
}

void made_trace::fact(const std::string& name_and_value) {
  recorder_.define(entry_kind::fact, 0, 0, name_and_value);
}

uint64_t made_trace::handle(reference who, uint64_t message) {
  recorder_.know(record_kind::handled);
  return recorder_.record(record_kind::handled, who, message, {});
}

std::string made_trace::request_id(uint64_t event) const {
  auto digits = std::to_string(event);
  digits.insert(0, 12 - digits.size(), '0');
  return "00000000-0000-0000-0000-" + digits;
}

// -- the course of an event ---------------------------------------------------

void made_trace::begin(uint64_t event, int64_t deadline_ms,
                       int64_t timer_before_ms) {
  event_ = event;
  deadline_ns_ = time_.now_ns + deadline_ms * 1'000'000;
  const auto wall_ms = (start_real_ns + time_.now_ns - start_ns) / 1'000'000;
  send(poller_,
       apm::http_response{
           last_next_, apm::http_failure::none, true, 200, {}, {}, 0, {}},
       true);
  apm::lambda_event told;
  told.sequence = event;
  told.request_id = request_id(event);
  told.received_ms = wall_ms;
  told.deadline_ms = wall_ms + deadline_ms;
  told.deadline = at(deadline_ns_);
  const auto turn = handle(coordinator_, send(coordinator_, told));
  const turn_scope scope{&recorder_, coordinator_, turn, false};
  note(&recorder_, record_kind::event_begin, event, apm::event_kind::invoke,
       request_id(event), deadline_ns_);
  forwarder_ =
      recorder_.next_of(recorder_.role("apm_forwarder", coordinator_role_));
  processor_ =
      recorder_.next_of(recorder_.role("log_processor", coordinator_role_));
  timer_ = recorder_.next_of(recorder_.role("timer", coordinator_role_));
  actors_.born(forwarder_, turn);
  actors_.born(processor_, turn);
  const auto born = actors_.born(timer_, turn);
  const turn_scope inner{&recorder_, timer_, born, false};
  send(timers_,
       apm::timer_set{event, at(deadline_ns_ - timer_before_ms * 1'000'000)});
}

void made_trace::begin_shutdown(uint64_t event, const std::string& reason) {
  event_ = event;
  deadline_ns_ = time_.now_ns + 2'000'000'000; // what Lambda grants
  apm::lambda_event told;
  told.sequence = event;
  told.kind = apm::event_kind::shutdown;
  told.reason = reason;
  told.deadline = at(deadline_ns_);
  send(poller_,
       apm::http_response{
           last_next_, apm::http_failure::none, true, 200, {}, {}, 0, {}},
       true);
  const auto turn = handle(coordinator_, send(coordinator_, told));
  const turn_scope scope{&recorder_, coordinator_, turn, false};
  note(&recorder_, record_kind::event_begin, event, apm::event_kind::shutdown,
       std::string{}, deadline_ns_);
  // Without a report to wait for TIMER is ended before it has begun.
  timer_ = recorder_.next_of(recorder_.role("timer", coordinator_role_));
  ask_child_to_end(child_role::timer);
  actors_.born(timer_, turn);
  child_exits(child_role::timer, 4);
}

uint64_t made_trace::agent_data(uint32_t lines, bool is_flushed,
                                const std::string& request_id) {
  apm::agent_intake intake;
  intake.is_flushed = is_flushed;
  intake.lines = lines;
  intake.events = body(size_t{100} * lines);
  if (lines > 0)
    intake.transactions = {
        {"t", request_id.empty() ? this->request_id(event_) : request_id}};
  return send(coordinator_, std::move(intake), true);
}

void made_trace::intake_open(uint32_t bodies) {
  send(coordinator_, apm::intake_open{bodies}, true);
}

void made_trace::platform(const std::string& type,
                          const std::string& request_id, int64_t made_ms_ago) {
  const auto id = platform_waits(type, request_id, made_ms_ago);
  telemetry_work(id);
  telemetry_result(id, 0);
}

uint64_t made_trace::platform_waits(const std::string& type,
                                    const std::string& request_id,
                                    int64_t made_ms_ago) {
  apm::telemetry_batch batch;
  batch.id = ++last_delivery_;
  const auto made_ms =
      (start_real_ns + time_.now_ns - start_ns) / 1'000'000 - made_ms_ago;
  batch.records = {{apm::format_rfc3339_ms(made_ms), type,
                    apm::bytes{R"({"requestId":")" + request_id
                               + R"(","status":"success"})"}}};
  handle(coordinator_, send(coordinator_, batch, true));
  send(telemetry_listener_, apm::listener_answer{batch.id, 200, {}, {}});
  return batch.id;
}

uint64_t made_trace::telemetry(uint16_t status, uint64_t lost_records) {
  apm::telemetry_batch batch;
  batch.id = ++last_delivery_;
  handle(coordinator_, send(coordinator_, batch, true));
  send(telemetry_listener_, apm::listener_answer{batch.id, status, {}, {}});
  if (lost_records > 0) {
    telemetry_work(batch.id);
    apm::telemetry_result result;
    result.id = batch.id;
    result.dropped_records = lost_records;
    result.dropped_bytes = 100 * lost_records;
    send(coordinator_, result);
  }
  return batch.id;
}

void made_trace::telemetry_work(uint64_t id) {
  apm::telemetry_work work;
  work.id = id;
  work_record_ = send(processor_, work);
}

void made_trace::telemetry_result(uint64_t id, uint32_t lines) {
  const auto turn = handle(processor_, work_record_);
  const turn_scope scope{&recorder_, processor_, turn, false};
  apm::telemetry_result result;
  result.id = id;
  result.log_count = lines;
  send(coordinator_, result);
}

void made_trace::win(apm::end_signal signal, uint64_t named_event) {
  win_by(send_done(signal, named_event), signal);
}

uint64_t made_trace::send_done(apm::end_signal signal, uint64_t named_event) {
  const auto who = signal == apm::end_signal::agent_flushed  ? forwarder_
                   : signal == apm::end_signal::runtime_done ? processor_
                                                             : timer_;
  if (signal == apm::end_signal::deadline)
    work_record_ = send(timer_, apm::timer_fired{event_}, true);
  const auto turn = handle(who, work_record_);
  const turn_scope scope{&recorder_, who, turn, false};
  return send(coordinator_,
              apm::done{signal, named_event == 0 ? event_ : named_event});
}

void made_trace::win_by(uint64_t done, apm::end_signal signal) {
  const auto turn = handle(coordinator_, done);
  const turn_scope scope{&recorder_, coordinator_, turn, false};
  note(&recorder_, record_kind::winner, event_, signal,
       deadline_ns_ - time_.now_ns);
}

made_trace::reference made_trace::child(child_role which) const noexcept {
  switch (which) {
  case child_role::forwarder:
    return forwarder_;
  case child_role::processor:
    return processor_;
  case child_role::timer:
    break;
  }
  return timer_;
}

void made_trace::ask_child_to_end(child_role which) {
  // CAF's own message wants a living actor as its source.
  recorder_.define(entry_kind::message_type, exit_type, 0, "exit {auu}");
  recorder_.know(record_kind::enqueued);
  auto payload = recorder_.payload();
  payload.u(exit_type);
  payload.byte(0);
  payload.u(coordinator_.value);
  payload.u(1);
  payload.u(static_cast<uint64_t>(caf::exit_reason::user_shutdown));
  recorder_.record(record_kind::enqueued, child(which), 0, payload.written());
}

void made_trace::child_exits(child_role which, uint64_t code) {
  actors_.exited(child(which), 0,
                 caf::error{static_cast<uint8_t>(code), caf::atom("test")});
}

// -- its end ------------------------------------------------------------------

void made_trace::end(uint64_t received, uint64_t accepted, uint64_t dropped,
                     uint64_t outcomes, uint64_t unknown) {
  all_received_ += received;
  all_accepted_ += accepted;
  const uint64_t held = received - accepted - dropped - unknown;
  const uint64_t all_held =
      all_received_ - all_accepted_ - all_dropped_ - unknown;
  note(&recorder_, record_kind::ledger, event_, received, accepted,
       std::vector<uint64_t>{dropped}, held, all_received_, all_accepted_,
       all_dropped_, all_held, uint64_t{0}, uint64_t{0});
  if (outcomes != 0)
    note(&recorder_, record_kind::verdict, event_, outcomes, dropped, all_held,
         uint64_t{0});
  send(poller_, apm::event_done{event_});
  recorder_.event_ended(event_);
  ask_next();
}

void made_trace::ask_next() {
  const auto turn = handle(poller_, 0);
  const turn_scope scope{&recorder_, poller_, turn, false};
  apm::http_request request;
  request.id = ++last_next_;
  request.method = "GET";
  request.url = "http://127.0.0.1:9001/2020-01-01/extension/event/next";
  anchor(0);
  send(http_, std::move(request));
}

void made_trace::anchor(int64_t wall_step_ms) {
  wall_step_ns_ += wall_step_ms * 1'000'000;
  note(&recorder_, record_kind::clock_anchor, time_.now_ns,
       start_real_ns + time_.now_ns - start_ns + wall_step_ns_, time_.now_ns);
}

void made_trace::stall(int64_t ms) {
  const auto message = send(coordinator_, apm::intake_open{0}, true);
  wait_ms(ms);
  handle(coordinator_, message);
}

void made_trace::process_ends() {
  note(&recorder_, record_kind::process_end, int64_t{0});
  recorder_.seal();
}

process_trace made_trace::read(uint64_t first) const {
  auto found = apm::trace::read_ring(
      const_cast<apm::trace::test::ring_memory&>(memory_).image(),
      {first, UINT64_MAX});
  EXPECT_TRUE(found);
  process_trace process;
  process.content = std::move(found.value());
  process.anchors = {process.content.process.start};
  return process;
}

void run_until_flush(made_trace& x, uint64_t event, uint32_t lines) {
  x.begin(event, 3000);
  x.wait_ms(5);
  x.agent_data(lines);
  x.agent_data(0, true);
  x.win(apm::end_signal::agent_flushed);
  x.flush_begin(lines);
}

void run_clean(made_trace& x, uint64_t event) {
  run_until_flush(x, event);
  x.answer(x.post(4), {1, 202, apm::http_failure::none, 4});
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(4, 4);
  x.wait_ms(50);
}

void run_until_margin(made_trace& x, uint64_t event) {
  x.begin(event, 1000);
  x.agent_data(4);
  x.wait_ms(800);
  x.win(apm::end_signal::deadline);
  x.flush_begin(4);
  x.post_in_vain(4, 150);
  x.end(4, 0, 0, delayed);
}

std::string cause_of(const process_analysis& of, uint64_t event) {
  const auto* found = of.find(event);
  return found == nullptr || found->findings.empty()
             ? "-"
             : found->findings.front().what->id;
}

} // namespace flushtrace::test

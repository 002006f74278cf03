// Made traces: flushes, POSTs, and what was dropped or refused.
#include "tests/unit/flushtrace/made_trace.hpp"

namespace flushtrace::test {

using apm::trace::note;
using apm::trace::record_kind;
using apm::trace::turn_scope;

void made_trace::flush_begin(uint64_t lines, bool is_breaker_open,
                             int64_t budget_ms, uint64_t lease) {
  // 50 ms of an invocation are the answer's.
  const auto left = deadline_ns_ - 50'000'000 - time_.now_ns;
  note(&recorder_, record_kind::flush_begin, event_, lines, 100 * lines, lease,
       is_breaker_open, budget_ms == 0 ? left : budget_ms * 1'000'000);
}

uint64_t made_trace::post(uint32_t lines) {
  apm::batch batch;
  batch.lease = ++last_lease_;
  batch.lines = lines;
  const auto turn = handle(forwarder_, send(forwarder_, batch));
  const turn_scope scope{&recorder_, forwarder_, turn, false};
  apm::http_request request;
  request.id = batch.lease;
  request.method = "POST";
  request.url = "http://localhost:8200/intake/v2/events";
  request.body = apm::bytes{std::string(size_t{40} * lines, 'x')};
  request.timeout_ms = 3000;
  send(http_, std::move(request));
  return batch.lease;
}

void made_trace::answer(uint64_t lease, const made_answer& x) {
  wait_ms(x.after_ms);
  const auto us = x.after_ms * 1000;
  note(&recorder_, record_kind::post, uint64_t{x.status}, x.failure, int64_t{0},
       int64_t{0}, x.tls_us, int64_t{0}, us, us, x.is_reused, uint64_t{0},
       uint64_t{0});
  apm::http_response response;
  response.id = lease;
  response.failure = x.failure;
  response.status = x.status;
  const auto turn = handle(forwarder_, send(forwarder_, response, true));
  if (!x.is_delivered)
    return;
  const turn_scope scope{&recorder_, forwarder_, turn, false};
  apm::delivery delivery;
  delivery.lease = lease;
  delivery.accepted = x.accepted;
  delivery.status = x.status;
  send(coordinator_, delivery);
}

void made_trace::cancel(uint64_t lease) {
  const auto turn = handle(forwarder_, 0);
  const turn_scope scope{&recorder_, forwarder_, turn, false};
  send(http_, apm::http_cancel{lease});
}

void made_trace::flush_end(uint64_t lines, flush_end_why why) {
  note(&recorder_, record_kind::flush_end, event_, lines, 100 * lines, why);
}

void made_trace::flush_nothing() {
  flush_begin(0);
  flush_end(0, flush_end_why::nothing_left);
}

void made_trace::post_in_vain(uint32_t lines, int64_t ms) {
  const auto lease = post(lines);
  wait_ms(ms);
  flush_end(lines, flush_end_why::out_of_time);
  cancel(lease);
}

void made_trace::drop(uint64_t reason, uint64_t lines) {
  note(&recorder_, record_kind::dropped, event_, reason, lines);
  all_dropped_ += lines;
}

void made_trace::refuse(uint16_t status, uint64_t bytes) {
  send(coordinator_,
       apm::input_refused{"agent", status, "no sound body", bytes}, true);
}

void made_trace::breaker(bool is_open) {
  note(&recorder_, record_kind::breaker, is_open, time_.now_ns + 1'000'000'000);
}

} // namespace flushtrace::test

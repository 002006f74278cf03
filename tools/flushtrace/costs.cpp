// The cost of a record: what the extension does for each, nothing else; and
// of reading it again.
#include "messages/type_ids.hpp"
#include "runtime/recording/message_inspector.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/values.hpp"
#include "tools/flushtrace/selfcheck.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

constexpr size_t slots = 8192; ///< the default ring
constexpr uint64_t batch = 1000;

struct still_clock final : apm::clock {
  apm::steady_time now() const noexcept override { return time; }
  apm::wall_ms wall() const noexcept override { return 0; }

  apm::steady_time time{std::chrono::hours{1}};
};

apm::trace::clock_readings no_clocks() {
  return {};
}

template <class Work>
double median_of(uint32_t rounds, uint64_t records, Work work) {
  std::vector<double> costs;
  for (uint32_t i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::nano> took =
        std::chrono::steady_clock::now() - begin;
    costs.push_back(took.count() / static_cast<double>(records));
  }
  const auto middle = costs.begin() + static_cast<long>(costs.size() / 2);
  std::nth_element(costs.begin(), middle, costs.end());
  return *middle;
}

template <class Record>
double median_ns(uint64_t records, Record record) {
  return median_of(static_cast<uint32_t>((records + batch - 1) / batch), batch,
                   [&] {
                     for (uint64_t i = 0; i < batch; ++i)
                       record();
                   });
}

} // namespace

record_costs measure_costs(uint64_t records) {
  std::vector<uint64_t> memory(apm::trace::ring_writer::ring_bytes(slots)
                               / sizeof(uint64_t));
  still_clock time;
  apm::trace::recorder recorder{apm::trace::recorder_setup{
      reinterpret_cast<char*>(memory.data()), memory.size() * sizeof(uint64_t),
      1, no_clocks, &time, 99, apm::trace::payload_mode::shape}};
  const auto actor = recorder.next_of(recorder.role("coordinator", 0));
  const apm::trace::turn_scope turn{
      &recorder, actor, recorder.record(record_kind::handled, actor, 0, {}),
      false};
  apm::delivery message;
  message.lease = 1000;
  message.accepted = 12;
  message.status = 202;
  record_costs costs;
  costs.handled = median_ns(records, [&] {
    recorder.record(record_kind::handled, actor, recorder.turn(), {});
  });
  costs.noted = median_ns(records, [&] {
    note(&recorder, record_kind::winner, uint64_t{12345}, uint64_t{1},
         int64_t{2'800'000'000});
  });
  costs.enqueued = median_ns(records, [&] {
    auto payload = recorder.payload();
    payload.u(7);
    payload.byte(0);
    apm::message_inspector f{recorder, payload, false};
    f.put(message);
    recorder.record(record_kind::enqueued, actor, recorder.turn(),
                    payload.written());
  });
  const std::vector<uint64_t> dropped(5);
  costs.ledger = median_ns(records, [&] {
    note(&recorder, record_kind::ledger, uint64_t{12345}, uint64_t{1000},
         uint64_t{990}, dropped, uint64_t{10}, uint64_t{100'000},
         uint64_t{99'990}, uint64_t{0}, uint64_t{10}, uint64_t{0}, uint64_t{0});
  });
  return costs;
}

namespace {

/// A turn: a message, its handling, what it did, and at times the account.
void record_turn(apm::trace::recorder& to, apm::trace::actor_reference actor,
                 uint64_t number) {
  apm::delivery message;
  message.lease = number;
  message.accepted = 12;
  message.status = 202;
  auto payload = to.payload();
  payload.u(7);
  payload.byte(0);
  apm::message_inspector f{to, payload, false};
  f.put(message);
  const auto sent =
      to.record(record_kind::enqueued, actor, 0, payload.written());
  const apm::trace::turn_scope turn{
      &to, actor, to.record(record_kind::handled, actor, sent, {}), false};
  note(&to, record_kind::buffer, number, uint64_t{12'000}, uint64_t{8'000'000},
       uint64_t{0});
  if (number % 8 == 0)
    note(&to, record_kind::ledger, number, uint64_t{1000}, uint64_t{990},
         std::vector<uint64_t>(7), uint64_t{10}, uint64_t{100'000},
         uint64_t{99'990}, uint64_t{0}, uint64_t{10}, uint64_t{0}, uint64_t{0});
}

} // namespace

reading_costs measure_reading(uint32_t rounds) {
  std::vector<uint64_t> memory(apm::trace::ring_writer::ring_bytes(slots)
                               / sizeof(uint64_t));
  still_clock time;
  apm::trace::recorder recorder{apm::trace::recorder_setup{
      reinterpret_cast<char*>(memory.data()), memory.size() * sizeof(uint64_t),
      1, no_clocks, &time, 99, apm::trace::payload_mode::shape}};
  const auto actor = recorder.next_of(recorder.role("coordinator", 0));
  char signature[64];
  apm::trace::byte_writer text{signature, sizeof signature};
  text.text("delivery ");
  apm::signature_inspector{text}.put(apm::delivery{});
  recorder.define(apm::trace::entry_kind::message_type, 7, 0, text.written());
  for (uint64_t i = 1; recorder.ring().next_sequence() < 2 * slots; ++i)
    record_turn(recorder, actor, i);
  const std::string_view image{reinterpret_cast<const char*>(memory.data()),
                               memory.size() * sizeof(uint64_t)};
  const auto ring = apm::trace::read_ring(image);
  const auto segment = ring ? apm::trace::write_segment(ring.value())
                            : apm::result<std::string>{ring.error()};
  reading_costs costs;
  if (!segment)
    return costs;
  const auto& content = ring.value();
  costs.records = content.records.size();
  bool is_whole = true; // so that nothing is left out as useless
  costs.ring = median_of(rounds, costs.records, [&] {
    is_whole = is_whole && apm::trace::read_ring(image).has_value();
  });
  costs.segment = median_of(rounds, costs.records, [&] {
    is_whole =
        is_whole && apm::trace::read_segment(segment.value()).has_value();
  });
  const apm::trace::schema_book book{content};
  costs.fields = median_of(rounds, costs.records, [&] {
    for (const auto& x : content.records)
      is_whole = book.read(x).is_whole && is_whole;
  });
  return is_whole ? costs : reading_costs{};
}

} // namespace flushtrace

// The cost of a record: what the extension does for each, nothing else.
#include "messages/type_ids.hpp"
#include "runtime/recording/message_inspector.hpp"
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

template <class Record>
double median_ns(uint64_t records, Record record) {
  std::vector<double> costs;
  for (uint64_t i = 0; i * batch < records; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    for (uint64_t j = 0; j < batch; ++j)
      record();
    const std::chrono::duration<double, std::nano> took =
        std::chrono::steady_clock::now() - begin;
    costs.push_back(took.count() / static_cast<double>(batch));
  }
  const auto middle = costs.begin() + static_cast<long>(costs.size() / 2);
  std::nth_element(costs.begin(), middle, costs.end());
  return *middle;
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

} // namespace flushtrace

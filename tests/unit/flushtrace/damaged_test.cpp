// Pages and exports of damaged traces: whatever was done to the records,
// nothing breaks and what is written is sound JSON. Under the sanitizers
// nothing is read that is not there.
#include "runtime/formats/json_value.hpp"
#include "tests/support/raw_trace.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/timeline/page.hpp"
#include "tools/flushtrace/timeline/page_data.hpp"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace flushtrace {
namespace {

using apm::test::raw_trace;
using apm::trace::record_kind;

/// One event with each kind of record that pages and exports look at.
apm::trace::trace sound_trace() {
  raw_trace to;
  to.setting("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128");
  to.born("coordinator");
  const auto told = to.message("coordinator", to.turn("lifecycle_poller"),
                               "lambda_event {u}", uint64_t{1});
  const auto begun = to.turn("coordinator", told);
  to.note(record_kind::event_begin, begun, uint64_t{1}, uint64_t{0},
          std::string{"id"}, to.now() + 3'000'000'000);
  const auto heard =
      to.turn("coordinator",
              to.message("coordinator", 0, "agent_intake {u}", uint64_t{1}));
  to.note(record_kind::buffer, heard, uint64_t{2}, uint64_t{200},
          uint64_t{1000}, uint64_t{0});
  to.message("timers", heard, "timer_set {ut}", uint64_t{1}, to.now() + 1);
  to.message("coordinator", 0, "timer_fired {u}", uint64_t{1});
  const auto done =
      to.message("coordinator", heard, "done {uu}", uint64_t{0}, uint64_t{1});
  const auto ended = to.turn("coordinator", done);
  to.note(record_kind::winner, ended, uint64_t{1}, uint64_t{0}, int64_t{5});
  to.note(record_kind::flush_begin, ended, uint64_t{1}, uint64_t{2},
          uint64_t{200}, uint64_t{0}, false, int64_t{9});
  const auto asking =
      to.turn("apm_forwarder",
              to.message("apm_forwarder", ended, "batch {u}", uint64_t{1}));
  to.message("http_client", asking, "http_request {uss}", uint64_t{1},
             std::string{"POST"}, std::string{"http://a/intake/v2/events"});
  to.pass(2'000'000);
  to.note(record_kind::post, 0, uint64_t{503}, uint64_t{0}, int64_t{1},
          int64_t{2}, int64_t{0}, int64_t{3}, int64_t{4}, int64_t{5}, false,
          uint64_t{1}, uint64_t{1});
  to.message("apm_forwarder", 0, "http_response {uubu}", uint64_t{1},
             uint64_t{0}, true, uint64_t{503});
  to.note(record_kind::dropped, ended, uint64_t{1}, uint64_t{1}, uint64_t{1});
  to.note(record_kind::flush_end, ended, uint64_t{1}, uint64_t{1},
          uint64_t{100}, uint64_t{1});
  to.note(record_kind::ledger, ended, uint64_t{1}, uint64_t{2}, uint64_t{0},
          std::vector<uint64_t>{0, 1}, uint64_t{1}, uint64_t{2}, uint64_t{0},
          uint64_t{1}, uint64_t{1}, uint64_t{0}, uint64_t{0});
  to.note(record_kind::verdict, ended, uint64_t{1}, uint64_t{3}, uint64_t{1},
          uint64_t{1}, uint64_t{0});
  to.message("http_client", to.turn("lifecycle_poller"), "http_request {uss}",
             uint64_t{2}, std::string{"GET"},
             std::string{"http://b/2020-01-01/extension/event/next"});
  to.raw(static_cast<uint8_t>(record_kind::exited), "coordinator",
         std::string{"\0\0", 2});
  return to.take();
}

/// Numbers at which arithmetic breaks.
constexpr uint64_t edges[] = {0,
                              1,
                              127,
                              UINT32_MAX,
                              UINT64_MAX,
                              uint64_t{1} << 63,
                              (uint64_t{1} << 63) - 1};

class damage {
public:
  explicit damage(uint64_t seed) : random_(seed) {}

  /// Does something to some records.
  process_trace of(apm::trace::trace x) {
    const auto times = 1 + below(8);
    for (uint64_t i = 0; i < times; ++i)
      harm(x);
    std::stable_sort(
        x.records.begin(), x.records.end(),
        [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    process_trace made{std::move(x), {"damaged"}, {}};
    made.anchors = find_anchors(made.content);
    return made;
  }

  /// What payloads that were made stand in; the trace's views are into it.
  std::vector<std::unique_ptr<std::string>> payloads;

private:
  uint64_t below(uint64_t end) { return random_() % end; }
  uint64_t edge() { return edges[below(std::size(edges))]; }

  void harm(apm::trace::trace& to) {
    auto& x = to.records[below(to.records.size())];
    switch (below(7)) {
    case 0:
      x.time_ns = static_cast<int64_t>(edge());
      break;
    case 1:
      x.cause = below(2) == 0 ? edge() : 1 + below(to.records.size());
      break;
    case 2:
      x.kind = static_cast<uint8_t>(below(2) == 0 ? below(256) : below(48));
      break;
    case 3:
      x.actor.value = static_cast<uint32_t>(edge());
      break;
    case 4:
      x.payload = x.payload.substr(0, below(x.payload.size() + 1));
      break;
    case 5:
      change_payload(x);
      break;
    default:
      to.records.erase(
          to.records.begin()
          + static_cast<std::ptrdiff_t>(below(to.records.size() - 1)));
    }
  }

  void change_payload(apm::trace::record& x) {
    payloads.push_back(std::make_unique<std::string>(x.payload));
    auto& text = *payloads.back();
    if (below(2) == 0) {
      char buffer[16];
      apm::trace::byte_writer number{buffer, sizeof buffer};
      number.u(edge());
      text.insert(below(text.size() + 1), number.written());
    }
    for (auto& each : text)
      if (below(8) == 0)
        each = static_cast<char>(below(256));
    x.payload = text;
  }

  std::mt19937_64 random_;
};

TEST(damaged_traces, never_break_pages_and_exports) {
  const auto sound = sound_trace();
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    damage harm{seed};
    const auto process = harm.of(sound);
    const auto seen = find_activity(process);
    const auto data = page_data(process, seen, select_records(seen, {}, 1000));
    EXPECT_FALSE(apm::check_json(data)) << data;
    std::vector<shown_process> shown(1);
    shown[0].process = &process;
    shown[0].seen = seen;
    shown[0].end = static_cast<uint32_t>(seen.steps.size());
    EXPECT_FALSE(apm::check_json(perfetto_of(shown)));
    EXPECT_FALSE(apm::check_json(otlp_of(shown)));
    mermaid_of(shown);
    shiviz_of(shown);
    std::istringstream documents{ecs_of(shown, true)};
    for (std::string line; std::getline(documents, line);)
      EXPECT_FALSE(apm::check_json(line)) << line;
  }
}

TEST(damaged_traces, have_pages) {
  const auto sound = sound_trace();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    damage harm{seed};
    EXPECT_TRUE(make_page({harm.of(sound)}, {})) << "seed " << seed;
  }
}

} // namespace
} // namespace flushtrace

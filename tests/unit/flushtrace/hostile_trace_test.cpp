// A trace is anybody's: whatever its records say, each event is explained, on
// one screen, in sound JSON. Seeded, so that what fails fails again.
#include "runtime/formats/json_value.hpp"
#include "tests/unit/flushtrace/made_trace.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/summary/fleet_text.hpp"
#include "tools/flushtrace/summary/gate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

namespace flushtrace {
namespace {

using namespace test; // the vocabulary of made traces

/// Some of everything, so that there is something to spoil.
void run_much(made_trace& x) {
  run_clean(x, 1);
  run_until_flush(x, 2);
  x.answer(x.post(4), {3, 503});
  x.breaker(true);
  x.drop(1, 2);
  x.refuse(400, 100);
  x.platform("platform.runtimeDone", x.request_id(2));
  x.flush_end(2, flush_end_why::server_fails);
  x.end(4, 0, 2, lost | delayed);
  x.platform("platform.report", x.request_id(2));
  x.agent_data(3);
  x.begin(3, 3000);
  x.telemetry_work(x.telemetry(200, 7));
  x.ask_child_to_end(child_role::processor);
  x.child_exits(child_role::processor, 3);
  x.anchor(500);
  x.stall(300);
  x.win(apm::end_signal::deadline);
  x.flush_begin(3, true);
  x.cancel(x.post(3));
  x.flush_end(3, flush_end_why::out_of_time);
  x.end(3, 0, 0, delayed);
  x.begin_shutdown(4, "timeout");
}

/// One of the ways in which a record can be wrong.
void spoil(apm::trace::record& x, std::string& payload, std::mt19937_64& draw) {
  switch (draw() % 7) {
  case 0:
    x.kind = static_cast<uint8_t>(draw() % 48);
    break;
  case 1:
    x.cause = draw() % 2 == 0 ? draw() % 400 : draw();
    break;
  case 2:
    x.time_ns = static_cast<int64_t>(draw());
    break;
  case 3:
    x.actor.value = static_cast<uint32_t>(draw());
    break;
  case 4:
    payload.resize(draw() % (payload.size() + 1));
    break;
  default:
    if (!payload.empty())
      payload[draw() % payload.size()] = static_cast<char>(draw());
  }
}

/// A trace of which about one record in `rarity` is spoiled or missing.
process_trace spoiled(const process_trace& from, std::mt19937_64& draw,
                      uint64_t rarity) {
  process_trace to = from;
  auto& records = to.content.records;
  auto storage = std::make_shared<std::vector<std::string>>();
  storage->reserve(records.size()); // views into it stay
  for (auto& x : records) {
    storage->emplace_back(x.payload);
    if (draw() % rarity == 0)
      spoil(x, storage->back(), draw);
    x.payload = storage->back();
  }
  records.erase(
      std::remove_if(records.begin(), records.end(),
                     [&](const auto&) { return draw() % (4 * rarity) == 0; }),
      records.end());
  to.content.storage = {storage, &storage->front()};
  return to;
}

void expect_a_screen(const std::string& text, uint64_t seed) {
  std::istringstream lines{text};
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_LE(line.size(), 80U) << "seed " << seed << ": " << line;
  EXPECT_LE(count, 40U) << "seed " << seed << ":\n" << text;
}

TEST(hostile_trace, each_event_is_explained) {
  made_trace made;
  run_much(made);
  const auto whole = made.read();
  for (uint64_t seed = 0; seed < 400; ++seed) { // a tenth of a second
    std::mt19937_64 draw{seed};
    const auto process = spoiled(whole, draw, seed % 2 == 0 ? 3 : 30);
    const auto found = analyse(process);
    fleet sum;
    sum.add(process, found, nullptr);
    EXPECT_FALSE(apm::check_json(fleet_in_json(sum))) << "seed " << seed;
    EXPECT_TRUE(read_baseline(fleet_in_json(sum))) << "seed " << seed;
    for (const auto& event : found.events) {
      expect_a_screen(explain_in_text(process, event), seed);
      EXPECT_FALSE(apm::check_json(explain_in_json(process, event)))
          << "seed " << seed;
    }
  }
}

} // namespace
} // namespace flushtrace

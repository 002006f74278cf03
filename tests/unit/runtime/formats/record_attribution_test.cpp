// Tests of record_attribution.hpp: whose a record is, in order and out of it,
// with starts that never came.
#include "runtime/formats/record_attribution.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace apm {
namespace {

constexpr int64_t ms = 1'000; // in microseconds

telemetry_record record(std::string time, std::string type,
                        std::string json = "{}") {
  return {std::move(time), std::move(type), bytes{std::move(json)}};
}

std::string at(const char* seconds) {
  return std::string{"2022-10-12T00:00:"} + seconds + "Z";
}

TEST(record_attribution, reading_order) {
  using order = std::vector<size_t>;
  const std::pair<std::vector<telemetry_record>, order> cases[] = {
      {{}, {}},
      {{record(at("15.000"), "function"),
        record(at("15.000"), "platform.runtimeDone"),
        record(at("15.000"), "platform.start"),
        record(at("15.001"), "function")},
       {0, 1, 2, 3}}, // in order: nothing is moved
      {{record(at("14.999"), "function"),
        record(at("15.000"), "platform.start"),
        record(at("15.000"), "function")},
       {0, 1, 2}}, // a line from before
      // Turned round, all in a millisecond: the start's lines are its own.
      {{record(at("15.000"), "platform.runtimeDone"),
        record(at("15.000"), "function"), record(at("15.000"), "function"),
        record(at("15.000"), "platform.start")},
       {0, 3, 1, 2}},
      {{record(at("15.002"), "platform.report"),
        record(at("15.001"), "function"), record(at("15.000"), "function")},
       {2, 1, 0}},
      // At the same time starts come first, reports last.
      {{record(at("16"), "platform.report"), record(at("16"), "function"),
        record(at("16"), "platform.runtimeDone"),
        record(at("16"), "platform.start"), record(at("15"), "function")},
       {4, 3, 1, 2, 0}},
      // What has no time stays with its neighbour.
      {{record(at("16"), "function"), record("", "function"),
        record(at("15"), "function"), record("odd", "function")},
       {2, 3, 0, 1}},
      // Other forms of the same time: text order is not theirs, time is.
      {{record("2022-10-12T00:00:15.5Z", "function"),
        record("2022-10-12T00:00:15.50001Z", "function"),
        record("2022-10-12T01:00:15.6+01:00", "function"),
        record("2022-10-12T00:00:16Z", "function")},
       {0, 1, 2, 3}},
  };
  for (auto& [records, expected] : cases)
    EXPECT_EQ(reading_order(records), expected);
}

telemetry_work three_known() {
  telemetry_work work;
  work.invocations = {{1, "r1", "arn:1", 1000, 4000, false},
                      {2, "r2", "arn:2", 2000, 5000, false},
                      {3, "r3", "arn:3", 3000, 6000, false}};
  return work;
}

TEST(record_attribution, by_the_stream) {
  auto work = three_known();
  work.starts = {{"r1", 1000 * ms}, {"r2", 2000 * ms}};
  record_attribution whose{work};
  EXPECT_EQ(whose.request_at(2000 * ms), "r2");
  EXPECT_EQ(whose.request_at(2500 * ms), "r2");
  EXPECT_EQ(whose.request_at(0), "r2") << "no time: where the stream is";
  whose.started("r3", 2999 * ms);
  EXPECT_EQ(whose.request_at(3500 * ms), "r3");
  EXPECT_EQ(whose.request_at(0), "r3");
}

TEST(record_attribution, by_time_where_a_record_is_late) {
  auto work = three_known();
  work.starts = {{"r1", 1000 * ms}, {"r2", 2000 * ms}, {"r3", 2999 * ms}};
  record_attribution whose{work};
  EXPECT_EQ(whose.request_at(2998 * ms), "r2");
  EXPECT_EQ(whose.request_at(1500 * ms), "r1");
  EXPECT_EQ(whose.request_at(900 * ms), "r1") << "its initialisation";
}

TEST(record_attribution, by_time_where_starts_come_out_of_order) {
  auto work = three_known();
  record_attribution whose{work};
  whose.started("r2", 2000 * ms);
  whose.started("r1", 1000 * ms);
  EXPECT_EQ(whose.request_at(1500 * ms), "r1");
  EXPECT_EQ(whose.request_at(2500 * ms), "r2");
  EXPECT_EQ(whose.take_starts().back().request_id, "r2");
}

TEST(record_attribution, where_a_start_was_lost) {
  auto work = three_known();
  work.starts = {{"r1", 1000 * ms}};
  record_attribution whose{work};
  EXPECT_EQ(whose.request_at(1900 * ms), "r1");
  EXPECT_EQ(whose.request_at(2000 * ms), "r1") << "just received: not its yet";
  EXPECT_EQ(whose.request_at(2001 * ms), "r2");
  EXPECT_EQ(whose.request_at(9000 * ms), "r3");
  EXPECT_EQ(whose.request_at(0), "r1");
  // Not lost, but further down in the batch.
  work.records = {record(at("15"), "platform.start", R"({"requestId":"r2"})"),
                  record(at("15"), "platform.start", R"({"requestId":"r3"})")};
  record_attribution later{work};
  EXPECT_EQ(later.request_at(9000 * ms), "r1");
}

TEST(record_attribution, where_nothing_was_shown) {
  auto work = three_known();
  record_attribution whose{work};
  EXPECT_EQ(whose.request_at(0), "r1");
  EXPECT_EQ(whose.request_at(500 * ms), "r1");
  EXPECT_EQ(whose.request_at(2500 * ms), "r2");
  const telemetry_work nothing;
  record_attribution nobody{nothing};
  EXPECT_EQ(nobody.request_at(500 * ms), "");
  EXPECT_EQ(nobody.find("r1"), nullptr);
}

TEST(record_attribution, starts_without_a_time) {
  auto work = three_known();
  record_attribution whose{work};
  whose.started("r1", 0);
  whose.started("r2", 0);
  EXPECT_EQ(whose.request_at(0), "r2");
  EXPECT_EQ(whose.request_at(1500 * ms), "r2");
}

TEST(record_attribution, of_two_attempts_the_newer_is_found) {
  auto work = three_known(); // an asynchronous retry has its first one's id
  work.invocations.push_back({4, "r1", "arn:4", 7000, 9000, false});
  EXPECT_EQ(record_attribution{work}.find("r1")->function_arn, "arn:4");
}

TEST(record_attribution, starts_are_bounded) {
  telemetry_work work;
  record_attribution whose{work};
  for (int i = 0; i < 100; ++i)
    whose.started("r" + std::to_string(i), (1 + i) * ms);
  const auto starts = whose.take_starts();
  EXPECT_EQ(starts.size(), 32u);
  EXPECT_EQ(starts.back().request_id, "r99");
}

TEST(record_attribution, side_by_side_the_stream_says_nothing) {
  auto work = three_known();
  work.is_concurrent = true;
  work.starts = {{"r1", 1000 * ms}};
  record_attribution whose{work};
  EXPECT_EQ(whose.request_at(1500 * ms), "");
  for (int i = 0; i < 100; ++i)
    whose.started("n" + std::to_string(i), (1 + i) * ms);
  EXPECT_EQ(whose.request_at(0), "");
  EXPECT_EQ(whose.take_starts().size(), 100u) << "each is to be learnt";
}

} // namespace
} // namespace apm

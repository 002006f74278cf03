// Tests of what the COORDINATOR leaves to the sandbox's next process, and of
// what it makes of what an earlier one has left.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

#include <map>

namespace apm {
namespace {

using namespace std::chrono_literals;
using test::agent_data;
using test::answered;
using test::coordinator_world;
using test::file_on_disk;
using test::intake_path;

class coordinator_spill_test : public testing::Test {
protected:
  void TearDown() override { world.check_books(); }

  /// The APM Server cannot be reached, however often it is asked.
  void fail_all_posts() {
    http_response none;
    none.failure = http_failure::connect;
    while (world.has_open(intake_path)) {
      world.answer(intake_path, none);
      world.settle();
      world.advance(400ms); // the longest pause between two tries
    }
  }

  static file_on_disk earlier_file(const std::vector<std::string>& lines) {
    file_on_disk file;
    for (const auto& line : lines)
      file.content.push_back({bytes{R"({"metadata":{"earlier":1}})"}, "agent/0",
                              3, 1, bytes{line}});
    return file;
  }

  coordinator_world world;
};

TEST_F(coordinator_spill_test, what_is_held_at_shutdown_goes_to_the_next) {
  world.have_spill();
  world.begin(telemetry_api::none);
  EXPECT_EQ(world.spill_asked, 1U);
  world.send(agent_data(1, "r1", 3));
  const auto last = world.shutdown();
  world.settle();
  fail_all_posts();
  ASSERT_TRUE(world.is_done(last));
  ASSERT_EQ(world.stored.size(), 1U);
  ASSERT_EQ(world.stored[0].content.size(), 1U);
  const auto& left = world.stored[0].content[0];
  EXPECT_EQ(left.count, world.state().held().held_lines());
  EXPECT_FALSE(left.metadata.empty());
  EXPECT_EQ(left.value, static_cast<uint8_t>(line_value::agent));
}

TEST_F(coordinator_spill_test, nothing_is_left_where_all_was_delivered) {
  world.have_spill();
  world.begin(telemetry_api::none);
  const auto last = world.shutdown();
  world.settle();
  ASSERT_TRUE(world.is_done(last));
  EXPECT_TRUE(world.stored.empty());
}

TEST_F(coordinator_spill_test, nothing_is_written_while_memory_has_room) {
  world.have_spill();
  world.begin(telemetry_api::none);
  const auto event = world.invoke("r1", 1s);
  world.send(agent_data(1, "r1", 3));
  world.settle();
  world.advance(3s);
  fail_all_posts();
  ASSERT_TRUE(world.is_done(event));
  EXPECT_TRUE(world.stored.empty());
}

TEST_F(coordinator_spill_test, what_was_found_is_sent_first_and_as_it_was) {
  world.have_spill();
  world.disk.push_back(earlier_file({"one\n", "two\n"}));
  world.disk.back().content.push_back(
      {bytes{}, "", 0, 1, bytes{std::string{"log\n"}}});
  world.begin(telemetry_api::none);
  EXPECT_EQ(world.state().books().total().received, 3U);
  world.shutdown();
  world.settle();
  ASSERT_TRUE(world.has_open(intake_path));
  EXPECT_EQ(world.posted(),
            (std::vector<std::string>{R"({"metadata":{"earlier":1}})", "one",
                                      "two", "log"}));
}

TEST_F(coordinator_spill_test, earlier_files_come_one_after_the_other) {
  world.have_spill();
  for (const auto* line : {"one\n", "two\n", "three\n"})
    world.disk.push_back(earlier_file({line}));
  world.begin(telemetry_api::none);
  EXPECT_EQ(world.disk.size(), 2U) << "nobody waits for more";
  world.invoke("r1", 10s);
  world.settle();
  EXPECT_TRUE(world.disk.empty()) << "there is room, and the server is well";
  ASSERT_TRUE(world.has_open(intake_path)) << "they have waited long enough";
  EXPECT_EQ(world.posted(),
            (std::vector<std::string>{R"({"metadata":{"earlier":1}})", "one",
                                      "two", "three"}));
}

TEST_F(coordinator_spill_test, what_was_ignored_is_told_with_its_size) {
  world.have_spill();
  world.disk.push_back({0, {}, 17, "it is torn"});
  world.begin(telemetry_api::none);
  EXPECT_NE(world.log_text.find("it is torn"), std::string::npos);
  EXPECT_NE(world.log_text.find("17"), std::string::npos);
}

// -- in the middle of a life --------------------------------------------------

/// Agents' payloads of 10 KiB against a bound of 64 KiB, the least that can be
/// set.
class coordinator_outage_test : public coordinator_spill_test {
protected:
  coordinator_outage_test() { world.config.buffer_bytes = 64 * 1024; }

  /// The APM Server fails, and the breaker is open.
  void fail_first_invocation() {
    const auto event = world.invoke("r0", 10s);
    send_payload(false, "r0");
    send_payload(true, "r0");
    world.settle();
    fail_all_posts();
    ASSERT_TRUE(world.is_done(event));
  }

  /// Of the invocation under way, whatever its transaction is called.
  void send_payload(bool is_flushed = false,
                    const std::string& request_id = "r1") {
    const auto number = ++payloads_;
    auto x = agent_data(number, "r" + std::to_string(number), 9, is_flushed);
    x.transactions.front().request_id = request_id;
    std::string text{x.events.view()};
    text += R"({"span":{"id":"s)" + std::to_string(number) + R"(","x":")"
            + std::string(10 * 1024, 'x') + "\"}}\n";
    x.events = bytes{std::move(text)};
    x.lines += 1;
    lines_ += x.lines;
    world.send(std::move(x));
    world.settle();
  }

  uint64_t dropped() const {
    return world.state().books().total().dropped_total();
  }

  /// Accepts all that is posted, and lets time pass for the rest.
  void accept_all() {
    for (int i = 0; i < 200 && world.has_open(intake_path); ++i) {
      for (const auto& line : world.posted())
        if (line.find("\"metadata\"") == std::string::npos)
          ++accepted_[line];
      world.answer(intake_path, answered(202));
      world.settle();
      if (!world.has_open(intake_path))
        world.advance(1s);
    }
  }

  uint64_t payloads_ = 0;
  uint64_t lines_ = 0;
  std::map<std::string, int> accepted_;
};

TEST_F(coordinator_outage_test, what_memory_has_no_room_for_comes_back) {
  world.have_spill();
  world.begin(telemetry_api::none);
  fail_first_invocation();
  world.invoke("r1", 100s);
  for (int i = 0; i < 30; ++i) { // 300 KiB
    send_payload();
    world.check_books();
    ASSERT_LE(world.state().held().held_bytes(), world.config.buffer_bytes);
  }
  EXPECT_FALSE(world.stored.empty());
  EXPECT_GT(world.state().spilled().held_lines(), 0U);
  EXPECT_EQ(dropped(), 0U);
  world.advance(10s); // the breaker's grace: a probe goes out
  accept_all();
  EXPECT_TRUE(world.disk.empty());
  EXPECT_EQ(world.state().held().held_lines(), 0U);
  EXPECT_EQ(world.state().spilled().held_lines(), 0U);
  EXPECT_EQ(accepted_.size(), lines_);
  for (const auto& [line, times] : accepted_)
    EXPECT_EQ(times, 1) << line;
}

TEST_F(coordinator_outage_test, the_next_process_sends_what_one_left) {
  world.have_spill();
  world.begin(telemetry_api::none);
  fail_first_invocation();
  world.invoke("r1", 100s);
  for (int i = 0; i < 30; ++i)
    send_payload();
  // It is killed: what is in memory is lost, what is on the disk is not.
  coordinator_world next;
  next.have_spill();
  uint64_t left = 0;
  for (auto& file : world.disk) {
    for (const auto& x : file.content)
      left += x.count;
    next.disk.push_back({0, file.content, 0, {}});
  }
  ASSERT_GT(left, 0U);
  next.begin(telemetry_api::none);
  const auto last = next.shutdown();
  next.settle();
  uint64_t sent = 0;
  while (next.has_open(intake_path)) {
    sent += next.posted().size() - 1;
    next.answer(intake_path, answered(202));
    next.settle();
  }
  EXPECT_TRUE(next.is_done(last));
  EXPECT_EQ(sent, left);
  next.check_books();
}

TEST_F(coordinator_outage_test, a_body_longer_than_memory_is_kept) {
  world.have_spill();
  world.begin(telemetry_api::none);
  fail_first_invocation();
  world.invoke("r1", 100s);
  auto x = agent_data(100, "long", 0);
  std::string text;
  for (uint32_t i = 0; i < 100; ++i) // 200 KiB
    text += R"({"span":{"id":")" + std::to_string(i) + R"(","x":")"
            + std::string(2 * 1024, 'x') + "\"}}\n";
  x.events = bytes{std::move(text)};
  x.lines = 100;
  lines_ += x.lines;
  world.send(std::move(x));
  world.settle();
  EXPECT_EQ(dropped(), 0U);
  EXPECT_LE(world.state().held().held_bytes(), world.config.buffer_bytes);
  world.advance(10s);
  accept_all();
  EXPECT_EQ(accepted_.size(), lines_);
}

TEST_F(coordinator_outage_test, a_request_that_fills_memory_drops_nothing) {
  world.have_spill();
  world.begin(telemetry_api::none);
  world.invoke("r1", 100s);
  for (int i = 0; i < 5; ++i)
    send_payload();
  world.advance(1s);
  ASSERT_TRUE(world.has_open(intake_path)) << "the server hangs";
  for (int i = 0; i < 5; ++i)
    send_payload();
  EXPECT_EQ(dropped(), 0U);
  accept_all();
  EXPECT_EQ(accepted_.size(), lines_);
}

TEST_F(coordinator_outage_test, without_a_disk_the_least_valuable_is_dropped) {
  world.begin(telemetry_api::none);
  fail_first_invocation();
  world.invoke("r1", 100s);
  for (int i = 0; i < 30; ++i)
    send_payload();
  EXPECT_GT(dropped(), 0U);
}

TEST_F(coordinator_outage_test, a_full_disk_drops_with_a_count) {
  world.have_spill();
  world.disk_bytes_max = 40 * 1024;
  world.begin(telemetry_api::none);
  fail_first_invocation();
  world.invoke("r1", 100s);
  for (int i = 0; i < 30; ++i) {
    send_payload();
    world.check_books();
  }
  EXPECT_GT(dropped(), 0U);
  EXPECT_FALSE(world.disk.empty());
  // It is used again once it has room.
  world.disk_bytes_max = 1 << 20;
  world.advance(100s);
  fail_all_posts();
  const auto before = dropped();
  world.invoke("r2", 100s);
  world.settle();
  for (int i = 0; i < 30; ++i)
    send_payload();
  EXPECT_EQ(dropped(), before);
}

// The platform sends nothing else before what it was refused: an invocation's
// end would not come through as long as the server is away.
TEST_F(coordinator_outage_test, the_platform_is_heard_where_no_room_is) {
  world.have_spill();
  world.begin(telemetry_api::none);
  fail_first_invocation();
  world.invoke("r1", 100s);
  const auto offer = [&](uint64_t id) {
    auto x = test::delivered(id, {test::function_log("log")});
    x.body_bytes = 20 * 1024;
    world.send(std::move(x));
    world.settle();
    return world.telemetry_answers.back().status;
  };
  for (int i = 0; i < 10; ++i)
    send_payload();
  EXPECT_EQ(offer(100), 200) << "what is held makes room for it";
  world.disk_bytes_max = 0;
  for (int i = 0; i < 10; ++i)
    send_payload();
  const auto before = world.state().held().held_lines();
  EXPECT_EQ(offer(101), 200);
  EXPECT_EQ(world.state().held().held_lines(), before + 1);
}

TEST_F(coordinator_outage_test, what_is_damaged_is_told_as_lost) {
  world.have_spill();
  world.begin(telemetry_api::none);
  fail_first_invocation();
  world.invoke("r1", 100s);
  for (int i = 0; i < 30; ++i)
    send_payload();
  ASSERT_FALSE(world.disk.empty());
  uint64_t lost = 0;
  for (const auto& x : world.disk.front().content)
    lost += x.count;
  world.disk.front() = {world.disk.front().store, {}, 99, "it is torn"};
  world.advance(10s);
  accept_all();
  EXPECT_EQ(dropped(), lost);
  EXPECT_EQ(accepted_.size(), lines_ - lost);
  EXPECT_EQ(world.state().spilled().held_lines(), 0U);
}

TEST_F(coordinator_outage_test, an_invocation_waits_for_its_own_lines) {
  world.have_spill();
  world.begin(telemetry_api::none);
  const auto event = world.invoke("r1", 100s);
  for (int i = 0; i < 30; ++i)
    send_payload();
  ASSERT_FALSE(world.disk.empty()) << "they came all at once";
  world.advance(99850ms); // 200 ms before its deadline it is over
  ASSERT_FALSE(world.is_done(event));
  while (world.has_open(intake_path)) {
    ASSERT_FALSE(world.is_done(event));
    world.answer(intake_path, answered(202));
    world.settle();
  }
  EXPECT_TRUE(world.is_done(event));
  EXPECT_TRUE(world.disk.empty());
  EXPECT_EQ(world.state().books().total().accepted, lines_);
}

TEST_F(coordinator_outage_test, but_for_none_of_earlier_ones) {
  world.have_spill();
  world.begin(telemetry_api::none);
  fail_first_invocation();
  const auto during = world.invoke("r1", 100s);
  for (int i = 0; i < 30; ++i)
    send_payload();
  world.advance(100s);
  fail_all_posts();
  ASSERT_TRUE(world.is_done(during));
  world.advance(60s); // more than the breaker's longest grace
  const auto after = world.invoke("r2", 1s);
  world.settle();
  ASSERT_TRUE(world.has_open(intake_path)) << "the probe";
  world.answer(intake_path, answered(202));
  world.settle();
  ASSERT_TRUE(world.has_open(intake_path)) << "the server is back";
  const auto files = world.disk.size();
  ASSERT_GT(files, 0U);
  world.advance(850ms); // 200 ms before its deadline it is over
  ASSERT_FALSE(world.is_done(after)) << "it waits for the answer";
  while (world.has_open(intake_path)) {
    world.answer(intake_path, answered(202));
    world.settle();
  }
  EXPECT_TRUE(world.is_done(after));
  EXPECT_EQ(world.disk.size(), files);
}

// -- what is on record for the case that we are killed --

class coordinator_held_test : public coordinator_spill_test {
protected:
  coordinator_held_test() { world.have_spill(); }

  void begin_after(const held_figures& lost) {
    world.lost = lost;
    world.begin(telemetry_api::telemetry);
  }

  held_figures last() const {
    return world.noted.empty() ? held_figures{} : world.noted.back();
  }
};

TEST_F(coordinator_held_test, is_noted_before_the_agent_has_its_answer) {
  begin_after({});
  world.invoke("r1", 1s);
  world.settle();
  world.send(agent_data(1, "r1", 3));
  world.step(0);
  EXPECT_EQ(last().lines, world.state().held().held_lines());
  EXPECT_GT(last().lines, 0U);
  EXPECT_EQ(last().bytes, world.state().held().held_bytes());
  EXPECT_TRUE(world.agent_answers.empty());
  world.settle();
}

TEST_F(coordinator_held_test, says_what_is_under_way_and_what_was_delivered) {
  begin_after({});
  world.invoke("r1", 1s);
  world.send(agent_data(1, "r1", 3));
  world.send(test::agent_flush(2));
  world.settle();
  ASSERT_TRUE(world.has_open(intake_path));
  EXPECT_EQ(last().lines_under_way, last().lines);
  EXPECT_GT(last().lines, 0U);
  world.answer(intake_path, test::answered(202));
  world.settle();
  EXPECT_EQ(last(), held_figures{});
}

TEST_F(coordinator_held_test, says_what_was_dropped) {
  begin_after({});
  world.invoke("r1", 1s);
  world.send(agent_data(1, "r1", 3));
  world.send(test::agent_flush(2));
  world.settle();
  world.answer(intake_path, test::answered(400)); // and accepted none
  world.settle();
  EXPECT_EQ(last().lines, 0U);
  EXPECT_GT(last().dropped, 0U);
}

TEST_F(coordinator_held_test, counts_telemetry_until_lines_are_made_of_it) {
  begin_after({});
  world.invoke("r1", 1s);
  world.settle();
  world.send(test::delivered(1, {test::function_log("hello")}));
  world.step(0);
  EXPECT_EQ(last(), (held_figures{0, 0, 0, 1}));
  world.settle();
  EXPECT_EQ(last().deliveries, 0U);
  EXPECT_EQ(last().lines, 1U);
}

TEST_F(coordinator_held_test, a_loss_is_told_and_counted_as_dropped) {
  begin_after({5, 600, 2, 1, 4});
  EXPECT_NE(world.log_text.find("\"lost_lines\":5"), std::string::npos)
      << world.log_text;
  EXPECT_NE(world.log_text.find("\"lost_bytes\":600"), std::string::npos);
  EXPECT_NE(world.log_text.find("\"lines_under_way\":2"), std::string::npos);
  EXPECT_NE(world.log_text.find("\"lost_telemetry_deliveries\":1"),
            std::string::npos);
  EXPECT_NE(world.log_text.find("\"dropped_lines\":4"), std::string::npos);
  const auto& total = world.state().books().total();
  EXPECT_EQ(total.received, 5U);
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::killed)], 5U);
  EXPECT_EQ(last(), held_figures{}) << "it is told: the next need not";
}

TEST_F(coordinator_held_test, where_nothing_was_lost_nothing_is_told) {
  begin_after({});
  EXPECT_EQ(world.log_text, "");
}

TEST_F(coordinator_held_test, what_was_found_is_held_by_us_now) {
  world.disk.push_back(earlier_file({"one\n", "two\n"}));
  world.disk.push_back(earlier_file({"three\n"}));
  world.begin(telemetry_api::none);
  EXPECT_EQ(last().lines, 3U) << "in memory, and in the file that is left";
  EXPECT_EQ(last().bytes, 8U);
}

} // namespace
} // namespace apm

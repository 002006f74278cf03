// What the COORDINATOR says of each flush: to the trace, the TRACER, the log
// and the APM Server.
#include "runtime/trace/values.hpp"
#include "tests/support/coordinator_world.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

using namespace test;

using trace::record_kind;
using trace::schema_book;

struct coordinator_trace_test : ::testing::Test {
  coordinator_trace_test() {
    world.record(actors);
    world.have_tracer();
  }

  void answer(uint16_t status, const std::string& body = {}) {
    world.answer(intake_path, answered(status, body));
    world.settle();
  }

  /// An invocation of one line, whose server answers so.
  void invocation(const std::string& request_id, uint16_t status) {
    world.invoke(request_id, 3s);
    world.settle();
    world.send(agent_data(1, request_id, 0, true));
    world.settle();
    if (world.has_open(intake_path))
      answer(status);
    world.settle();
  }

  /// The newest record of a kind, taken apart.
  trace::record_content last(record_kind kind) {
    found = std::move(trace::read_ring(memory.image()).value());
    for (auto i = found.records.rbegin(); i != found.records.rend(); ++i)
      if (i->kind == static_cast<uint8_t>(kind))
        return schema_book{found}.read(*i);
    ADD_FAILURE() << "no such record";
    return {};
  }

  size_t count(record_kind kind) {
    found = std::move(trace::read_ring(memory.image()).value());
    return static_cast<size_t>(std::count_if(
        found.records.begin(), found.records.end(),
        [&](const auto& x) { return x.kind == static_cast<uint8_t>(kind); }));
  }

  static uint64_t number(const trace::record_content& in,
                         std::string_view name) {
    return schema_book::number(in, name);
  }

  trace::test::ring_memory memory{4096};
  trace::test::scripted_clock time;
  trace::recorder recorder{trace::recorder_setup{
      memory.data(), memory.size(), 1, trace::test::some_clocks, &time, 99,
      trace::payload_mode::shape}};
  actor_recorder actors{recorder};
  coordinator_world world;
  trace::trace found;
};

TEST_F(coordinator_trace_test, a_clean_flush_has_no_verdict) {
  world.begin();
  invocation("a", 202);
  EXPECT_EQ(count(record_kind::verdict), 0U);
  const auto winner = last(record_kind::winner);
  EXPECT_EQ(number(winner, "event"), 1U);
  EXPECT_EQ(number(winner, "signal"), 0U);
  EXPECT_EQ(schema_book::find(winner, "slack")->signed_number, 3'000'000'000);
  EXPECT_EQ(number(last(record_kind::flush_end), "why"), 0U);
  const auto books = last(record_kind::ledger);
  EXPECT_EQ(number(books, "received"), 1U);
  EXPECT_EQ(number(books, "accepted"), 1U);
  EXPECT_EQ(number(books, "all_held"), 0U);
  EXPECT_TRUE(world.findings.empty()) << "nobody wants to know";
  world.invoke("b", 3s);
  world.settle();
  EXPECT_EQ(world.exports_due, std::vector<uint64_t>{1})
      << "of what an earlier process has left";
}

TEST_F(coordinator_trace_test, every_event_is_told_where_all_are_exported) {
  world.config.trace = trace::export_mode::all;
  world.begin();
  invocation("a", 202);
  world.invoke("b", 3s);
  world.settle();
  ASSERT_EQ(world.findings.size(), 1U);
  EXPECT_EQ(world.findings[0].outcomes, 0U);
  EXPECT_FALSE(world.findings[0].is_last);
  EXPECT_EQ(world.exports_due, (std::vector<uint64_t>{1, 2}));
}

TEST_F(coordinator_trace_test, one_event_in_so_many_is_told) {
  world.config.trace_sample = 2;
  world.begin();
  invocation("a", 202);
  EXPECT_TRUE(world.findings.empty());
  world.invoke("b", 3s);
  world.settle();
  world.send(agent_flush(2));
  world.settle();
  ASSERT_EQ(world.findings.size(), 1U);
  EXPECT_EQ(world.findings[0].sequence, 2U);
}

TEST_F(coordinator_trace_test, a_missed_flush_is_told) {
  world.begin();
  invocation("a", 503);
  const auto verdict = last(record_kind::verdict);
  EXPECT_EQ(number(verdict, "event"), 1U);
  EXPECT_EQ(number(verdict, "outcomes"), 2U);
  EXPECT_EQ(number(verdict, "delayed"), 1U);
  EXPECT_EQ(number(last(record_kind::flush_end), "why"), 1U);
  EXPECT_EQ(number(last(record_kind::breaker), "is_open"), 1U);
  ASSERT_EQ(world.findings.size(), 1U);
  EXPECT_EQ(world.findings[0].outcomes, 2U);
  EXPECT_EQ(world.findings[0].request_id, "a");
  EXPECT_NE(world.log_text.find(R"("flush":"delayed")"), std::string::npos);
  EXPECT_EQ(world.exports_due, std::vector<uint64_t>{1})
      << "nothing is exported before the next event";
}

TEST_F(coordinator_trace_test, the_server_is_told_with_the_next_event) {
  world.begin();
  invocation("a", 503);
  world.advance(600s); // the server may be asked again
  world.invoke("b", 3s);
  world.settle();
  EXPECT_EQ(world.exports_due, (std::vector<uint64_t>{1, 2}));
  const auto lines = world.posted();
  const auto told =
      std::find_if(lines.begin(), lines.end(), [](const auto& line) {
        return line.find("missed flush: delayed") != std::string::npos;
      });
  ASSERT_NE(told, lines.end());
  EXPECT_NE(told->find(R"("flush_delayed_lines":1)"), std::string::npos);
  EXPECT_NE(told->find(R"("missed_flush":"delayed")"), std::string::npos);
  EXPECT_NE(told->find("agent_flushed"), std::string::npos);
  answer(202);
  world.send(agent_flush(2));
  world.settle();
  EXPECT_EQ(world.findings.size(), 1U);
  world.check_books();
}

TEST_F(coordinator_trace_test, lines_that_the_server_refuses_are_rejected) {
  world.begin();
  world.invoke("a", 3s);
  world.settle();
  world.send(agent_data(1, "a", 0, true));
  world.settle();
  answer(400, R"({"accepted":0,"errors":[{"message":"no"}]})");
  EXPECT_EQ(number(last(record_kind::verdict), "outcomes"), 8U);
  const auto dropped = last(record_kind::dropped);
  EXPECT_EQ(number(dropped, "reason"), 0U);
  EXPECT_EQ(number(dropped, "lines"), 1U);
}

TEST_F(coordinator_trace_test, what_is_left_at_shutdown_is_lost) {
  world.begin(telemetry_api::none);
  invocation("a", 503);
  world.shutdown();
  world.settle();
  for (int i = 0; i < 50 && world.findings.size() < 2; ++i) {
    while (world.has_open(intake_path))
      answer(503);
    world.fire_next_timer();
    world.settle();
  }
  ASSERT_EQ(world.findings.size(), 2U);
  EXPECT_TRUE(world.findings[1].is_last);
  EXPECT_EQ(world.findings[1].outcomes, 1U);
}

TEST_F(coordinator_trace_test, a_late_signal_is_noted) {
  world.begin();
  invocation("a", 202);
  const auto event = world.invoke("b", 3s);
  world.settle();
  world.send(done{end_signal::runtime_done, event - 1});
  world.settle();
  const auto late = last(record_kind::late_signal);
  EXPECT_EQ(number(late, "event"), 1U);
  EXPECT_EQ(number(late, "current"), 2U);
}

TEST_F(coordinator_trace_test, the_children_are_named_by_their_event) {
  world.begin();
  invocation("a", 202);
  invocation("b", 202);
  found = std::move(trace::read_ring(memory.image()).value());
  std::vector<std::string> born;
  for (const auto& x : found.records)
    if (x.kind == static_cast<uint8_t>(record_kind::born)
        && found.name_of(x.actor).rfind("coordinator", 0) == 0)
      born.push_back(found.name_of(x.actor));
  const std::vector<std::string> expected = {"coordinator",
                                             "coordinator/1.apm_forwarder",
                                             "coordinator/1.log_processor",
                                             "coordinator/1.timer",
                                             "coordinator/2.apm_forwarder",
                                             "coordinator/2.log_processor",
                                             "coordinator/2.timer"};
  EXPECT_EQ(born, expected);
}

TEST_F(coordinator_trace_test, an_event_begins_where_the_last_has_ended) {
  world.begin();
  invocation("a", 202);
  const auto second = recorder.begin_of(2);
  invocation("b", 202);
  found = std::move(
      trace::read_ring(memory.image(), {second, recorder.begin_of(3)}).value());
  const schema_book book{found};
  size_t begins = 0;
  for (const auto& x : found.records)
    if (x.kind == static_cast<uint8_t>(record_kind::event_begin)) {
      ++begins;
      EXPECT_EQ(number(book.read(x), "event"), 2U);
    }
  EXPECT_EQ(begins, 1U);
}

} // namespace
} // namespace apm

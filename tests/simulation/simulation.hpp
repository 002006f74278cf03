// A world with a COORDINATOR in which things happen in an order that a seed
// says, with the invariants checked after every step; and its actor trace. See
// the tests beside it.
#pragma once

#include "tests/support/coordinator_world.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace apm::test {

/// A bound that a dozen lines reach, while the longest, a substitute, is less
/// than half of it.
inline constexpr uint64_t full_bytes = 2'000;

/// Steps before the world is brought to its end.
inline constexpr int steps = 120;

/// The actor trace of one simulation.
class recording {
public:
  explicit recording(trace::payload_mode mode = trace::payload_mode::shape)
      : mode_(mode) {}

  void begin(virtual_world& world) {
    recorder_.emplace(trace::recorder_setup{memory_.data(), memory_.size(), 1,
                                            trace::test::some_clocks,
                                            world.ports().time, 99, mode_});
    actors_.emplace(*recorder_);
    world.record(*actors_);
  }

  std::string image() { return memory_.image(); }

private:
  trace::payload_mode mode_;
  trace::test::ring_memory memory_{16 * 1024};
  std::optional<trace::recorder> recorder_;
  std::optional<actor_recorder> actors_;
};

class simulation {
public:
  /// @param to where it is recorded; null: nowhere
  explicit simulation(uint64_t seed, recording* to = nullptr) : random_(seed) {
    if (to != nullptr)
      to->begin(world_);
    world_.config.strategy =
        pick(2) == 0 ? send_strategy::syncflush : send_strategy::background;
    has_credentials_ = pick(3) == 0;
    if (has_credentials_)
      world_.name_credentials();
    // What SPILL's files hold is not in the trace.
    has_spill_ = pick(3) > 0 && to == nullptr;
    if (has_spill_) {
      world_.have_spill();
      if (pick(2) == 0)
        world_.config.buffer_bytes = full_bytes + pick(full_bytes);
      else if (pick(2) == 0)
        leave_files();
    }
    world_.begin(pick(4) == 0 ? telemetry_api::none : telemetry_api::telemetry);
  }

  const settings& config() const { return world_.config; }

  void run() {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      act();
      check();
    }
    bring_to_an_end();
  }

private:
  uint64_t pick(uint64_t n) { return random_() % n; }

  /// An earlier process has ended with lines on its hands.
  void leave_files() {
    for (uint64_t i = pick(4); i > 0; --i) {
      const auto line =
          R"({"span":{"id":"earlier)" + std::to_string(i) + "\"}}";
      sent_.insert(line);
      world_.disk.push_back({0,
                             {{bytes{R"({"metadata":{"earlier":1}})"},
                               "agent/0", 3, 1, bytes{line + '\n'}}},
                             0,
                             {}});
    }
  }

  bool is_syncflush() const {
    return world_.config.strategy == send_strategy::syncflush;
  }

  std::string request_of(uint64_t event) const {
    // As Lambda's are: what has another form is hashed in the trace.
    const auto number = std::to_string(event);
    return "7b076f9b-6500-42d6-8d25-" + std::string(12 - number.size(), '0')
           + number;
  }

  // -- what can happen --

  void act() {
    if (awaits_credentials() && pick(20) == 0)
      return give_credentials();
    switch (pick(12)) {
    case 0:
      return next_event();
    case 1:
      return agent_sends(pick(3) == 0);
    case 2:
      return world_.send(agent_flush(++ids_));
    case 3:
      return platform_sends();
    case 4:
      if (!world_.requests.empty())
        server_answers(pick(world_.requests.size()), pick(7));
      return;
    case 5:
      if (pick(4) == 0) // time is slower than messages
        world_.fire_next_timer();
      return;
    default:
      world_.step(pick(16));
    }
  }

  bool awaits_credentials() const {
    return world_.credentials_asked.size() > credentials_given_;
  }

  void give_credentials() {
    credentials_given_ = world_.credentials_asked.size();
    world_.give_credentials(pick(3) == 0 ? std::vector<std::string>{"denied"}
                                         : std::vector<std::string>{});
  }

  void next_event() {
    if (event_ != 0 && !world_.is_done(event_))
      return;
    event_ = world_.invoke(request_of(event_ + 1),
                           std::chrono::milliseconds{300 + pick(3000)});
  }

  /// Lines of the current invocation, or late ones of the one before.
  void agent_sends(bool is_flushed) {
    const auto of = event_ - (event_ > 0 ? pick(2) : 0);
    agent_intake x;
    x.id = ++ids_;
    x.is_flushed = is_flushed;
    x.metadata = bytes{R"({"metadata":{"service":{"name":"s)"
                       + std::to_string(pick(2)) + "\"}}}"};
    std::string text;
    const auto count = 1 + pick(4);
    for (uint64_t i = 0; i < count; ++i) {
      const auto line = R"({"span":{"id":")" + std::to_string(++lines_)
                        + R"(","x":")" + std::string(pick(300), 'x') + "\"}}";
      sent_.insert(line);
      text += line + '\n';
    }
    x.lines = static_cast<uint32_t>(count);
    x.events = bytes{std::move(text)};
    if (pick(2) == 0)
      x.transactions = {{"t", request_of(of)}};
    world_.send(std::move(x));
  }

  void platform_sends() {
    std::vector<telemetry_record> records;
    if (pick(2) == 0) {
      const auto message = "log " + std::to_string(++lines_);
      records.push_back(function_log(message));
    }
    const auto of = request_of(event_ - (event_ > 0 ? pick(2) : 0));
    if (pick(3) == 0)
      records.push_back(runtime_done(of));
    if (pick(3) == 0)
      records.push_back(report(of));
    const auto id = ++ids_;
    world_.send(delivered(id, std::move(records)));
  }

  void server_answers(size_t which, uint64_t how) {
    if (world_.requests[which].request.method != "POST")
      return; // not of the APM Server
    const auto lines = unpacked_lines(world_.requests[which].request);
    const auto count = lines.size() - 1; // without metadata
    if (world_.state().is_ending()) // its FORWARDER may not live to read it
      may_repeat_.insert(lines.begin() + 1, lines.end());
    const auto some = pick(count + 1);
    const auto accepted = R"({"accepted":)" + std::to_string(some) + "}";
    switch (how) {
    case 0:
    case 1:
      accept(lines, count);
      return world_.answer_at(which, answered(202));
    case 2:
      accept(lines, some);
      return world_.answer_at(which, answered(503, accepted));
    case 3:
      accept(lines, some);
      for (size_t i = some; i < count; ++i)
        rejected_.insert(lines[1 + i]);
      return world_.answer_at(which, answered(400, accepted));
    case 4:
      return world_.answer_at(which, failed(http_failure::connect, false));
    case 5:
      return world_.answer_at(which, answered(401));
    default:
      lose_answer(lines);
      return world_.answer_at(which, failed(http_failure::closed, true));
    }
  }

  /// Nobody knows whether the server got them: here it did.
  void lose_answer(const std::vector<std::string>& lines) {
    accept(lines, lines.size() - 1);
    may_repeat_.insert(lines.begin() + 1, lines.end());
  }

  void accept(const std::vector<std::string>& lines, size_t count) {
    for (size_t i = 1; i <= count; ++i)
      ++accepted_[lines[i]];
  }

  // -- what must hold --

  void check() {
    world_.check_books();
    check_record();
    for (size_t i = 1; i < world_.events_done.size(); ++i)
      ASSERT_EQ(world_.events_done[i], world_.events_done[i - 1] + 1);
    if (is_syncflush()) {
      for (const auto count : world_.under_way_at_next)
        ASSERT_EQ(count, 0U);
      if (awaits_credentials()) {
        for (const auto& r : world_.requests)
          ASSERT_NE(r.request.method, "POST");
      }
    }
  }

  void check_record() const {
    if (!has_spill_)
      return;
    const auto on_record =
        world_.noted.empty() ? held_figures{} : world_.noted.back();
    const auto& held = world_.state().held();
    const auto& spilled = world_.state().spilled();
    ASSERT_EQ(on_record.lines, held.held_lines() + spilled.held_lines()
                                   + spilled.earlier_lines());
    ASSERT_EQ(on_record.bytes, held.held_bytes());
    ASSERT_EQ(on_record.lines_under_way, held.leased_lines());
  }

  // -- the end --

  /// The server is well again; two more invocations, the last without anything,
  /// and SHUTDOWN.
  void bring_to_an_end() {
    end_event(event_);
    for (int i = 0; i < 2; ++i) {
      event_ = world_.invoke(request_of(event_ + 1), 3s);
      world_.settle();
      if (pick(2) == 0) // else the POST goes on over the event's end
        answer_all();
      end_event(event_);
    }
    event_ = world_.shutdown();
    end_event(event_);
    check();
    const auto& held = world_.state().held();
    EXPECT_EQ(held.held_lines(), 0U);
    EXPECT_TRUE(world_.disk.empty());
    const auto& dropped = world_.state().books().total().dropped;
    EXPECT_EQ(dropped[static_cast<size_t>(drop_reason::buffer_full)], 0U)
        << "the disk had room";
    for (const auto& line : sent_)
      EXPECT_TRUE(accepted_.count(line) > 0 || rejected_.count(line) > 0)
          << "lost: " << line;
    for (const auto& [line, times] : accepted_)
      EXPECT_TRUE(times == 1 || is_excused(line)) << "twice: " << line;
  }

  /// A POST that was cancelled at an event's end got no answer either; the
  /// server of this world takes nothing of it. Metric lines of one request look
  /// alike.
  bool is_excused(const std::string& line) const {
    return may_repeat_.count(line) > 0
           || line.find("metricset") != std::string::npos;
  }

  void answer_all() {
    for (size_t i = world_.requests.size(); i-- > 0;)
      server_answers(i, 0);
    world_.settle();
  }

  void end_event(uint64_t event) {
    world_.settle();
    for (int i = 0; event != 0 && !world_.is_done(event); ++i) {
      ASSERT_LT(i, 100) << "event " << event << " does not end";
      if (awaits_credentials()) {
        give_credentials();
        world_.settle();
      }
      do // what comes from the disk goes out request by request
        answer_all();
      while (world_.has_open(intake_path));
      if (!world_.is_done(event))
        world_.fire_next_timer();
      world_.settle();
    }
  }

  std::mt19937_64 random_;
  bool has_credentials_ = false;
  coordinator_world world_;
  bool has_spill_ = false;
  uint64_t event_ = 0;
  uint64_t ids_ = 0;
  uint64_t lines_ = 0;
  size_t credentials_given_ = 0;
  std::set<std::string> sent_;       ///< by agents
  std::set<std::string> rejected_;   ///< by the server, line by line
  std::set<std::string> may_repeat_; ///< their answer was lost
  std::map<std::string, int> accepted_;
};

} // namespace apm::test

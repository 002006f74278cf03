// What is recorded of a simulated world is the same each time, and enough to
// have it again (architecture rule 9).
#include "runtime/recording/message_reader.hpp"
#include "runtime/trace/trace_reader.hpp"
#include "tests/simulation/simulation.hpp"

#include <algorithm>

namespace apm::test {
namespace {

/// What is recorded is what happened: a world of the same seed leaves the same
/// bytes, and each turn in it has its message before it.
TEST(recording, is_the_same_twice) {
  constexpr uint64_t recorded_seeds = 40;
  for (uint64_t seed = 1; seed <= recorded_seeds; ++seed) {
    recording first;
    recording second;
    simulation{seed, &first}.run();
    simulation{seed, &second}.run();
    ASSERT_TRUE(first.image() == second.image()) << "SIMULATION_SEED=" << seed;
    const auto found = trace::read_ring(first.image());
    ASSERT_TRUE(found);
    ASSERT_GT(found.value().records.size(), size_t{steps});
    EXPECT_EQ(found.value().process.gaps + found.value().process.torn, 0U);
    for (const auto& x : found.value().records) {
      const bool is_turn =
          x.kind == static_cast<uint8_t>(trace::record_kind::handled);
      ASSERT_TRUE(!is_turn || x.cause != 0) << x.sequence;
    }
  }
}

/// Runs the COORDINATOR and its children once more, from a trace alone: what
/// came from outside is sent again, turns are taken in their order, at their
/// times.
class replay : public virtual_world {
public:
  replay(trace::trace of, const settings& options, bool has_credentials,
         recording& to)
      : of_(std::move(of)), book_(of_), options_(options) {
    to.begin(*this);
    begin_ = to.next_sequence();
    const auto keep = [this](const char* name, const auto& port) {
      ports_[name] = caf::actor_cast<caf::strong_actor_ptr>(port);
    };
    keep("http_client", ports().http);
    keep("timers", ports().timers);
    keep("agent_listener", ports().agent_listener);
    keep("telemetry_listener", ports().telemetry_listener);
    poller_ = caf::actor_cast<caf::strong_actor_ptr>(
        spawn([](lifecycle_poller_actor::pointer)
                  -> lifecycle_poller_actor::behavior_type {
          return {[](const http_response&) {}, [](const timer_fired&) {},
                  [](const event_done&) {}, [](const stop_requested&) {}};
        }));
    auto reached = ports();
    if (has_credentials)
      reached.credentials = spawn(
          [](credentials_actor::pointer) -> credentials_actor::behavior_type {
            return {[](const credentials_wanted&) {}, [](const fetch_ended&) {},
                    [](const timer_fired&) {}};
          });
    coordinator_setup setup;
    setup.config = &options_;
    setup.compressor = &compressor_;
    setup.version = "9";
    spawn(invocation_coordinator, reached, setup);
  }

  void run() {
    for (size_t i = 0;
         i < of_.records.size() && !::testing::Test::HasFatalFailure(); ++i) {
      const auto& x = of_.records[i];
      if (x.sequence < begin_)
        continue; // the ports have been born here, too
      scheduler().clock().current_time =
          steady_time{std::chrono::nanoseconds{x.time_ns}};
      const auto kind = static_cast<trace::record_kind>(x.kind);
      if (kind == trace::record_kind::enqueued && x.cause == 0)
        send_again(x);
      else if (kind == trace::record_kind::handled
               || (kind == trace::record_kind::born && is_turn_of_its_own(i)))
        run_turn_of(x.actor);
    }
  }

private:
  /// An actor that has a message when it is born handles it at once.
  bool is_turn_of_its_own(size_t born) const {
    const auto& x = of_.records[born];
    for (size_t i = born + 1; i < of_.records.size(); ++i) {
      const auto& next = of_.records[i];
      const auto kind = static_cast<trace::record_kind>(next.kind);
      if (kind == trace::record_kind::handled)
        return next.actor.value != x.actor.value || next.cause > x.sequence;
      if (kind == trace::record_kind::born)
        return true;
    }
    return true;
  }

  /// The one whom a record is about. One that is new has waited for its first
  /// turn for the longest time of all of its role.
  caf::strong_actor_ptr find(trace::actor_reference who) {
    auto& found = known_[who.value];
    const auto* role = of_.find(trace::entry_kind::role, who.role());
    if (role != nullptr && ports_.count(role->text) > 0)
      return ports_[role->text];
    for (auto* job : scheduler().jobs) {
      auto* actor = dynamic_cast<caf::scheduled_actor*>(job);
      if (found || role == nullptr || actor == nullptr
          || actor->name() != role->text || !met_.insert(actor->id()).second)
        continue;
      found = caf::actor_cast<caf::strong_actor_ptr>(
          static_cast<caf::abstract_actor*>(actor));
    }
    return found;
  }

  void send_again(const trace::record& x) {
    auto content = make_message(book_.read(x));
    ASSERT_TRUE(content) << content.error().detail;
    const auto to = find(x.actor);
    ASSERT_TRUE(to) << of_.name_of(x.actor) << " is not there";
    // Only the POLLER, whom the test plays, is ever asked who has sent
    // something.
    to->enqueue(poller_, caf::make_message_id(), std::move(content.value()),
                nullptr);
  }

  void run_turn_of(trace::actor_reference who) {
    const auto actor = find(who);
    ASSERT_TRUE(actor) << of_.name_of(who) << " is not there";
    auto& jobs = scheduler().jobs;
    const auto found =
        std::find_if(jobs.begin(), jobs.end(), [&](caf::resumable* job) {
          auto* each = dynamic_cast<caf::scheduled_actor*>(job);
          return each != nullptr && each->id() == actor->id();
        });
    ASSERT_NE(found, jobs.end()) << of_.name_of(who) << " has no message";
    std::rotate(jobs.begin(), found, found + 1);
    scheduler().try_run_once();
  }

  trace::trace of_;
  trace::schema_book book_;
  settings options_;
  gzip_compressor compressor_;
  uint64_t begin_ = 0;
  caf::strong_actor_ptr poller_;
  std::map<std::string, caf::strong_actor_ptr> ports_; ///< by role
  std::map<uint32_t, caf::strong_actor_ptr> known_;
  std::set<caf::actor_id> met_;
};

/// Equal, but for what a hash is of: no twin has the hash of its original.
bool is_same(const trace::value& x, const trace::value& y) {
  return x.kind == y.kind && x.number == y.number
         && x.signed_number == y.signed_number && x.size == y.size
         && x.how == y.how && x.form == y.form && x.text == y.text
         && std::equal(x.elements.begin(), x.elements.end(), y.elements.begin(),
                       y.elements.end(), is_same);
}

/// A POST is packed: as the account's number is in no trace, it is of another
/// size, and so is what a twin is packed to.
bool is_packed(const trace::record_content& x, const trace::value& field) {
  return x.type == "http_request" && field.kind == trace::value_kind::body;
}

bool is_same(const trace::record_content& x, const trace::record_content& y) {
  return x.type == y.type && x.flags == y.flags
         && std::equal(x.fields.begin(), x.fields.end(), y.fields.begin(),
                       y.fields.end(), [&](const auto& a, const auto& b) {
                         return a.name == b.name
                                && (is_packed(x, a.content)
                                    || is_same(a.content, b.content));
                       });
}

void expect_same(const trace::trace& first, const trace::trace& second) {
  const trace::schema_book book{first};
  const trace::schema_book other{second};
  for (size_t i = 0; i < first.records.size(); ++i) {
    ASSERT_LT(i, second.records.size());
    const auto& x = first.records[i];
    const auto& y = second.records[i];
    ASSERT_TRUE(x.sequence == y.sequence && x.kind == y.kind
                && x.actor.value == y.actor.value && x.cause == y.cause
                && x.time_ns == y.time_ns)
        << "record " << x.sequence;
    ASSERT_TRUE(is_same(book.read(x), other.read(y)))
        << "record " << x.sequence << ", " << book.read(x).kind << ' '
        << book.read(x).type;
  }
  EXPECT_EQ(first.records.size(), second.records.size());
}

class replay_test : public ::testing::TestWithParam<trace::payload_mode> {};

/// A trace is enough, be it without anybody's data: the same actors, given what
/// it holds, do the same again.
TEST_P(replay_test, has_the_world_again) {
  constexpr uint64_t replayed_seeds = 40;
  for (uint64_t seed = 1; seed <= replayed_seeds; ++seed) {
    SCOPED_TRACE("SIMULATION_SEED=" + std::to_string(seed));
    recording original{GetParam()};
    simulation world{seed, &original};
    world.run();
    auto found = trace::read_ring(original.image());
    ASSERT_TRUE(found);
    ASSERT_EQ(found.value().process.overwritten, 0U) << "the ring is too small";
    const auto first = found.value();
    recording again{GetParam()};
    replay second_world{std::move(found.value()), world.config(),
                        world.has_credentials(), again};
    second_world.run();
    ASSERT_FALSE(HasFatalFailure());
    const auto second = trace::read_ring(again.image());
    expect_same(first, second.value());
    ASSERT_FALSE(HasFatalFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(replay, replay_test,
                         ::testing::Values(trace::payload_mode::full,
                                           trace::payload_mode::shape),
                         [](const auto& mode) {
                           return mode.param == trace::payload_mode::full
                                      ? "full"
                                      : "shape";
                         });

} // namespace
} // namespace apm::test

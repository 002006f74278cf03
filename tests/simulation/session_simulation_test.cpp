// Orders of Managed Instances that nobody would write down, each from a seed:
// requests side by side that register, log, deliver and are reported in any
// order, workers that die, time-outs after which a handler runs on, a server
// that fails, and a SHUTDOWN in the middle. What must hold:
//
// - the books balance after every step,
// - no transaction is made for a request that has not ended,
// - each registered transaction arrives once: the agent's own or a substitute,
// - each log line arrives once, under the request that it names.
#include "tests/simulation/seeds.hpp"
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace apm::test {
namespace {

/// Worlds that a run of the suite explores: half a second.
constexpr uint64_t session_seeds = 400;

/// Steps before SHUTDOWN.
constexpr int steps = 150;

class session_simulation {
public:
  explicit session_simulation(uint64_t seed) : random_(seed) {
    world_.begin();
    world_.open_session();
  }

  void run() {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      act();
      world_.check_books();
    }
    shut_down();
  }

private:
  struct request {
    std::string id;
    bool has_ended = false; ///< its report has been sent
    bool has_sent = false;  ///< its agent's transaction
    bool is_dead = false;   ///< its worker
  };

  uint64_t pick(uint64_t n) { return random_() % n; }

  // -- what can happen --

  void act() {
    switch (pick(10)) {
    case 0:
      return start();
    case 1:
      return send_data();
    case 2:
      return report_one();
    case 3:
      return log();
    case 4:
      if (!world_.requests.empty())
        answer(pick(world_.requests.size()), pick(4) != 0);
      return;
    case 5:
      world_.send(intake_open{static_cast<uint32_t>(pick(2))});
      return;
    case 6:
      world_.fire_next_timer();
      return;
    default: // an input makes several messages: most of them get through
      for (auto i = pick(24); i > 0; --i)
        world_.step(pick(16));
    }
  }

  void deliver(const std::string& type, const std::string& json) {
    world_.send(delivered(++ids_, {record(type, json)}));
  }

  /// Registration and platform.start come in any order.
  void start() {
    request x;
    x.id = "r" + std::to_string(requests_.size() + 1);
    x.is_dead = pick(5) == 0;
    const bool is_registered_first = pick(2) == 0;
    if (is_registered_first)
      world_.send(registration(++ids_, x.id));
    deliver("platform.start", R"({"requestId":")" + x.id + "\"}");
    if (!is_registered_first)
      world_.send(registration(++ids_, x.id));
    requests_.push_back(std::move(x));
  }

  request* any() {
    return requests_.empty() ? nullptr : &requests_[pick(requests_.size())];
  }

  /// Mostly before the end; after it only where a handler ran on.
  void send_data() {
    auto* x = any();
    if (x == nullptr || x->has_sent || x->is_dead
        || (x->has_ended && pick(2) == 0))
      return;
    x->has_sent = true;
    world_.send(agent_data(++ids_, x->id, static_cast<uint32_t>(pick(3))));
  }

  void report_one() {
    if (auto* x = any(); x != nullptr && !x->has_ended)
      report(*x);
  }

  void report(request& x) {
    static const char* const statuses[] = {"success", "error", "failure",
                                           "timeout"};
    x.has_ended = true;
    if (pick(3) == 0)
      deliver("platform.runtimeDone",
              R"({"requestId":")" + x.id + R"(","status":"success"})");
    deliver("platform.report", R"({"requestId":")" + x.id + R"(","status":")"
                                   + statuses[pick(4)]
                                   + R"(","metrics":{"durationMs":1}})");
  }

  void log() {
    const auto* x = any();
    if (x == nullptr)
      return;
    const auto message = "log " + std::to_string(++lines_) + " of " + x->id;
    logs_[message] = x->id;
    deliver("function",
            R"({"requestId":")" + x->id + R"(","message":")" + message + "\"}");
  }

  void answer(size_t which, bool is_well) {
    if (world_.requests[which].request.method != "POST")
      return;
    if (!is_well)
      return world_.answer_at(which, failed(http_failure::connect, false));
    for (const auto& line : unpacked_lines(world_.requests[which].request))
      accept(line);
    world_.answer_at(which, answered(202));
  }

  void answer_oldest() {
    for (size_t n = 0; n < world_.requests.size(); ++n)
      if (world_.requests[n].request.method == "POST")
        return answer(n, true);
  }

  // -- what must hold --

  void accept(const std::string& line) {
    for (auto& x : requests_)
      if (line.find("\"id\":\"" + x.id + "-t\"") != std::string::npos) {
        ++transactions_[x.id];
        const bool is_substitute = line.find("\"result\"") != std::string::npos;
        EXPECT_TRUE(!is_substitute || x.has_ended || is_shutting_down_)
            << "made for one that runs: " << line;
      }
    for (const auto& [message, id] : logs_)
      if (line.find('"' + message + '"') != std::string::npos) {
        ++accepted_logs_[message];
        EXPECT_NE(line.find("\"execution\":\"" + id + '"'), std::string::npos)
            << line;
      }
  }

  // -- the end --

  /// Lambda reports what runs, or it does not come to that.
  void shut_down() {
    world_.settle();
    is_shutting_down_ = true;
    const auto last = world_.shutdown(pick(2) == 0 ? "spindown" : "failure");
    for (auto& x : requests_)
      if (!x.has_ended && pick(4) != 0)
        report(x);
    for (int i = 0; !world_.is_done(last); ++i) {
      ASSERT_LT(i, 200) << "SHUTDOWN does not end";
      world_.settle();
      while (world_.has_open(intake_path)) { // time stands still meanwhile
        answer_oldest();
        world_.settle();
      }
      if (!world_.is_done(last))
        world_.fire_next_timer();
    }
    world_.check_books();
    EXPECT_EQ(world_.state().held().held_lines(), 0U);
    for (const auto& x : requests_)
      EXPECT_EQ(transactions_[x.id], 1) << x.id;
    for (const auto& [message, id] : logs_)
      EXPECT_EQ(accepted_logs_[message], 1) << message;
  }

  std::mt19937_64 random_;
  coordinator_world world_;
  uint64_t ids_ = 0;
  uint64_t lines_ = 0;
  bool is_shutting_down_ = false;
  std::vector<request> requests_;
  std::map<std::string, std::string> logs_; ///< message to request
  std::map<std::string, int> accepted_logs_;
  std::map<std::string, int> transactions_; ///< accepted, by request
};

TEST(session_simulation, keeps_requests_apart_in_every_order) {
  run_seeds<session_simulation>(session_seeds);
}

} // namespace
} // namespace apm::test

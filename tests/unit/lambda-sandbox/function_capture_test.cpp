// Tests of captures: reading them, cutting bodies into chunks as captured, and
// replaying every case of tests/data/agent-captures.
#include "tests/unit/lambda-sandbox/function_receiver.hpp"
#include "tests/unit/lambda-sandbox/function_support.hpp"
#include "tests/unit/lambda-sandbox/support.hpp"
#include "tools/lambda-sandbox/function/capture.hpp"
#include "tools/lambda-sandbox/function/capture_replay.hpp"
#include "tools/lambda-sandbox/function/script.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

namespace sandbox {
namespace {

using sizes = std::vector<std::size_t>;

builtin::capture load(const std::string& name) {
  std::string message;
  auto loaded =
      builtin::load_capture(test_data_path("agent-captures/" + name), message);
  EXPECT_TRUE(loaded) << message;
  return loaded.value_or(builtin::capture{});
}

TEST(capture, chunks_keep_their_proportions) {
  using builtin::cut_like;
  // As captured: nothing changes.
  EXPECT_EQ(cut_like({{720, 0}, {574, 0}}, 1294), (sizes{720, 574}));
  // Half the bytes: half of each.
  EXPECT_EQ(cut_like({{720, 0}, {574, 0}}, 647), (sizes{360, 287}));
  // gzip's header stays whole.
  EXPECT_EQ(cut_like({{10, 0}, {1000, 0}}, 5005), (sizes{10, 4995}));
  EXPECT_EQ(cut_like({}, 7), sizes{7});
  EXPECT_EQ(cut_like({{10, 0}, {5, 0}}, 0), sizes{});
  // Rounding never loses a byte.
  const auto thirds = cut_like({{1, 0}, {1, 0}, {1, 0}}, 100);
  EXPECT_EQ(std::accumulate(thirds.begin(), thirds.end(), std::size_t{0}),
            100u);
}

TEST(capture, outcomes_come_from_the_timeline) {
  // Read off the captures' timelines.
  const struct {
    const char* name;
    const char* outcome;
    int exit_status;
  } cases[] = {
      {"warm", "success", 0},      {"rejection", "failure", 0},
      {"unhandled", "throw", 128}, {"exit", "exit", 3},
      {"timeout", "hang", 0},      {"late-2", "success", 0},
  };
  for (const auto& test : cases) {
    const auto loaded = load(test.name);
    EXPECT_EQ(loaded.outcome, test.outcome) << test.name;
    EXPECT_EQ(loaded.exit_status, test.exit_status) << test.name;
  }
}

TEST(capture, the_request_id_is_at_hand_for_the_scenario) {
  std::string message;
  EXPECT_EQ(capture_request_id(test_data_path("agent-captures/warm"), message),
            "d82fa7b9-99d5-4c9e-a13b-9a61bf8899d9");
  // The init capture has none, which is no error.
  EXPECT_FALSE(
      capture_request_id(test_data_path("agent-captures/init"), message));
  EXPECT_EQ(message, "");
  EXPECT_FALSE(capture_request_id(test_data_path("nothing-there"), message));
  EXPECT_NE(message.find("can't read"), std::string::npos);
}

class capture_replays : public testing::TestWithParam<const char*> {};

TEST_P(capture_replays, come_out_as_they_were_captured) {
  const auto captured = load(GetParam());
  recording_receiver receiver;
  agent_under_test surroundings{"node", receiver.url()};
  std::vector<recorded_request> replayed;
  {
    builtin::capture_replay replay{surroundings.context()};
    replay.send(captured, builtin::monotonic_ns());
    // Its end closes the connections, and with them what stayed open.
  }
  replayed = receiver.wait_for(captured.requests.size());
  ASSERT_EQ(replayed.size(), captured.requests.size());
  std::size_t events = 0;
  for (std::size_t i = 0; i < replayed.size(); ++i) {
    const auto& was = captured.requests[i];
    const auto& is = replayed[i];
    EXPECT_EQ(is.method, was.method);
    EXPECT_EQ(is.target, was.target);
    EXPECT_EQ(is.connection, was.connection);
    EXPECT_EQ(is.is_complete, was.is_complete);
    ASSERT_EQ(is.headers.size(), was.headers.size());
    for (std::size_t h = 0; h < is.headers.size(); ++h) {
      EXPECT_EQ(is.headers[h].first, was.headers[h].first);
      if (was.headers[h].first != "Host") {
        EXPECT_EQ(is.headers[h].second, was.headers[h].second);
      }
    }
    EXPECT_EQ(is.header("Host"),
              "127.0.0.1:" + std::to_string(receiver.address().port));
    if (!was.is_complete) {
      EXPECT_EQ(is.chunks, sizes{10}); // gzip's header, and no more.
      continue;
    }
    EXPECT_EQ(is.chunks.size(), was.chunks.size());
    EXPECT_EQ(is.body, was.body);
    if (was.target == "/intake/v2/events")
      events += is.kinds().size() - 1; // Without the metadata line.
  }
  EXPECT_EQ(surroundings.told().count("line_taken"), events);
}

INSTANTIATE_TEST_SUITE_P(
    all, capture_replays,
    // All but init and cold (0.2 s and more to wait for) and timeout-13s.
    testing::Values("api-gateway", "callback", "error", "exit", "http-5",
                    "late-1", "late-2", "rejection", "span", "spans-200",
                    "timeout", "unhandled", "warm"),
    [](const auto& parameter) {
      std::string name = parameter.param;
      for (auto& c : name)
        c = c == '-' ? '_' : c;
      return name;
    });

} // namespace
} // namespace sandbox

// Written by flushtrace shrink: what it takes of a recorded life to miss the
// flush of 7b076f9b-6500-42d6-8d25-b93fa09ae901 for
// transport.dropped_after_failure. It was missed so: 3 lines dropped after a
// POST that failed, though none was judged
#include "tools/flushtrace/shrink/recorded_life.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

/// Lambda to lifecycle_poller: 200, invoke, +0 ns
/// APM agent to coordinator: 3 lines, +0 ns
/// APM agent to coordinator: flush signal, +0 ns
/// apm_forwarder to APM Server: POST /intake/v2/events, +0 ns
/// APM Server to apm_forwarder: 503, +0 ns
/// lifecycle_poller to Lambda: GET /2020-01-01/extension/event/next, +0 ns
/// Lambda to lifecycle_poller: 200, shutdown, +0 ns
TEST(found_lives, dropped_after_failure) {
  const recorded_life life{FOUND_DIR "/dropped_after_failure.atrc"};
  const char* const request_id = "7b076f9b-6500-42d6-8d25-b93fa09ae901";
  ASSERT_EQ(life.trouble(), "");
  EXPECT_FALSE(life.is_missed(request_id, "transport.dropped_after_failure"));
}

} // namespace
} // namespace flushtrace

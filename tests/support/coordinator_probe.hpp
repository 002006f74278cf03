// Stands where the INVOCATION COORDINATOR would be, in tests of one other
// actor, and keeps what it is sent.
#pragma once

#include "tests/support/virtual_world.hpp"

#include <vector>

namespace apm::test {

struct coordinator_probe {
  explicit coordinator_probe(virtual_world& world);

  invocation_coordinator_actor handle;
  std::vector<registered> registrations;
  std::vector<lambda_event> events;
  std::vector<telemetry_result> results;
  std::vector<delivery> deliveries;
  std::vector<done> dones;
  /// Names of the messages above in the order in which they came.
  std::vector<std::string> order;
};

} // namespace apm::test

// Stands where the COORDINATOR would be, in tests of the listeners, and keeps
// what they send.
#pragma once

#include "tests/support/loop_world.hpp"

#include <string>
#include <vector>

namespace apm::test {

struct coordinator_sink {
  explicit coordinator_sink(loop_world& world);

  invocation_coordinator_actor handle;
  std::vector<agent_intake> intakes;
  std::vector<transaction_registered> registrations;
  std::vector<uint32_t> open_bodies; ///< each `intake_open`
  std::vector<agent_relay> relays;
  std::vector<input_refused> refusals;
  std::vector<telemetry_batch> batches;
};

/// An HTTP/1.1 request with a Content-Length, and `headers` besides; each of
/// them ended by CR LF.
std::string http_post(std::string_view target, std::string_view headers,
                      std::string_view body);

} // namespace apm::test

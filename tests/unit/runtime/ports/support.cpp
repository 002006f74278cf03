#include "tests/unit/runtime/ports/support.hpp"

#include <gtest/gtest.h>

#include "caf/typed_event_based_actor.hpp"

namespace apm::test {

coordinator_sink::coordinator_sink(loop_world& world) {
  const auto unexpected = [](const char* what) {
    ADD_FAILURE() << "a listener sent " << what;
  };
  handle = world.spawn([=](invocation_coordinator_actor::pointer)
                           -> invocation_coordinator_actor::behavior_type {
    return {
        [=](const registered&) { unexpected("registered"); },
        [=](const lambda_event&) { unexpected("lambda_event"); },
        [this](const agent_intake& x) { intakes.push_back(x); },
        [this](const transaction_registered& x) { registrations.push_back(x); },
        [this](const intake_open& x) { open_bodies.push_back(x.bodies); },
        [this](const agent_relay& x) { relays.push_back(x); },
        [this](const input_refused& x) { refusals.push_back(x); },
        [this](const telemetry_batch& x) { batches.push_back(x); },
        [=](const telemetry_result&) { unexpected("telemetry_result"); },
        [=](const delivery&) { unexpected("delivery"); },
        [=](const credentials_ready&) { unexpected("credentials_ready"); },
        [=](const spill_stored&) { unexpected("spill_stored"); },
        [=](const spill_found&) { unexpected("spill_found"); },
        [=](const done&) { unexpected("done"); },
        [=](const timer_fired&) { unexpected("timer_fired"); },
        [=](const http_response&) { unexpected("http_response"); },
    };
  });
}

std::string http_post(std::string_view target, std::string_view headers,
                      std::string_view body) {
  std::string request = "POST ";
  request.append(target).append(" HTTP/1.1\r\n").append(headers);
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return request.append(body);
}

} // namespace apm::test

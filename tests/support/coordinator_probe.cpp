#include "tests/support/coordinator_probe.hpp"

#include <gtest/gtest.h>

namespace apm::test {

coordinator_probe::coordinator_probe(virtual_world& world) {
  const auto unexpected = [](const char* what) {
    ADD_FAILURE() << "the COORDINATOR was sent " << what;
  };
  handle = world.spawn([=](invocation_coordinator_actor::pointer)
                           -> invocation_coordinator_actor::behavior_type {
    return {
        [this](const registered& x) {
          registrations.push_back(x);
          order.emplace_back("registered");
        },
        [this](const lambda_event& x) {
          events.push_back(x);
          order.emplace_back("lambda_event");
        },
        [=](const agent_intake&) { unexpected("agent_intake"); },
        [=](const transaction_registered&) {
          unexpected("transaction_registered");
        },
        [=](const intake_open&) { unexpected("intake_open"); },
        [=](const agent_relay&) { unexpected("agent_relay"); },
        [=](const input_refused&) { unexpected("input_refused"); },
        [=](const telemetry_batch&) { unexpected("telemetry_batch"); },
        [this](const telemetry_result& x) {
          results.push_back(x);
          order.emplace_back("telemetry_result");
        },
        [this](const delivery& x) {
          deliveries.push_back(x);
          order.emplace_back("delivery");
        },
        [=](const credentials_ready&) { unexpected("credentials_ready"); },
        [=](const spill_stored&) { unexpected("spill_stored"); },
        [=](const spill_found&) { unexpected("spill_found"); },
        [this](const done& x) {
          dones.push_back(x);
          order.emplace_back("done");
        },
        [=](const timer_fired&) { unexpected("timer_fired"); },
        [=](const http_response&) { unexpected("http_response"); },
    };
  });
}

} // namespace apm::test

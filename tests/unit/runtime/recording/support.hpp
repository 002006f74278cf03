// Recorded actors in virtual time.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/recording/traced.hpp"
#include "runtime/trace/trace_reader.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "caf/scheduler/test_coordinator.hpp"
#include "caf/send.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm::test {

class world {
public:
  explicit world(trace::payload_mode mode = trace::payload_mode::shape,
                 bool is_on = true, size_t slots = 4096)
      : memory_{slots},
        recorder_{trace::recorder_setup{memory_.data(), memory_.size(), 1,
                                        trace::test::some_clocks, &time, 99,
                                        mode}},
        actors_{recorder_},
        system_{prepare(is_on)},
        scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(
            system_.scheduler())} {}

  ~world() {
    scheduler_.run();
    for (auto& each : owned_)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    scheduler_.run();
    scheduler_.clock().cancel_all();
  }

  template <class... Ts>
  auto spawn(Ts&&... xs) {
    auto handle = system_.spawn(std::forward<Ts>(xs)...);
    owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  void settle() { scheduler_.run(); }

  trace::recorder& recorder() { return recorder_; }

  trace::trace read() {
    auto found = trace::read_ring(memory_.image());
    EXPECT_TRUE(found);
    return std::move(found.value());
  }

  trace::test::scripted_clock time;

private:
  struct config : recording_config {
    config() {
      set("scheduler.policy", caf::atom("testing"));
      set("logger.file-verbosity", caf::atom("quiet"));
      add_message_types<caf::id_block::apm_messages>();
    }
  };

  config& prepare(bool is_on) {
    config_.recording = is_on ? &actors_ : nullptr;
    return config_;
  }

  trace::test::ring_memory memory_;
  trace::recorder recorder_;
  actor_recorder actors_;
  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  std::vector<caf::strong_actor_ptr> owned_;
};

} // namespace apm::test

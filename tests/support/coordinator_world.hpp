// The COORDINATOR with its real children in a virtual world: the test plays
// Lambda, agent, platform and APM Server.
//
//   coordinator_world world;
//   world.begin();
//   auto n = world.invoke("request-1", 3s);
//   world.send(agent_data(1, "request-1", 2));
//   …
//   world.check_books();
#pragma once

#include "actors/coordinator/invocation_coordinator.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/virtual_world.hpp"

#include <deque>

namespace apm::test {

inline const std::string intake_path = "/intake/v2/events";

/// A file as SPILL keeps it.
struct file_on_disk {
  uint64_t store = 0; ///< 0: an earlier process's
  std::vector<spilled_lines> content;
  uint64_t ignored_bytes = 0; ///< that will be found torn or foreign
  std::string problem;
};

class coordinator_world : public virtual_world {
public:
  coordinator_world();

  /// Spawns the COORDINATOR with `config` and tells it of the registration.
  void begin(telemetry_api api = telemetry_api::telemetry);

  template <class Message>
  void send(Message x) {
    caf::anon_send(coordinator, std::move(x));
  }

  /// From before `begin` on there is something to fetch from AWS.
  void name_credentials();

  /// The CREDENTIALS port's answer to the last request; does not settle.
  void give_credentials(std::vector<std::string> failed = {});

  /// From before `begin` on there is a SPILL, with `disk` and `lost`, and the
  /// world notes what is held.
  void have_spill();

  /// From before `begin` on there is a TRACER.
  void have_tracer();

  /// Lambda's INVOKE. @returns the event's sequence
  uint64_t invoke(const std::string& request_id, std::chrono::nanoseconds left);

  /// What the POLLER begins under Managed Instances. @returns its sequence
  uint64_t open_session();

  /// Lambda's SHUTDOWN, with its 2 s.
  uint64_t shutdown(const std::string& reason = "spindown");

  /// Whether the POLLER may ask for the next event.
  bool is_done(uint64_t sequence) const;

  /// The intake POST under way, unpacked.
  std::vector<std::string> posted();

  const coordinator_state& state() const;

  /// Architecture rule 1: for every event and in sum, what was received is
  /// accepted, dropped, or held in memory or on the disk. Fails the test where
  /// it is not.
  void check_books() const;

  settings config;
  invocation_coordinator_actor coordinator;
  std::vector<uint64_t> events_done;
  std::vector<uint64_t> credentials_asked; ///< ids
  std::vector<spill_store> stored;
  uint64_t spill_asked = 0; ///< how often
  std::deque<file_on_disk> disk;
  uint64_t disk_bytes_max = 1 << 30; ///< 0: nothing can be written
  held_figures lost;                 ///< with an earlier process
  std::vector<held_figures> noted;
  std::vector<flush_finding> findings;
  std::vector<uint64_t> exports_due; ///< events

private:
  uint64_t disk_room() const;
  spill_found take_from_disk(uint64_t id);
  uint64_t hand_over(lambda_event event, std::chrono::nanoseconds left);

  gzip_compressor compressor_;
  lifecycle_poller_actor poller_;
  credentials_actor credentials_;
  spill_actor spill_;
  tracer_actor tracer_;
  uint64_t last_sequence_ = 0;
};

} // namespace apm::test

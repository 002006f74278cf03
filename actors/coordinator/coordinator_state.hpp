// What the INVOCATION COORDINATOR knows and does; see
// invocation_coordinator.hpp for the course of an event. The members are in
// eight files: inputs.cpp (what arrives), event.cpp (the course of an event),
// flush.cpp (what is sent when), spill.cpp (what goes to disk, and outlives
// us), children.cpp (who lives), credentials.cpp (what is fetched from AWS),
// self_metrics.cpp (what we say of ourselves), trace.cpp (what is recorded, and
// the verdict on each flush).
#pragma once

#include "actors/ports.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/delivery/circuit_breaker.hpp"
#include "runtime/delivery/flush_policy.hpp"
#include "runtime/delivery/flush_verdict.hpp"
#include "runtime/delivery/ledger.hpp"
#include "runtime/delivery/outbox.hpp"
#include "runtime/delivery/signal_attribution.hpp"
#include "runtime/delivery/spill_book.hpp"
#include "runtime/delivery/telemetry_inbox.hpp"
#include "runtime/delivery/transaction_registry.hpp"
#include "runtime/formats/compression.hpp"
#include "runtime/formats/self_metrics.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace apm {

/// *Ownership:* the pointers are the application's and outlive all actors.
struct coordinator_setup {
  const settings* config = nullptr;
  gzip_compressor* compressor = nullptr;
  std::string version; ///< of the extension
};

class coordinator_state {
public:
  using self_pointer =
      traced_pointer<invocation_coordinator_actor, coordinator_state>;

  static inline const char* name = "coordinator";

  explicit coordinator_state(self_pointer self) : self_(self) {}

  void start(ports world, coordinator_setup setup);

  // -- inputs.cpp --
  void on_registered(const registered& x);
  void on_intake(agent_intake x);
  void on_registration(transaction_registered x);
  void on_intake_open(uint32_t bodies);
  void on_relay(const agent_relay& x);
  void on_relay_answer(const http_response& x);
  void on_refused(const input_refused& x);
  void on_telemetry(telemetry_batch x);
  void on_telemetry_result(const telemetry_result& x);
  void on_delivery(const delivery& x);

  // -- spill.cpp --
  void on_spill_stored(const spill_stored& x);
  void on_spill(spill_found x);

  // -- event.cpp --
  void on_event(lambda_event x);
  void on_done(const done& x);
  void on_timer(uint64_t id);

  // -- children.cpp --
  void on_child_ended(caf::actor_id id);

  // -- credentials.cpp --
  void on_credentials(const credentials_ready& x);

  // -- for tests and the simulation's invariants --
  const ledger& books() const noexcept { return ledger_; }
  const outbox& held() const noexcept { return outbox_; }
  const spill_book& spilled() const noexcept { return spilled_; }
  bool is_ending() const noexcept { return phase_ == phase::ending; }

private:
  enum class phase : uint8_t { idle, running, flushing, ending };

  // Ids of the COORDINATOR's timers.
  static constexpr uint64_t ship_timer = 1;
  static constexpr uint64_t flush_timer = 2;
  static constexpr uint64_t substitute_timer = 3;
  static constexpr uint64_t relay_timer = 4;
  static constexpr uint64_t retry_timer = 5;
  static constexpr uint64_t probe_timer = 6;

  // -- inputs.cpp --
  void learn_invocations();
  /// Receives lines: enters them in the ledger and takes them.
  void hold(const line_source& source, outbox_lines lines);
  void add_own(line_value value, const bytes& lines, uint32_t count);
  void take_flush_signal();
  void answer_agent(uint64_t id, uint16_t status, std::string_view text);
  uint32_t drop_second_transactions(agent_intake& x);
  void relay(const agent_relay& x);
  void drop_relays();

  // -- event.cpp --
  void begin(lambda_event event);
  bool awaits_report() const;
  bool is_restored() const;
  void renew();
  void end_by(end_signal signal);
  void begin_ending();
  void finish();
  void report_event() const;
  /// How long the event has waited for us since its signal.
  double held_ms() const;
  line_source own_source() const;
  std::string own_function_arn() const;
  std::string user_agent() const;
  flush_limits limits() const;
  bool is_idling() const { return setup_.config->server_url.empty(); }
  bool is_background() const;
  /// Whether a request may still be under way when the event is given back.
  bool outlives_event() const;

  // -- flush.cpp --
  /// What is held has changed: ships, flushes on or ends, as the phase says.
  void proceed();
  void continue_flush();
  bool may_ship(ship_moment moment) const;
  /// Leases what fits in a request and hands it to the FORWARDER, if there is
  /// something, no request is under way, and the breaker allows.
  void ship(ship_moment moment);
  /// Whether transactions that never came are still to be replaced before the
  /// flush goes on.
  bool awaits_substitutes();
  bool tries_again();
  bool awaits_probe();
  void add_substitutes();
  void settle(const delivery& outcome);
  void settle_unanswered(uint64_t lease);
  void arm_ship_timer();

  // -- spill.cpp --
  /// Takes lines, already received, into the outbox; without metadata they are
  /// our own. What is less valuable goes to disk where there is no room.
  /// @param is_back whether they come from there
  void take(const line_source& source, outbox_lines lines,
            bool is_back = false);
  /// Makes room in the outbox for so many bytes, if the disk has any.
  void make_room(uint64_t size);
  bool may_take(const telemetry_batch& x);
  void store(std::vector<spill_record> records);
  bool has_spill_room() const;
  uint64_t spill_file_bytes() const;
  void want_spilled();
  /// Asks for one file, if there is one, and the server and memory are ready.
  void fetch_spilled();
  /// Leaves what is held to the sandbox's next process.
  void spill_rest();
  void ask_spill_room();
  /// In memory and on the disk.
  uint64_t held_lines() const;
  uint64_t held_lines(uint64_t sequence) const;
  /// Figures of what we hold, for the sandbox's next process, should we be
  /// killed. To be called in each turn that changes them.
  void note_held();
  void tell_killed(const held_figures& lost);

  // -- self_metrics.cpp --
  /// Keeps the event's figures for the next batch.
  void note_self_metrics();
  void add_event_samples(self_metrics& to) const;
  void add_process_samples(self_metrics& to) const;
  /// Puts what was noted beside the lines that go out now.
  void add_self_metrics();
  /// At SHUTDOWN word of lost lines is worth a request of its own.
  void tell_loss();

  // -- trace.cpp --
  void note_event() const;
  void note_late(const done& x) const;
  void note_flush_begin() const;
  void note_flush_end() const;
  steady_time flush_ends_at() const;
  void note_breaker() const;
  /// Enters in the ledger what has become of lines.
  void enter(const std::vector<line_fate>& fates);
  void judge_event();
  /// Tells the TRACER of the event that is over.
  void tell_tracer();
  /// Has the last event's trace exported, and says in a line of our own what
  /// was missed.
  void tell_missed_flush();

  // -- children.cpp --
  void spawn_children();
  void spawn_forwarder();
  void spawn_processor();
  void spawn_timer();
  void give_next_telemetry();
  void replace_child(caf::actor_id id);
  bool is_timer(caf::actor_id id) const;
  void end_forwarders();
  void drain_forwarder();

  // -- credentials.cpp --
  /// Asks for all that the settings name in AWS, if they name anything.
  void want_credentials();
  /// Nothing is sent to the APM Server while they are on their way.
  bool awaits_credentials() const { return awaited_credentials_ != 0; }
  /// Keeps a relayed request for them, if they are on their way and it is worth
  /// it. @returns whether it did
  bool wait_for_credentials(const agent_relay& x);
  /// Relayed requests go on, with whatever credentials there are.
  void let_relays_go();
  /// A POST has failed in a way that other credentials may mend.
  void doubt_credentials(const delivery& outcome);
  /// Asks for them anew, if they are in doubt and it is not too soon.
  void refresh_credentials();

  self_pointer self_;
  ports world_;
  coordinator_setup setup_;
  registered function_;

  // What outlives events.
  outbox outbox_{0};
  ledger ledger_;
  spill_book spilled_;
  bool is_fetching_ = false; ///< a file is on its way from SPILL
  uint64_t last_fetch_ = 0;
  telemetry_inbox inbox_;
  circuit_breaker breaker_;
  signal_attribution signals_;
  transaction_registry registry_;
  bool is_intake_open_ = false; ///< a body of the agent is on its way in
  bool is_concurrent_ = false;  ///< invocations run side by side
  std::deque<invocation_facts> invocations_; ///< oldest first
  std::vector<request_start> starts_;        ///< telemetry's position
  std::string last_reported_;                ///< request of `platform.report`
  std::map<uint64_t, uint64_t> relays_; ///< HTTP CLIENT's id to the agent's
  uint64_t next_relay_ = 1;
  std::vector<agent_relay> waiting_relays_; ///< for credentials
  uint64_t last_credentials_ = 0;           ///< id of the last request for them
  uint64_t awaited_credentials_ = 0;        ///< id; 0: none are on their way
  bool lacks_credentials_ = false;          ///< of the last, some have failed
  bool doubts_credentials_ = false;
  bool are_credentials_late_ = false; ///< a flush has waited for them in vain
  bool do_relays_wait_ = true;        ///< no more, where one has in vain
  bool is_loss_told_ = false; ///< what is noted as held may be our own now
  std::optional<steady_time> refreshed_at_;
  std::set<std::string> told_failures_; ///< to fetch credentials
  std::deque<std::string> notes_;       ///< metrics of our own, a line each
  steady_time noted_at_;
  uint64_t noted_dropped_ = 0; ///< lines, as the last note has it
  uint64_t told_dropped_ = 0;  ///< as a line of the outbox has it
  account books_before_;       ///< when the last event was over
  flush_verdict verdict_;      ///< on the last event
  struct missed_flush {
    lambda_event event;
    end_signal winner = end_signal::deadline;
    flush_verdict verdict;
  };
  std::optional<missed_flush> untold_; ///< to the APM Server
  /// At the first event the TRACER looks for what an earlier process has left.
  bool is_export_due_ = true;
  uint64_t posts_ = 0;
  uint64_t failed_posts_ = 0;
  /// A FORWARDER of an earlier event that finishes a request.
  struct draining_forwarder {
    apm_forwarder_actor handle;
    uint64_t lease = 0; ///< 0: it had none
  };
  std::map<caf::actor_id, draining_forwarder> draining_;

  // The event under way.
  phase phase_ = phase::idle;
  lambda_event event_; ///< the last one while `phase_` is idle
  lifecycle_poller_actor poller_;
  std::optional<lambda_event> overtaking_; ///< a SHUTDOWN that did not wait
  end_signal winner_ = end_signal::deadline;
  steady_time ended_at_;
  uint64_t open_lease_ = 0;              ///< 0: the FORWARDER is free
  bool has_failed_ = false;              ///< a request of this event
  bool are_credentials_refused_ = false; ///< by the last answer
  bool is_ship_timer_set_ = false;
  bool is_substitute_timer_set_ = false;
  bool is_retry_timer_set_ = false;
  bool is_probe_timer_set_ = false;
  steady_time shipped_at_; ///< the last batch
  uint32_t retries_ = 0;   ///< at SHUTDOWN
  apm_forwarder_actor forwarder_;
  log_processor_actor processor_;
  timer_actor timer_;
  std::set<caf::actor_id> living_; ///< of the three above
};

} // namespace apm

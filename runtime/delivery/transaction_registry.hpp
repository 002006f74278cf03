// Transactions that agents have registered and not delivered yet. When an
// invocation is over without its transaction, a substitute is made of the
// registration. INVOKE, registration, agent data, runtimeDone and SHUTDOWN may
// come in any order.
//
//   registry.add(registered);               // POST /register/transaction
//   registry.delivered(seen);               // the agent's own has come
//   registry.runtime_ended(end);            // platform.runtimeDone
//   for (auto& s : registry.take_due(invocations, false))
//     …                                     // goes into the outbox
#pragma once

#include "messages/agent.hpp"
#include "messages/telemetry.hpp"
#include "messages/time.hpp"
#include "runtime/delivery/outbox.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// What is sent in place of a transaction that never came.
struct substitute_transaction {
  line_source source; ///< no metadata where the registration had none
  bytes line;         ///< ended by a newline
};

class transaction_registry {
public:
  /// Takes a registration. A second one of the same request replaces the first;
  /// one whose transaction has come already is forgotten at once.
  void add(transaction_registered x);

  /// The agent's own transaction came. @returns whether a substitute has been
  /// taken for it before, so that this one would be its second
  bool delivered(const transaction_seen& x);

  /// @param now only looked at where invocations run side by side
  void runtime_ended(const runtime_end& x, steady_time now = {});

  /// From now on invocations run side by side: as many as Lambda lets are open
  /// at once. Somebody's body is always on its way in then, so that an agent
  /// has a fixed time for its transaction, and a longer one after a time-out:
  /// there its handler runs on.
  void run_concurrently() { is_concurrent_ = true; }

  /// SHUTDOWN: what has not ended now never will. The request `last` ended as
  /// `reason` says, earlier ones are taken for successes: nothing was wrong
  /// with them, only nobody said so. Side by side, all ended as `reason` says.
  void shut_down(std::string_view reason, std::string_view last, wall_ms at_ms);

  /// Whether `take_due` would give anything.
  bool has_due(bool is_intake_open, steady_time now = {}) const;

  /// Whether anything becomes due by time alone.
  bool has_ended() const;

  /// Gives what is due and forgets it. While an intake body is on its way in
  /// the transaction may be in it; only what belongs to a runtime that was
  /// killed is due then. *Shape:* in order of registration.
  std::vector<substitute_transaction>
  take_due(const std::deque<invocation_facts>& invocations, bool is_intake_open,
           steady_time now = {});

  bool empty() const noexcept { return entries_.empty(); }

private:
  struct entry {
    transaction_registered registered;
    bool has_ended = false;
    runtime_end end;
    steady_time due; ///< side by side: not before
  };

  /// An end, and when it was told.
  struct told_end {
    runtime_end end;
    steady_time at;
  };

  bool is_due(const entry& e, bool is_intake_open, steady_time now) const;
  void end_entry(entry& e, const runtime_end& end, steady_time now) const;
  entry* find(std::string_view request_id);
  void make_room();

  std::deque<entry> entries_; ///< oldest first
  size_t bytes_ = 0;
  bool is_concurrent_ = false;
  // What came before the registration that it concerns, newest last.
  std::deque<std::string> delivered_ids_;
  std::deque<told_end> early_ends_;
  std::deque<std::string> substituted_ids_;
};

} // namespace apm

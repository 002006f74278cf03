// What the extension promises, whatever the order in which things happen: the
// rules of ARCHITECTURE.md, checked after every turn. The first that is broken
// is kept.
//
//   promises check{model};
//   check.note(record, book);
//   check.after_turn(coordinator);
#pragma once

#include "actors/coordinator/coordinator_state.hpp"
#include "runtime/trace/values.hpp"
#include "tools/flushtrace/explore/model.hpp"

#include <string>

namespace flushtrace {

class promises {
public:
  /// @param world outlives it, as does
  /// @param of
  promises(const scenario& of, const model& world);

  /// What an actor has noted.
  void note(const apm::trace::record& x);

  /// `event/next` is asked for, or the process ends: the event is over.
  void event_over();

  /// An agent's request was answered.
  void answered() noexcept { ++answers_; }

  void after_turn(const apm::coordinator_state& coordinator);

  /// Nothing is left to do for any actor.
  /// @param requests that agents have made
  void at_rest(uint64_t requests);

  /// Actors send each other messages for ever.
  void stuck() { broken("actors do not come to rest"); }

  /// Nothing can happen any more.
  void at_end(const apm::coordinator_state& coordinator);

  const std::string& violation() const noexcept { return violation_; }

  uint64_t coverage() const noexcept { return coverage_; }

private:
  void broken(const std::string& what);
  void check_winner(uint64_t event, uint64_t signal);
  void check_flush_end(uint64_t lines, uint64_t why);
  void check_dropped(uint64_t reason, uint64_t lines);

  const scenario& scenario_;
  const model& world_;
  std::string violation_;
  uint64_t coverage_ = 0;
  uint64_t answers_ = 0;
  uint64_t event_ = 0;
  bool is_shutdown_ = false;
  bool has_winner_ = false;
  apm::steady_time won_at_;
  bool was_failing_ = false;  ///< the server, when the event was won
  uint32_t good_answers_ = 0; ///< likewise
};

/// Rule 1: what was received is accepted, dropped, or held. @returns a
/// sentence; empty: it is so
std::string unbalanced_books(const apm::coordinator_state& coordinator);

} // namespace flushtrace

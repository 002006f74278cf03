// To which invocation an agent's `flushed=true` belongs. Nothing in the request
// says it, and one that is late must not end the next invocation. What tells:
//
// - agents are serial: the signal of N always comes before that of N+1;
// - an agent that was at work in N and has not signalled when N is over (it
//   ended by another signal) still owes one;
// - a transaction that names N+1 (`faas.execution`) proves that the agent is
//   through with N.
//
// A signal that is taken for a late one although it is not costs the wait until
// `platform.runtimeDone`; the opposite error would lose data. So in doubt it is
// late.
#pragma once

#include <string>
#include <string_view>

namespace apm {

class signal_attribution {
public:
  void event_began(std::string_view request_id) {
    request_id_ = request_id;
    is_agent_seen_ = false;
    is_flush_seen_ = false;
    is_own_transaction_seen_ = false;
  }

  /// Data or a registration of the agent came while the event was current.
  void agent_seen() noexcept { is_agent_seen_ = true; }

  /// A transaction line came, naming the invocation `request_id`.
  void transaction_seen(std::string_view request_id) noexcept {
    if (!request_id.empty() && request_id == request_id_)
      is_own_transaction_seen_ = true;
  }

  /// A flush signal came. @returns whether it belongs to the current event
  bool is_flush_current() noexcept {
    if (is_flush_owed_ && !is_own_transaction_seen_) {
      is_flush_owed_ = false;
      return false;
    }
    is_flush_owed_ = false;
    is_flush_seen_ = true;
    return true;
  }

  /// The event was given back to Lambda.
  void event_ended() noexcept {
    // At most one: the agent signals N before it sees N+1.
    is_flush_owed_ = is_agent_seen_ && !is_flush_seen_;
    request_id_.clear();
  }

  /// A flush signal came while no event was current.
  void flush_between_events() noexcept { is_flush_owed_ = false; }

private:
  std::string request_id_;
  bool is_agent_seen_ = false;
  bool is_flush_seen_ = false;
  bool is_own_transaction_seen_ = false;
  bool is_flush_owed_ = false;
};

} // namespace apm

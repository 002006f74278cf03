// To which invocation an agent's `flushed=true` belongs. Nothing in the request
// says it, and one that is late must not end the next invocation. What tells:
//
// - agents are serial: the signal of N always comes before that of N+1;
// - an agent that was at work in N and has not signalled when N is over (it
//   ended by another signal) still owes one;
// - one that names N in a transaction when N is over owes one, too: it was
//   silent in N, and is still at it;
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
  /// @returns whether the event's flush signal is here already: where the CPU
  /// is scarce, what the agent sent may be read before Lambda's INVOKE
  bool event_began(std::string_view request_id) {
    request_id_ = request_id;
    is_agent_seen_ = early_.transaction_of == request_id;
    is_own_transaction_seen_ = is_agent_seen_;
    is_flush_seen_ = is_agent_seen_ && early_.is_flushed;
    const bool is_at_earlier =
        is_of_earlier(early_.transaction_of) && !early_.is_flushed;
    is_flush_owed_ = is_flush_owed_ || is_at_earlier;
    early_ = {};
    return is_flush_seen_;
  }

  /// Lines of the agent came.
  void agent_seen() noexcept { is_agent_seen_ = true; }

  /// A transaction line came, naming the invocation `request_id`.
  void transaction_seen(std::string_view request_id) {
    if (request_id_.empty())
      early_ = {std::string{request_id}, false};
    else if (request_id == request_id_)
      is_own_transaction_seen_ = true;
    else if (is_of_earlier(request_id) && !is_own_transaction_seen_)
      is_flush_owed_ = true;
  }

  /// A flush signal came while an event was current.
  /// @returns whether it belongs to that event
  bool is_flush_current() noexcept {
    const bool is_late = is_flush_owed_ && !is_own_transaction_seen_;
    is_flush_owed_ = false;
    if (!is_late)
      is_flush_seen_ = true;
    return !is_late;
  }

  /// A flush signal came while no event was current.
  void flush_between_events() noexcept {
    early_.is_flushed = true;
    is_flush_owed_ = false;
  }

  /// The event was given back to Lambda.
  void event_ended() {
    // At most one: the agent signals N before it works on N+1.
    is_flush_owed_ = is_agent_seen_ && !is_flush_seen_;
    earlier_request_id_ = is_flush_seen_ ? std::string{} : request_id_;
    request_id_.clear();
  }

private:
  /// What came between two events.
  struct early_signals {
    std::string transaction_of; ///< request id of the last transaction
    bool is_flushed = false;    ///< after it
  };

  /// Of the event before; of an id that no event had nobody knows whose it is.
  bool is_of_earlier(std::string_view request_id) const noexcept {
    return !request_id.empty() && request_id == earlier_request_id_;
  }

  std::string request_id_;         ///< empty between events
  std::string earlier_request_id_; ///< empty: it was flushed
  early_signals early_;
  bool is_agent_seen_ = false;
  bool is_flush_seen_ = false;
  bool is_own_transaction_seen_ = false;
  bool is_flush_owed_ = false;
};

} // namespace apm

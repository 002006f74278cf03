// What is open between the extension and the world at one moment of a changed
// life: requests without an answer, armed timers, what the script has still to
// say; and what of it comes next.
//
//   changed_world world;
//   if (const auto next = world.next())
//     … next->at_ns, next->kind
#pragma once

#include "tools/flushtrace/whatif/script.hpp"
#include "tools/flushtrace/whatif/server_model.hpp"
#include "tools/flushtrace/whatif/stalls.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "caf/actor_control_block.hpp"
#include "caf/message.hpp"

namespace flushtrace {

/// Who asked, by the recorder's reference, and its own number for it.
using asked_key = std::pair<uint32_t, uint64_t>;

struct open_request {
  caf::strong_actor_ptr from;
  request_kind kind = request_kind::intake;
  const exchange* recorded = nullptr; ///< null: it is not in the recording
  int64_t begin = 0;
  int64_t due = never; ///< of what it will get
  planned_answer answer;
  bool is_timed_out = false; ///< the client gives up before the answer comes
  int64_t timeout_ms = 0;
  /// When it first differs from the recorded one.
  int64_t differs_at = never;
  uint64_t order = 0;
};

struct armed_alarm {
  caf::strong_actor_ptr to;
  int64_t due = 0;
  int64_t differs_at = never;
  bool is_signal = false; ///< the actor TIMER's
  uint64_t order = 0;
};

/// Something that a port or the platform will say on its own.
struct promised {
  caf::strong_actor_ptr to; ///< null: the COORDINATOR
  int64_t due = 0;
  caf::message content;
  uint64_t order = 0;
};

enum class arrival_kind : uint8_t { answer, item, promise, alarm };

struct arrival {
  arrival_kind kind = arrival_kind::item;
  int64_t at_ns = 0;
  asked_key who;    ///< answer, alarm
  size_t which = 0; ///< item: its place in the script; promise: its place
};

class changed_world {
public:
  void ask(asked_key who, open_request x);
  void forget_request(asked_key who) { requests_.erase(who); }
  std::optional<open_request> take_request(asked_key who);

  /// For the next event; null: it was not asked for.
  open_request* find_event();

  /// The one that was this in the recording.
  void forget_recorded(const exchange& x);

  void arm(asked_key who, armed_alarm x);
  void disarm(asked_key who) { alarms_.erase(who); }
  std::optional<armed_alarm> take_alarm(asked_key who);

  void promise(promised x);
  promised take_promise(size_t which);

  /// @param lane what comes from the same sender keeps its order
  void schedule(int64_t due, size_t item, uint8_t lane) {
    items_.emplace(due, scheduled{item, lane});
  }

  /// Until its end sockets are not read, and alarms wait until `end`.
  void freeze(const pause& x) noexcept { pause_ = x; }

  /// The process stands still then. *Shape:* ascending.
  void stand_still(std::vector<stall> when) { stalls_ = std::move(when); }

  /// When something that is to be done at `ns` can be.
  int64_t after_stall(int64_t ns) const noexcept;

  /// When anything first differs from the recording.
  int64_t differs_at() const noexcept;

  /// An event has been given out. Where a request is still open whose recorded
  /// answer came only behind that one's begin, it comes as long behind it now.
  void answer_over_freeze(size_t interval, int64_t begin,
                          const std::vector<recorded_interval>& recorded);

  /// What comes next; it stays until it is taken. Sockets come before alarms.
  std::optional<arrival> next() const;

  /// What can come next, were times others: of each sender what it says first,
  /// and of alarms the one that is due first. *Shape:* by time, so that the
  /// first is `next`.
  std::vector<arrival> possible() const;

  void take_item(size_t item);

  bool has_items() const noexcept { return !items_.empty(); }
  bool has_promises() const noexcept { return !promises_.empty(); }

  /// Whether an event will be given out.
  bool is_event_due() const noexcept;

  const open_request* find_request(asked_key who) const;
  const armed_alarm* find_alarm(asked_key who) const;

private:
  /// Of the script.
  struct scheduled {
    size_t item = 0;
    uint8_t lane = 0;
  };

  int64_t seen(int64_t due, bool is_alarm) const noexcept;
  int64_t answer_seen(const open_request& x) const noexcept;

  std::map<asked_key, open_request> requests_;
  std::map<asked_key, armed_alarm> alarms_;
  std::vector<promised> promises_;
  std::multimap<int64_t, scheduled> items_; ///< by when
  pause pause_;
  std::vector<stall> stalls_;
  uint64_t next_order_ = 0;
};

} // namespace flushtrace

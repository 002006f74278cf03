// The one interface to recording. Who has no recorder has a null pointer: that
// is what recording costs when it is off.
//
//   recorder trace{file->memory(), setup};
//   const turn_scope turn{&trace, actor, trace.record(record_kind::handled,
//   …)}; note(&trace, record_kind::winner, event, signal, slack);
#pragma once

#include "runtime/clock.hpp"
#include "runtime/trace/modes.hpp"
#include "runtime/trace/ring_writer.hpp"

#include <array>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace apm::trace {

/// *Ownership:* the pointers' objects outlive the recorder.
struct recorder_setup {
  char* memory = nullptr; ///< see `ring_writer`
  size_t bytes = 0;
  uint32_t process_id = 0;
  /// Reads the clocks; it is called once at each anchor.
  clock_readings (*read_clocks)() = nullptr;
  const clock* time = nullptr; ///< of the turn
  uint64_t hash_key = 0;
  payload_mode payload = payload_mode::shape;
};

class recorder {
public:
  explicit recorder(const recorder_setup& setup);

  // -- who and when --

  /// The role of that name and parent, made known where it is new.
  /// *Ownership:* the name outlives the recorder. *Shape:*
  /// from 1; 0 where there is no room for more.
  uint8_t role(std::string_view name, uint8_t parent);

  /// The next actor of a role.
  actor_reference next_of(uint8_t role) noexcept {
    return role == 0 ? actor_reference{}
                     : actor_reference::make(role, ++ordinals_[role]);
  }

  /// The record of the turn under way; 0: there is none.
  uint64_t turn() const noexcept { return turn_; }

  actor_reference turn_actor() const noexcept { return turn_actor_; }

  /// Whether the turn is that of a port, so that what it sends has come from
  /// outside.
  bool is_outside() const noexcept { return turn_ == 0 || is_port_turn_; }

  // -- records --

  /// A buffer for one payload, which `record` may be given next.
  byte_writer payload() noexcept {
    return {buffer_.get(), ring_.payload_bytes_max()};
  }

  /// @returns its sequence
  uint64_t record(record_kind kind, actor_reference actor, uint64_t cause,
                  std::string_view payload) noexcept {
    return ring_.append({kind, actor, cause, now_ns(), payload});
  }

  /// Makes a kind of record, or of message, known before it is first used.
  void know(record_kind kind) {
    auto& is_known = known_kinds_[static_cast<uint8_t>(kind)];
    if (!is_known) {
      is_known = true;
      define_kind(kind);
    }
  }

  bool define(entry_kind kind, uint32_t id, uint32_t other,
              std::string_view text) {
    return ring_.define(kind, id, other, text);
  }

  /// Reads all three clocks and records them.
  void anchor();

  /// The event is over: what follows belongs to the next.
  void event_ended(uint64_t event) noexcept;

  /// Where the records of an event begin; of one long past, the oldest that is
  /// known.
  uint64_t begin_of(uint64_t event) const noexcept;

  void seal() noexcept { ring_.seal(); }

  uint32_t hash(std::string_view text) const noexcept {
    return keyed_hash(key_, text);
  }

  payload_mode mode() const noexcept { return mode_; }

  const ring_writer& ring() const noexcept { return ring_; }

private:
  friend class turn_scope;

  struct known_role {
    std::string_view name;
    uint8_t parent = 0;
  };

  struct event_mark {
    uint64_t event = 0;
    uint64_t end = 1; ///< the sequence after its last record
  };

  static constexpr size_t roles_max = 32;
  /// An event is exported when the next begins: two would do.
  static constexpr size_t marks_max = 8;

  int64_t now_ns() const noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               time_->now().time_since_epoch())
        .count();
  }

  void define_kind(record_kind kind);

  ring_writer ring_;
  clock_readings (*read_clocks_)();
  const clock* time_;
  uint64_t key_;
  payload_mode mode_;
  std::unique_ptr<char[]> buffer_;
  uint64_t turn_ = 0;
  actor_reference turn_actor_;
  bool is_port_turn_ = false;
  size_t roles_ = 0;
  std::array<known_role, roles_max> role_table_{};
  std::array<uint32_t, roles_max + 1> ordinals_{};
  std::array<bool, 256> known_kinds_{};
  std::array<event_mark, marks_max> marks_{};
};

/// What is recorded while it lives belongs to a turn.
class turn_scope {
public:
  turn_scope(recorder* to, actor_reference actor, uint64_t sequence,
             bool is_port) noexcept
      : to_(to) {
    if (to_ == nullptr)
      return;
    outer_ = to_->turn_;
    outer_actor_ = to_->turn_actor_;
    is_outer_port_ = to_->is_port_turn_;
    to_->turn_ = sequence;
    to_->turn_actor_ = actor;
    to_->is_port_turn_ = is_port;
  }

  ~turn_scope() {
    if (to_ == nullptr)
      return;
    to_->turn_ = outer_;
    to_->turn_actor_ = outer_actor_;
    to_->is_port_turn_ = is_outer_port_;
  }

  turn_scope(const turn_scope&) = delete;
  turn_scope& operator=(const turn_scope&) = delete;

private:
  recorder* to_;
  uint64_t outer_ = 0; ///< an actor may end within a turn of its own
  actor_reference outer_actor_;
  bool is_outer_port_ = false;
};

namespace detail {

template <class T>
void put_field(byte_writer& to, const T& x) noexcept {
  if constexpr (std::is_same_v<T, bool>) {
    to.byte(x ? 1 : 0);
  } else if constexpr (std::is_enum_v<T>) {
    to.u(static_cast<uint64_t>(x));
  } else if constexpr (std::is_unsigned_v<T>) {
    to.u(x);
  } else if constexpr (std::is_signed_v<T>) {
    to.i(x);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    const std::string_view text{x};
    to.u(text.size() << 2 | kept_text);
    to.text(text);
  } else {
    to.u(x.size());
    for (const auto& each : x)
      put_field(to, each);
  }
}

} // namespace detail

/// Records something of the turn's actor. The fields must be of the types that
/// `schema_of` says: unsigned for `u`, signed for `i` and `t`, bool, text, a
/// list.
template <class... Fields>
void note(recorder* to, record_kind kind, const Fields&... fields) {
  if (to == nullptr)
    return;
  to->know(kind);
  auto payload = to->payload();
  (detail::put_field(payload, fields), ...);
  to->record(kind, to->turn_actor(), to->turn(), payload.written());
}

} // namespace apm::trace

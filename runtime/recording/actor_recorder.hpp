// Records what happens to actors: births, messages, turns, ends. One for the
// process; traced.hpp is how actors find it and call it.
//
//   actor_recorder recording{trace};
//   config.recording = &recording; // a recording_config's, before it is used
#pragma once

#include "runtime/trace/recorder.hpp"

#include <array>
#include <typeinfo>

#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/mailbox_element.hpp"

namespace apm {

/// Sees a message before its actor gets it, and may change it: a replay puts in
/// what cannot be had of a trace without users' data.
class message_filter {
public:
  virtual ~message_filter() = default;

  virtual void pass(caf::mailbox_element& x) = 0;
};

class actor_recorder {
public:
  explicit actor_recorder(trace::recorder& to);

  trace::recorder& trace() noexcept { return to_; }

  /// A message is put into an actor's mailbox. @returns the record's sequence
  uint64_t enqueued(trace::actor_reference receiver, caf::mailbox_element& x);

  /// From now on messages pass there first. *Ownership:* it outlives this one.
  void filter_by(message_filter& filter) noexcept { filter_ = &filter; }

  /// An actor begins a turn with the message of that record.
  uint64_t handled(trace::actor_reference actor, uint64_t cause) noexcept;

  uint64_t born(trace::actor_reference actor, uint64_t cause);

  uint64_t exited(trace::actor_reference actor, uint64_t cause,
                  const caf::error& reason);

  /// Makes an actor known by CAF's number for it, for messages that name it.
  ///
  /// @param is_child whether another has spawned it, and will spawn more
  void introduce(caf::actor_id id, trace::actor_reference actor,
                 bool is_child) noexcept;

private:
  using writer = void (*)(const void* message, const trace::recorder& of,
                          trace::byte_writer& to, bool is_from_outside);

  struct message_type {
    const std::type_info* type = nullptr;
    writer write = nullptr;
    uint32_t number = 0; ///< in the dictionary, from 1
    bool is_known = false;
  };

  struct known_actor {
    caf::actor_id id = 0;
    trace::actor_reference actor;
  };

  /// Twice the messages that there are, for a table with open addresses.
  static constexpr size_t types_max = 128;

  /// A child that has ended is spoken of for a turn or two.
  static constexpr size_t children_max = 32;

  /// Of the others there are ten.
  static constexpr size_t lasting_max = 16;

  template <class T>
  void add();

  template <uint16_t... Is>
  void add_all(std::integer_sequence<uint16_t, Is...>);

  message_type* find(const std::type_info* type) noexcept;
  void make_known(message_type& x);
  trace::actor_reference actor_of(caf::actor_id id) const noexcept;
  uint32_t put_system_message(const caf::type_erased_tuple& content,
                              trace::byte_writer& to);
  void put_end(caf::actor_id source, const caf::error& reason,
               trace::byte_writer& to) const;

  trace::recorder& to_;
  message_filter* filter_ = nullptr; ///< none: in production
  std::array<message_type, types_max> types_{};
  uint32_t type_count_ = 0;
  std::array<known_actor, lasting_max> lasting_{};
  size_t lasting_count_ = 0;
  std::array<known_actor, children_max> children_{};
  size_t next_child_ = 0;
  std::array<bool, 3> known_system_messages_{};
};

/// A configuration of an actor system whose actors are recorded, or not.
struct recording_config : caf::actor_system_config {
  actor_recorder* recording = nullptr; ///< null: off

  /// That of a system, or null.
  static actor_recorder* of(caf::actor_system& system) {
    const auto& config = system.config();
    // Asked at each spawn: what a type was cast to once it is cast to again.
    thread_local const std::type_info* known = nullptr;
    const auto& type = typeid(config);
    if (known != nullptr && *known == type)
      return static_cast<const recording_config&>(config).recording;
    const auto* found = dynamic_cast<const recording_config*>(&config);
    if (found == nullptr)
      return nullptr;
    known = &type;
    return found->recording;
  }
};

} // namespace apm

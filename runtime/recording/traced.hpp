// Lets an actor class of CAF's record its births, messages and ends: it sees
// every message that is put into its mailbox, timers, exits and downs included,
// and every turn. Without a recorder it costs a test of a pointer.
//
//   timer_actor::behavior_type timer(traced_pointer<timer_actor, timer_state>);
#pragma once

#include "runtime/recording/actor_recorder.hpp"

#include <utility>
#include <vector>

#include "caf/invoke_message_result.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

/// First in, first out; grows, and then stays as large.
class sequence_queue {
public:
  sequence_queue() = default;

  sequence_queue(const sequence_queue&) = delete;
  sequence_queue& operator=(const sequence_queue&) = delete;

  void push(uint64_t x) {
    if (size_ > mask_)
      grow();
    at(size_++) = x;
  }

  /// 0 where there is none.
  uint64_t pop() noexcept {
    if (size_ == 0)
      return 0;
    const auto x = at(0);
    begin_ = (begin_ + 1) & mask_;
    --size_;
    return x;
  }

private:
  /// More than most actors have waiting at once. A power of two, as are all
  /// sizes.
  static constexpr size_t few = 4;

  uint64_t& at(size_t index) noexcept { return all_[(begin_ + index) & mask_]; }

  void grow() {
    std::vector<uint64_t> larger((mask_ + 1) * 2);
    for (size_t i = 0; i < size_; ++i)
      larger[i] = at(i);
    many_ = std::move(larger);
    all_ = many_.data();
    mask_ = many_.size() - 1;
    begin_ = 0;
  }

  uint64_t few_[few] = {};
  std::vector<uint64_t> many_; ///< in place of `few_`, once that was too small
  uint64_t* all_ = few_;
  size_t mask_ = few - 1;
  size_t begin_ = 0;
  size_t size_ = 0;
};

/// Who a traced actor is, for its children.
class traced_actor {
public:
  virtual ~traced_actor() = default;

  virtual trace::actor_reference reference() = 0;
};

/// @tparam IsPort what it sends has come from outside
template <class Base, bool IsPort>
class traced : public Base, public traced_actor {
public:
  template <class... Ts>
  explicit traced(caf::actor_config& config, Ts&&... xs)
      : Base(config, std::forward<Ts>(xs)...),
        to_(recording_config::of(this->home_system())) {
    if (to_ == nullptr)
      return;
    spawned_by_ = to_->trace().turn();
    if (config.parent != nullptr) // it spawns within a turn of its own
      parent_role_ = to_->trace().turn_actor().role();
  }

  void enqueue(caf::mailbox_element_ptr x, caf::execution_unit* host) override {
    if (to_ != nullptr && x)
      waiting_[x->mid.is_urgent_message() ? 1 : 0].push(
          to_->enqueued(known_reference(), *x));
    Base::enqueue(std::move(x), host);
  }

  void initialize() override {
    if (to_ == nullptr)
      return Base::initialize();
    const auto turn = to_->born(reference(), spawned_by_);
    last_turn_ = turn;
    const trace::turn_scope scope{&to_->trace(), reference(), turn, IsPort};
    Base::initialize();
  }

  using Base::consume;

  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    if (to_ == nullptr)
      return Base::consume(x);
    auto& trace = to_->trace();
    const auto cause = waiting_[x.mid.is_urgent_message() ? 1 : 0].pop();
    const auto who = known_reference();
    const auto turn = to_->handled(who, cause);
    last_turn_ = turn;
    const trace::turn_scope scope{&trace, who, turn, IsPort};
    const auto result = Base::consume(x);
    if (result != caf::invoke_message_result::consumed)
      trace::note(&trace, trace::record_kind::not_consumed,
                  static_cast<uint64_t>(
                      result == caf::invoke_message_result::skipped ? 2 : 1));
    return result;
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    if (to_ == nullptr || has_ended_)
      return Base::cleanup(std::move(reason), host);
    has_ended_ = true;
    const auto turn = to_->exited(reference(), last_turn_, reason);
    const trace::turn_scope scope{&to_->trace(), reference(), turn, IsPort};
    return Base::cleanup(std::move(reason), host);
  }

  trace::actor_reference reference() override {
    if (reference_.value == 0 && to_ != nullptr) {
      auto& trace = to_->trace();
      reference_ = trace.next_of(trace.role(this->name(), parent_role_));
      to_->introduce(this->id(), reference_, parent_role_ != 0);
    }
    return reference_;
  }

private:
  trace::actor_reference known_reference() {
    return reference_.value != 0 ? reference_ : reference();
  }

  actor_recorder* to_;
  trace::actor_reference reference_; ///< when it is first asked for
  uint8_t parent_role_ = 0;
  bool has_ended_ = false;
  uint64_t spawned_by_ = 0;
  uint64_t last_turn_ = 0;    ///< the one in which it ends
  sequence_queue waiting_[2]; ///< ordinary and urgent messages, by record
};

/// What a function that an actor is spawned with takes first.
template <class Handle, class State>
using traced_pointer =
    caf::stateful_actor<State, traced<typename Handle::base, false>>*;

/// The same for an edge to the world.
template <class Handle, class State>
using traced_port_pointer =
    caf::stateful_actor<State, traced<typename Handle::base, true>>*;

} // namespace apm

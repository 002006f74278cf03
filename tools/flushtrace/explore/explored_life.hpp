// One life of the extension in a modelled world: what can happen next, what
// then happens, and whether anything is wrong with it.
//
//   explored_life life{host, scenario};
//   while (!life.actions().empty())
//     life.take(life.actions()[choice]);
//   if (!life.violation().empty())
//     …
#pragma once

#include "tools/flushtrace/explore/history.hpp"
#include "tools/flushtrace/explore/model.hpp"
#include "tools/flushtrace/explore/promises.hpp"
#include "tools/flushtrace/replay/replay_world.hpp"
#include "tools/flushtrace/replay/ring_cursor.hpp"

#include <string>
#include <vector>

namespace flushtrace {

class explored_life final : private world_driver {
public:
  /// @param host for this life alone while it lasts; outlives it, as does
  /// @param of
  /// @param payload how much of messages is recorded: `digest` is the sooner,
  /// and a segment of it cannot be replayed
  explored_life(
      world_host& host, const scenario& of,
      apm::trace::payload_mode payload = apm::trace::payload_mode::shape);

  /// What can happen now. *Shape:* empty where all is over, or something is
  /// wrong.
  const std::vector<action>& actions() const noexcept { return actions_; }

  void take(const action& x);

  /// What was taken, in order.
  const std::vector<action>& taken() const noexcept { return taken_; }

  /// What is wrong, in a sentence; empty: nothing.
  const std::string& violation() const noexcept {
    return promises_.violation();
  }

  /// Equal where nothing that is to come can differ.
  uint64_t fingerprint() const;

  uint64_t records() const noexcept { return records_; }

  /// What became of the life's events, for statistics: its winners and the
  /// ends of its flushes, packed.
  uint64_t coverage() const noexcept { return promises_.coverage(); }

  /// The whole of it, as a segment that all verbs read, with what is needed to
  /// live it again (`told_life.hpp`). *Errors:* `too_large`, `io`.
  [[nodiscard]] apm::result<std::string> segment();

private:
  apm::steady_time now() const noexcept override { return model_.now(); }
  apm::wall_ms wall() noexcept override { return model_.wall(); }
  uint64_t draw() noexcept override;
  apm::trace::clock_readings anchor() noexcept override;
  void on_port_turn(const port_turn& x) override;
  void on_message(caf::mailbox_element&) override {}

  void enter(const action& x);
  void settle();
  void run_ports();
  void look();
  void find_actions();

  const scenario& scenario_;
  world_setup setup_;
  model model_;
  promises promises_;
  history history_;
  uint64_t records_ = 0;
  std::vector<action> actions_;
  std::vector<action> taken_;
  replay_world world_;
  ring_cursor cursor_;
};

} // namespace flushtrace

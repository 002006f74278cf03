// A recorded life lived with something changed: first along the recording,
// while nothing differs from it, then in a modelled world. whatif_engine.hpp
// has what comes of it.
//
//   const life_source source{trace, run};
//   life x{source, host, alteration, setup};
//   x.live();
#pragma once

#include "tools/flushtrace/replay/record_matcher.hpp"
#include "tools/flushtrace/replay/recorded_readings.hpp"
#include "tools/flushtrace/whatif/altered_inputs.hpp"
#include "tools/flushtrace/whatif/changed_world.hpp"
#include "tools/flushtrace/whatif/life_course.hpp"
#include "tools/flushtrace/whatif/model_guide.hpp"
#include "tools/flushtrace/whatif/modelled_answers.hpp"
#include "tools/flushtrace/whatif/spill_model.hpp"
#include "tools/flushtrace/whatif/turn_costs.hpp"
#include "tools/flushtrace/whatif/whatif_engine.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flushtrace {

/// What all lives of one recording have in common, learned of it once.
struct life_source {
  /// @param of outlives it
  life_source(const process_trace& of, recorded_run prepared);

  recorded_run run;
  trace_facts facts;
  exchange_book exchanges;
  turn_costs costs;
  std::vector<stall> stalls;
  std::vector<uint64_t> draws;
};

class life final : private world_driver {
public:
  /// @param from outlives it, as do all others
  /// @param host for this life alone while it lasts
  /// @param setup as the alteration has it
  /// @param guide null: things come when they are due
  life(const life_source& from, world_host& host, const alteration& how,
       const world_setup& setup, model_guide* guide = nullptr);

  /// *Errors:* `bad_shape` where an input cannot be had again.
  [[nodiscard]] apm::result<void> live();

  bool is_modelled() const noexcept { return is_modelled_; }
  const std::string& first_change() const noexcept { return first_change_; }

  /// Records up to which nothing differs: the recorded one's number, and the
  /// same one's here.
  uint64_t exact_until() const;
  uint64_t exact_until_here() const { return matcher_.replayed(); }

  /// It was ended because it would not come to an end, or has no room.
  bool is_cut() const noexcept { return is_cut_; }

  /// When functions ended, by request id. *Units:* ns, monotonic.
  std::map<std::string, function_end> function_ends() const {
    return course_.function_ends(how_.dropped_events);
  }

  replay_world& world() noexcept { return world_; }

  /// For people: `answer to a POST`.
  std::string describe(const arrival& x) const;

  /// Whether it is the APM Server's answer to one of the FORWARDER's.
  bool is_post_answer(const arrival& x) const;

private:
  // -- the world's questions --
  apm::steady_time now() const noexcept override;
  apm::wall_ms wall() noexcept override;
  uint64_t draw() noexcept override;
  apm::trace::clock_readings anchor() noexcept override;
  void on_port_turn(const port_turn& x) override;
  void on_message(caf::mailbox_element& x) override;

  // -- along the recording: recorded_part.cpp --
  void follow();
  bool differs_before(const record& x);
  void take(const record& x);
  bool deliver(const record& x);
  void note_delivered(const record& x);
  void match(bool is_input);
  bool is_harmless();
  void give_recorded(const port_turn& x);
  void leave_recording(std::string why);
  void fail(const record& x, const std::string& why);

  // -- by a guide: guided_part.cpp --
  arrival next_arrival();

  // -- what is open, in both parts: open_part.cpp --
  void track(const port_turn& x);
  void ask(const apm::http_request& x, const caf::strong_actor_ptr& from);
  void plan(open_request& x, size_t order);
  void await_event(open_request& x);
  void arm(const apm::timer_set& x, const caf::strong_actor_ptr& from);
  const record* recorded_message() const;
  void learn_left_files();

  // -- in the model: modelled_part.cpp --
  void begin_model();
  void live_on();
  bool is_over(const std::optional<arrival>& next);
  void take_turns();
  void note_turn();
  std::string_view role_name(apm::trace::actor_reference x) const;
  std::string_view type_name(uint32_t number);
  void enter(const arrival& x);
  void put(const caf::strong_actor_ptr& to, caf::message content);
  void enter_item(size_t item);
  apm::result<caf::message> message_of(const script_item& x);
  void enter_answer(const open_request& x, uint64_t id, int64_t at_ns);
  void schedule_interval();
  void stand_still();

  // -- what ports say in it: ports_part.cpp --
  void answer_port(const port_turn& x);
  void promise_credentials(uint64_t id, const caf::strong_actor_ptr& to);
  void send_again(uint64_t delivery);

  const recorded_run& run_;
  const alteration& how_;
  const world_setup& setup_;
  model_guide* guide_;
  std::optional<stated_answer> answer_; ///< the guide's, to what comes next
  const exchange_book& exchanges_;
  world_script script_;
  server_model server_;
  const turn_costs& costs_;
  const std::vector<stall>& stalls_; ///< recorded
  recorded_readings readings_;
  recorded_inputs recorded_;
  altered_inputs inputs_;
  modelled_answers answers_;
  apm::trace::schema_book book_;
  spill_model folder_;
  changed_world open_;
  const std::vector<uint64_t>& draws_; ///< recorded
  size_t next_draw_ = 0;
  int64_t script_differs_at_ = never;
  life_course course_;
  size_t turn_at_ = 0; ///< along the recording: of the turn under way
  bool is_modelled_ = false;
  bool is_cut_ = false;
  bool has_ended_ = false;
  std::string first_change_;
  std::optional<apm::error> failure_;
  int64_t now_ = 0; ///< in the model
  std::map<std::pair<request_kind, size_t>, size_t> orders_;
  std::map<uint64_t, size_t> deliveries_; ///< of telemetry: id to its item
  bool is_taking_turns_ = false; ///< in the model: what is recorded is of one
  uint64_t turns_ = 0;
  int64_t exit_code_ = 0;
  std::map<uint64_t, uint32_t> waiting_; ///< type of messages, by record
  std::map<uint32_t, std::string> types_;
  replay_world world_;
  record_matcher matcher_;
  std::optional<ring_cursor> cursor_; ///< in the model
};

} // namespace flushtrace

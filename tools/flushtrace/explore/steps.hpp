// What can happen in a modelled world, by names: as tests tell it, and traces
// of what was explored.
//
//   using namespace flushtrace::steps;
//   life.take(agent(flush_signal, 1));
//   spell(agent(flush_signal, 1)); // `agent(flush_signal, 1)`
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/explore/scenario.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

namespace steps {

/// Requests of an agent in one invocation, in its order.
enum agent_step : uint8_t { registration, data, flush_signal };

/// Deliveries about one: its start comes with a line of the function's log.
enum platform_step : uint8_t { start_and_log, runtime_done, report };

constexpr auto accepted = answer_kind::accepted;
constexpr auto unavailable = answer_kind::unavailable;
constexpr auto partly_unavailable = answer_kind::partly_unavailable;
constexpr auto partly_refused = answer_kind::partly_refused;
constexpr auto lost = answer_kind::lost;
constexpr auto no_connection = answer_kind::no_connection;
constexpr auto hangs = answer_kind::hangs;

/// Lambda answers `event/next`.
/// @param invocation counted from 1, as everywhere here
action invoke(uint8_t invocation);
action shutdown();

action agent(agent_step what, uint8_t invocation);
action platform(platform_step what, uint8_t invocation);

/// The APM Server's answer to an open request.
/// @param which of those that are open, the oldest is 0
action server(answer_kind how, uint8_t which = 0);

/// On to what is due first: a timer, or a request's time-out.
action time_goes_on();

/// An actor takes its turn, the `which`-th of those that wait.
action turn(uint8_t which);

} // namespace steps

/// As C++ has it, and `read_step` reads it.
std::string spell(const action& x);

/// *Errors:* `bad_value` where it is no step.
[[nodiscard]] apm::result<action> read_step(std::string_view text);

/// `invocation 1: agent: flush signal`, for people.
std::string describe(const action& x);

/// Several, with a blank and a semicolon between. *Errors:* `bad_value`.
std::string spell(const std::vector<action>& x);
[[nodiscard]] apm::result<std::vector<action>>
read_steps(std::string_view text);

/// That time goes on is no event, nor is an actor's turn.
bool is_event(const action& x) noexcept;
size_t count_events(const std::vector<action>& of) noexcept;

} // namespace flushtrace

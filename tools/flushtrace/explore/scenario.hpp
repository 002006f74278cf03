// What is explored: a function's life of some invocations, the order of whose
// events is open, and how many things may go wrong in it.
#pragma once

#include "messages/lambda.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace flushtrace {

/// Which orders there are.
enum class order_kind : uint8_t {
  loop, ///< as the extension's loop has them: what enters waits until all
        ///< actors are through with what entered before; actors take turns
  any,  ///< as CAF allows them: who has a message may be next, and what enters
        ///< enters at any time
};

constexpr uint32_t invocations_max = 20;
constexpr uint32_t faults_max = 10;

struct scenario {
  apm::send_strategy strategy = apm::send_strategy::syncflush;
  apm::delivery_policy delivery = apm::delivery_policy::at_least_once;
  uint32_t invocations = 1;
  uint32_t faults = 0; ///< of the APM Server, at most
  order_kind order = order_kind::loop;
  /// Whether an agent and the platform may leave out what they would say, as
  /// where a function crashes, or an agent is an old one.
  bool may_leave_out = false;
};

/// In words: `syncflush at_least_once invocations=2 faults=1 loop leaves_out`.
std::string spell(const scenario& x);

/// *Errors:* `bad_value` where a word is none of these.
[[nodiscard]] apm::result<scenario> read_scenario(std::string_view text);

/// What can happen next.
enum class action_kind : uint8_t {
  turn,     ///< an actor's, the `which`-th of those that wait
  lambda,   ///< the answer to `event/next`: invocation `which`, 0: SHUTDOWN
  agent,    ///< a request of the agent's, the `which`-th of all invocations'
  platform, ///< a delivery of telemetry, counted likewise
  answer,   ///< the APM Server's to the `which`-th open request, as `how` says
  time,     ///< moves to what is due first
};

/// What the APM Server answers; beyond `accepted` it is a fault.
enum class answer_kind : uint8_t {
  accepted,
  unavailable,        ///< 503, and nothing was taken
  partly_unavailable, ///< 503, and the first line was taken
  partly_refused,     ///< 400: the first line was taken, the others are bad
  lost,               ///< taken, but the connection ends before the answer
  no_connection,
  hangs, ///< no answer until the client's time-out
};

constexpr uint8_t answer_kinds = 7;

struct action {
  action_kind kind = action_kind::time;
  uint8_t which = 0;
  answer_kind how = answer_kind::accepted;
};

constexpr bool operator==(const action& x, const action& y) noexcept {
  return x.kind == y.kind && x.which == y.which && x.how == y.how;
}

} // namespace flushtrace

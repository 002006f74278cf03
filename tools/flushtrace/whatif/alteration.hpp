// What is to be otherwise than it was when a trace was recorded: settings of
// the extension, and the world around it. A default one changes nothing.
//
//   alteration x;
//   auto done = alter(x, "margin", "500ms");
//   if (!done)
//     … done.error().detail says what is wrong with it
#pragma once

#include "messages/http.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flushtrace {

/// What becomes of a recorded duration. *Units:* ns.
struct time_change {
  double factor = 1;
  int64_t added_ns = 0;
  std::optional<int64_t> fixed_ns; ///< instead of the recorded one

  bool is_none() const noexcept {
    return factor == 1 && added_ns == 0 && !fixed_ns;
  }

  /// Never negative.
  int64_t of(int64_t recorded_ns) const noexcept;
};

/// What the APM Server says to one POST.
struct stated_answer {
  uint16_t status = 202; ///< 0: see `failure`
  apm::http_failure failure = apm::http_failure::none;
};

/// Which of the three signals reach the COORDINATOR.
struct signal_set {
  bool agent_flushed = true;
  bool runtime_done = true;
  bool deadline = true;

  bool is_all() const noexcept {
    return agent_flushed && runtime_done && deadline;
  }
};

struct alteration {
  // -- of the extension --

  /// Variables and their values, as in the environment; the last one counts.
  apm::environment environment;
  std::optional<apm::shipping_policy> shipping;

  // -- of the APM Server --

  time_change server_latency;
  /// Latencies are drawn from the recorded ones.
  bool draws_server_latency = false;
  uint64_t seed = 1;
  /// Its answers, one a POST; the last holds for all further ones. *Shape:*
  /// empty: as recorded.
  std::vector<stated_answer> server_answers;

  // -- of the function and its agent --

  signal_set signals;
  int64_t agent_delay_ns = 0; ///< of all that the agent sends
  time_change function_duration;

  // -- of Lambda --

  /// How long the platform holds back telemetry.
  std::optional<int64_t> telemetry_buffering_ns;
  /// Whether it tells of records that it has dropped.
  bool has_platform_drops = true;
  time_change gap;    ///< from one invocation's end to the next one's begin
  time_change freeze; ///< the part of it in which the process stands still
  /// Of the CPU that the process had when it was recorded.
  double cpu_share = 1;

  // -- single inputs, by the number of their record --

  std::set<uint64_t> dropped_inputs; ///< do not come
  std::set<size_t> dropped_events;   ///< by their numbers: are not given out
  std::map<uint64_t, int64_t> moved_inputs; ///< by so many ns, later if > 0

  /// From this record on nothing is taken from the recording as it is, though
  /// nothing may have changed; 0: from the first.
  uint64_t modelled_from = UINT64_MAX;

  /// Whether it has nothing to say of the APM Server.
  bool has_recorded_server() const noexcept {
    return server_latency.is_none() && !draws_server_latency
           && server_answers.empty();
  }
};

/// One parameter of whatif and sweep.
struct parameter {
  std::string_view name;
  std::string_view values; ///< what they look like
  std::string_view what;   ///< that it changes
  /// Up to where all is exact.
  std::string_view exact_until;
  /// The variable that it stands for; empty: none.
  std::string_view variable;
  apm::result<void> (*set)(alteration&, std::string_view); ///< null: see there
};

/// *Shape:* as they are printed. Beside these each variable that the extension
/// reads is one.
const std::vector<parameter>& all_parameters();

/// Changes one more thing.
///
/// @param name of a parameter, or of a variable that the extension reads
/// *Errors:* `bad_value` with a sentence: there is no such parameter, or it
/// cannot have that value.
[[nodiscard]] apm::result<void> alter(alteration& to, std::string_view name,
                                      std::string_view value);

} // namespace flushtrace

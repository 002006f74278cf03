// What comes from the world, made of the recording again, with what an
// alteration makes of its content: signals that do not come, records of a
// function that were not asked for, and times that are later than they were.
//
//   altered_inputs inputs{recorded, run, alteration, settings};
//   auto message = inputs.make(record, later);
#pragma once

#include "messages/http.hpp"
#include "tools/flushtrace/replay/recorded_inputs.hpp"
#include "tools/flushtrace/whatif/alteration.hpp"

#include <functional>

namespace flushtrace {

class altered_inputs {
public:
  /// @param recorded outlives it, as does all else
  /// @param config of the changed life
  altered_inputs(recorded_inputs& recorded, const recorded_run& run,
                 const alteration& how, const apm::settings& config);

  /// Whether what it says is other than it was.
  bool is_altered(const record& x);

  /// @param later how much later than recorded something happened, by its
  /// recorded wall time; both in µs
  /// *Shape:* an empty message where there is nothing left to say. *Errors:* as
  /// `recorded_inputs::make`.
  apm::result<caf::message> make(const record& x,
                                 const std::function<int64_t(int64_t)>& later);

  /// The recorded answer to another request.
  /// *Errors:* as `recorded_inputs::make`.
  apm::result<apm::http_response> answer(const record& x, uint64_t id);

private:
  bool is_unwanted(std::string_view record_type) const;

  recorded_inputs& recorded_;
  const alteration& how_;
  bool lacks_telemetry_ = false; ///< all of it
  bool lacks_function_logs_ = false;
};

/// An answer of `event/next` with another deadline.
void move_deadline(apm::http_response& x, int64_t later_ms);

} // namespace flushtrace

// Messages that came from outside, made of a trace again, and what of the
// actors' own messages cannot be made without a user's data.
//
//   recorded_inputs inputs{run};
//   auto message = inputs.make(record);
#pragma once

#include "messages/telemetry.hpp"
#include "tools/flushtrace/replay/recorded_run.hpp"

#include <map>
#include <set>

#include "caf/mailbox_element.hpp"
#include "caf/message.hpp"

namespace flushtrace {

class recorded_inputs {
public:
  /// @param run outlives it
  explicit recorded_inputs(const recorded_run& run)
      : run_(run), book_(run.of->content) {}

  /// *Errors:* `bad_shape` where it was cut, or is of another form than this
  /// program's; `too_large` where it says to be longer than any that the
  /// extension takes.
  apm::result<caf::message> make(const record& x);

  /// What a function has logged is not in the trace, or not all of it, but for
  /// its sizes: the lines that the LOG PROCESSOR has made of it get these.
  ///
  /// @param x a message of the turn under way
  /// @param turn the index of its record
  void fit(caf::mailbox_element& x, size_t turn) const;

  /// The same where turns are not those of the recording: by the delivery of
  /// which the lines were made.
  void fit(caf::mailbox_element& x);

private:
  void fit(apm::telemetry_result& result, const record& recorded) const;
  const record* result_of(size_t turn) const;

  const recorded_run& run_;
  apm::trace::schema_book book_;
  std::set<uint64_t> cut_batches_; ///< ids of deliveries that were cut
  /// By the delivery's id; empty until it is needed.
  std::map<uint64_t, const record*> results_;
};

} // namespace flushtrace

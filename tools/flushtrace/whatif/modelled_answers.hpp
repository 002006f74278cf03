// Answers to what is asked over HTTP in a modelled world: recorded ones, those
// that are stated, and none in time; and what the HTTP CLIENT notes of them.
//
//   modelled_answers answers{run, inputs};
//   auto answer = answers.to(request, id, now);
//   answers.note(recorder, answer.value(), request, now);
#pragma once

#include "runtime/trace/recorder.hpp"
#include "tools/flushtrace/whatif/altered_inputs.hpp"
#include "tools/flushtrace/whatif/changed_world.hpp"

#include <cstdint>

namespace flushtrace {

/// One that nobody has recorded.
apm::http_response answer_of(const stated_answer& x, uint64_t id);

class modelled_answers {
public:
  /// @param run outlives it, as does all else
  modelled_answers(const recorded_run& run, altered_inputs& inputs)
      : run_(run), inputs_(inputs), book_(run.of->content) {}

  /// What was planned for it. *Units:* ns, monotonic.
  /// @param due when it is given
  /// @param now the time it is then, which may be later
  /// *Errors:* as `recorded_inputs::make`.
  apm::result<apm::http_response> to(const open_request& x, uint64_t id,
                                     int64_t due, int64_t now);

  /// As the HTTP CLIENT does; phases are those of the recorded one.
  void note(apm::trace::recorder& to, const apm::http_response& x,
            const open_request& of, int64_t now) const;

private:
  const recorded_run& run_;
  altered_inputs& inputs_;
  apm::trace::schema_book book_;
};

} // namespace flushtrace

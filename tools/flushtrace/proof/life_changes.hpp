// The ways to take causes away, each an alteration or several, the smallest
// first. neutraliser.cpp has the table of which cause is taken away by which.
#pragma once

#include "tools/flushtrace/proof/neutraliser.hpp"

namespace flushtrace::changes {

using neutralisations = std::vector<neutralisation>;

/// Between two inputs that are put behind each other.
constexpr int64_t step_ns = 1'000'000;

/// How often what is tried is doubled, or halved.
constexpr int doublings = 4;

void append(neutralisations& to, neutralisations more);

neutralisation setting_is(const std::string& variable,
                          const std::string& value);

// -- of the APM Server: server_changes.cpp --
/// The median of what good answers took; 0 where there are none.
int64_t known_answer_ns(const trace_facts& all);
neutralisations server_answers(const suspect& of);
neutralisations server_answers_soon(const suspect& of);
neutralisations server_is_there(const suspect& of);
neutralisations server_is_fast(const suspect& of);

/// Of a POST that was cut short nobody knows how long the server would have
/// taken, if no other one took longer: then twice as long as was waited for.
neutralisations with_a_server(const suspect& of, neutralisations found);

/// Up to this event it answers as it did; then 202.
neutralisations with_further_answers(const suspect& of, neutralisations found);

// -- of the extension and its machine: process_changes.cpp --
/// Nothing but the actors, where the trace is of others.
neutralisation current_actors();
neutralisations other_actors(const suspect& of);
/// And what they send beyond what was sent is answered well.
neutralisations other_actors_heard(const suspect& of);
/// What the remedy proposes, and up to eight times as much.
neutralisations longer_margin(const suspect& of);
neutralisations more_buffer(const suspect& of);
neutralisations flush_at_end(const suspect& of);
/// The data is kept where the build gave it up, or the setting is another.
neutralisations keep_failed(const suspect& of);
neutralisations no_post_at_freeze(const suspect& of);
neutralisations more_cpu(const suspect& of);

// -- of what came in: input_changes.cpp --
/// Just before the signal, or halfway to it.
neutralisations data_before_signal(const suspect& of);
/// The signal behind the data that it has overtaken, or the data before it.
neutralisations order_of_data(const suspect& of);
/// A signal of an older invocation does not come in this one.
neutralisations no_stale_signal(const suspect& of);
/// platform.runtimeDone comes when the runtime was done.
neutralisations platform_tells_at_once(const suspect& of);
neutralisations unread_does_not_come(const suspect& of);
neutralisations no_platform_drops(const suspect& of);
/// What the platform has dropped since it was refused is a consequence.
neutralisations room_for_telemetry(const suspect& of);
/// The function is done in time to flush: with half of its time left, or more.
neutralisations function_in_time(const suspect& of);
neutralisations last_data_sent(const suspect& of);

} // namespace flushtrace::changes

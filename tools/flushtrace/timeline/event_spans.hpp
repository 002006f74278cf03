// The events of a process, each with its records, its flush and the causes of
// what was missed. Inside of `activity` alone.
#pragma once

#include "tools/flushtrace/timeline/activity.hpp"

#include <vector>

namespace flushtrace {

/// Fills in `events`, and which signals have won. `edges`: the records
/// `winner`, `flush_begin` and `flush_end`, ascending. *Shape:* `steps` and
/// `signals` are there.
void find_event_spans(const process_trace& of,
                      const std::vector<uint32_t>& edges, activity& in,
                      event_analyser analysed_by);

/// The index of the record of that number, or `no_record`.
uint32_t index_of(const trace& in, uint64_t sequence);

} // namespace flushtrace

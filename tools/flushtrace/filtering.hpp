// How verbs use the filter language: the option --filter, and the events that
// a filter chooses.
#pragma once

#include "tools/flushtrace/filter/filter.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <optional>
#include <set>
#include <string>

namespace flushtrace {

/// The value of an option; empty text: every record. Says what is wrong with
/// it, and where. @returns nothing where it cannot be used
std::optional<filter> read_filter(const std::string& text, streams to,
                                  const char* option = "--filter");

/// Whose word counts on what became of an event.
enum class event_judge : uint8_t {
  analysis,  ///< as `explain` says it
  extension, ///< its own verdict, as `ls` shows it
};

/// What tells causes and verdicts of a process' events.
event_lookup find_words(const process_trace& of,
                        event_judge by = event_judge::analysis);

/// The same; empty where the filter does not ask for any.
event_lookup words_for(const filter& wanted, const process_trace& of,
                       event_judge by = event_judge::analysis);

/// The events one of whose records the filter holds for.
std::set<uint64_t> events_with(const filter& wanted, const process_trace& of,
                               event_judge by = event_judge::analysis);

/// Says that a filter has chosen nothing: else a verb that finds nothing wrong
/// in no event would seem to say that all is well.
void tell_none_fits(std::ostream& to);

/// Whether an event is in one of the traces; 0 stands for all. Says where it is
/// not.
///
/// @param where of which traces, as a word of the sentence
bool is_event_there(const trace_set& traces, uint64_t event, std::ostream& to,
                    const char* where = "the trace");

/// Says what could not be read. @returns whether nothing could
bool tell_problems(const trace_set& traces, std::ostream& to);

/// The exit status of a verb that would end with `status`: where something
/// could not be read, nobody knows that all is well.
int status_beside(const trace_set& traces, int status);

} // namespace flushtrace

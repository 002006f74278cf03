// The page's tables, as plain HTML that needs no script: events with their
// verdicts and ledgers, and the records of missed flushes.
#pragma once

#include "tools/flushtrace/timeline/selection.hpp"

#include <string>
#include <string_view>

namespace flushtrace {

/// Text for HTML, in content and in quoted attributes alike.
std::string html_text(std::string_view text);

/// Rows of one process' events that are on the page. *Shape:* `tr` elements;
/// `process` is its place among those of the page, from 0.
std::string event_rows(const process_trace& of, const activity& seen,
                       const page_selection& kept, size_t process);

/// The records of missed flushes, newest first, in a `details` element each, as
/// far as `rows_left` allows, which it counts down; else of the last event.
std::string record_tables(const process_trace& of, const activity& seen,
                          size_t process, size_t& rows_left);

} // namespace flushtrace

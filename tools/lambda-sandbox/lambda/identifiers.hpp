// Identifiers as Lambda makes them: random UUIDs for requests, extensions and
// events, and X-Ray trace headers.
#pragma once

#include <string>
#include <string_view>

namespace sandbox {

/// Returns a random UUID (version 4) in lower case.
std::string make_uuid();

/// Returns whether `text` has the form of a UUID, of whatever version.
bool is_uuid(std::string_view text);

/// Returns the value of an X-Amzn-Trace-Id header:
/// `Root=1-<time>-<24 hex>;Parent=<16 hex>;Sampled=1`.
/// Source: AWS X-Ray developer guide, "Tracing header".
std::string make_trace_header();

} // namespace sandbox

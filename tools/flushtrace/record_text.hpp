// Records for people, one line each, and for programs, one JSON object each.
#pragma once

#include "tools/flushtrace/trace_set.hpp"

#include <string>

namespace flushtrace {

/// *Ownership:* what it is made of outlives it.
class record_printer {
public:
  explicit record_printer(const process_trace& of);

  /// `1234  +12.345678  coordinator  enqueued timer_set(1, +13.000000)  <-
  /// 1230`
  std::string text(const record& x) const;

  /// One object, as README.md describes it.
  std::string json(const record& x) const;

private:
  const process_trace& of_;
  apm::trace::schema_book book_;
};

/// A time from the process' start on, in seconds: `+12.345678`.
std::string since_start(const process_trace& of, int64_t monotonic_ns);

/// Wall time: RFC 3339 in UTC, milliseconds.
std::string wall_text(const process_trace& of, int64_t monotonic_ns);

/// A text for a terminal: what is no printable ASCII becomes `?`.
std::string printable(std::string_view text);

} // namespace flushtrace

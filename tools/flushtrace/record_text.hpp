// Records for people, one line each, and for programs, one JSON object each.
#pragma once

#include "tools/flushtrace/filter/record_facts.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <string>
#include <unordered_map>

namespace flushtrace {

/// What a line says of a record, in parts.
struct record_parts {
  std::string kind; ///< its name, or `kind N`
  std::string type; ///< `enqueued`: the message's name
  std::string fields;
  bool is_urgent = false;
};

/// *Ownership:* what it is made of outlives it.
class record_printer {
public:
  explicit record_printer(const process_trace& of);

  /// `1234  +12.345678  coordinator  enqueued timer_set(id=1, due=+13.000000)
  /// <- 1230`
  std::string text(const record& x, bool is_coloured = false) const;

  record_parts parts(const record& x) const;

  /// One object, as README.md describes it.
  std::string json(const record& x) const;

private:
  const std::string& name_of(apm::trace::actor_reference actor) const;

  const process_trace& of_;
  apm::trace::schema_book book_;
  mutable std::unordered_map<uint32_t, std::string> names_; ///< of actors
};

/// `event=3, signal=runtime_done, slack=2000000000`
std::string fields_text(const process_trace& of,
                        const apm::trace::record_content& content);

/// A value that a path has led to; numbers that mean something by their names.
std::string value_text(const process_trace& of, const found_value& x);
std::string value_json(const found_value& x);

/// Kinds of intake lines in a body's form 4, and their names.
constexpr uint8_t line_kinds = 7;
const char* line_kind_name(uint8_t kind);

std::string hexadecimal(uint32_t x);

/// A time in seconds, with its sign: `-0.000123`.
std::string seconds_text(int64_t ns);

/// A time from the process' start on, in seconds: `+12.345678`.
std::string since_start(const process_trace& of, int64_t monotonic_ns);

/// Wall time: RFC 3339 in UTC, milliseconds.
std::string wall_text(const process_trace& of, int64_t monotonic_ns);

/// A text for a terminal: what is no printable ASCII becomes `?`.
std::string printable(std::string_view text);

} // namespace flushtrace

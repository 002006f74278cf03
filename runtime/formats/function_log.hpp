// What one record of type `function` says: a line that the function wrote, as
// text or, with Lambda's JSON log format, as an object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace apm {

/// A log record, read. What it does not say is empty.
struct function_log {
  std::string message;
  std::string level; ///< in lower case
  std::string request_id;
  std::string trace_id;
  int64_t timestamp_us = 0; ///< Unix epoch; 0: it does not say
  std::string transaction_id;
  std::string span_id;
  /// Further members that the intake knows, as a JSON object with their names
  /// there: `{"log.logger":"a.b"}`.
  std::string ecs;
  /// All others, the function's own, as a flat JSON object.
  std::string labels;
};

/// Reads a record, JSON of any type: each stands for itself. A string is the
/// message, without the newline that ends it, and may show level and request in
/// front, as read_text_log() has it, or be an object, as where the Logs API
/// brings JSON logs: it tells level, ids and time, and stays the message.
///
/// An object has its message in `message` or `msg`; one that has neither is
/// shown as it is, without blanks, as every other type is. Objects below it are
/// flattened to dotted names. A trace id counts if a tracer can have made it:
/// ECS's `trace.id` always, other names if they hold 32 hexadecimal digits.
/// X-Ray's `1-5759e988-bd862e3fe1be46a994272793` is no trace of an Elastic
/// agent: it becomes a label, like every member that is not understood, so that
/// nothing is lost. What is cut says so, and what does not fit is counted in
/// the label `labels_left_out`.
[[nodiscard]] function_log read_function_log(std::string_view record);

} // namespace apm

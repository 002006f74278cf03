// Lambda's telemetry on its way from the TELEMETRY LISTENER through the
// COORDINATOR to the LOG PROCESSOR, and what that makes of it.
// Source: AWS Lambda developer guide, "Telemetry API Event schema reference".
#pragma once

#include "messages/bytes.hpp"
#include "messages/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm {

/// One element of a delivery: `{"time": …, "type": …, "record": …}`.
struct telemetry_record {
  std::string time; ///< RFC 3339, as delivered
  std::string type;
  bytes record; ///< JSON text of the member, whatever its type
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, telemetry_record& x) {
  return f(caf::meta::type_name("telemetry_record"), x.time, x.type, x.record);
}

/// One delivery of the platform, as the TELEMETRY LISTENER took it.
struct telemetry_batch {
  uint64_t id = 0;
  std::vector<telemetry_record> records;
  uint64_t body_bytes = 0;
  uint64_t fingerprint = 0; ///< of the body, to know it when it comes again
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, telemetry_batch& x) {
  return f(caf::meta::type_name("telemetry_batch"), x.id, x.records,
           x.body_bytes, x.fingerprint);
}

/// What is known of an invocation, for the lines made about it.
struct invocation_facts {
  uint64_t sequence = 0;
  std::string request_id;
  std::string function_arn;
  wall_ms received_ms = 0;
  wall_ms deadline_ms = 0;
  bool is_reported = false; ///< by `platform.report`
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, invocation_facts& x) {
  return f(caf::meta::type_name("invocation_facts"), x.sequence, x.request_id,
           x.function_arn, x.received_ms, x.deadline_ms, x.is_reported);
}

/// A `platform.start` that the stream of records has shown.
struct request_start {
  std::string request_id;
  int64_t started_us = 0; ///< Unix epoch; 0: not said
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, request_start& x) {
  return f(caf::meta::type_name("request_start"), x.request_id, x.started_us);
}

/// Work for the LOG PROCESSOR; the COORDINATOR keeps the batch until the
/// answer is in.
struct telemetry_work {
  uint64_t id = 0;
  std::vector<telemetry_record> records;
  std::vector<invocation_facts> invocations; ///< oldest first
  /// Where the stream of records is: the last few that began, the newest last.
  std::vector<request_start> starts;
  /// Requests run side by side: the stream does not tell whose a line is.
  bool is_concurrent = false;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, telemetry_work& x) {
  return f(caf::meta::type_name("telemetry_work"), x.id, x.records,
           x.invocations, x.starts, x.is_concurrent);
}

/// `platform.runtimeDone`, and where requests run side by side also
/// `platform.report`: the runtime is through with a request.
struct runtime_end {
  std::string request_id;
  std::string status; ///< success, failure, error, timeout; empty: not said
  wall_ms at_ms = 0;  ///< 0: not said
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, runtime_end& x) {
  return f(caf::meta::type_name("runtime_end"), x.request_id, x.status,
           x.at_ms);
}

/// What one batch of telemetry came to.
struct telemetry_result {
  uint64_t id = 0;
  bytes log_lines; ///< intake lines, each ended by a newline
  uint32_t log_count = 0;
  bytes metric_lines;
  uint32_t metric_count = 0;
  std::vector<request_start> starts;     ///< for the next batch
  std::vector<runtime_end> runtime_done; ///< in stream order
  std::vector<std::string> reported;     ///< request ids of `platform.report`
  uint64_t dropped_records =
      0; ///< lost by the platform: `platform.logsDropped`
  uint64_t dropped_bytes = 0;
  std::string dropped_reason;     ///< the platform's, of the last of them
  uint32_t extension_records = 0; ///< logs of extensions, which nobody wants
  uint32_t unusable_records = 0;  ///< known type, but not of a form we can use
  std::string unusable_detail;    ///< of the first of them
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, telemetry_result& x) {
  return f(caf::meta::type_name("telemetry_result"), x.id, x.log_lines,
           x.log_count, x.metric_lines, x.metric_count, x.starts,
           x.runtime_done, x.reported, x.dropped_records, x.dropped_bytes,
           x.dropped_reason, x.extension_records, x.unusable_records,
           x.unusable_detail);
}

} // namespace apm

// What one run has observed, as plain data: the Lambda side, the function's
// facts and the APM Server stand-in write it, the account is made of it
// afterwards. All times are CLOCK_MONOTONIC ns; 0 means that it did not happen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbox {

/// Something worth a line in the timeline.
struct timeline_entry {
  std::int64_t at_ns = 0;
  /// "lambda", "function", "agent", an extension's name, "telemetry",
  /// "apm server".
  std::string who;
  std::string what;
  /// Only shown with --verbose.
  bool is_detail = false;
};

/// One extension in one invocation.
struct extension_turn {
  std::string name;
  /// When it asked for its next event.
  std::int64_t next_ns = 0;
  /// Processor time from the INVOKE to the freeze; -1: unknown.
  std::int64_t processor_ns = -1;
};

struct invocation_record {
  /// Counts from 1 over the whole run.
  std::size_t number = 0;
  /// Index in the scenario's `invocations`.
  std::size_t scenario_index = 0;
  std::string request_id;
  bool is_cold_start = false;
  /// How long everything had been stopped before.
  std::int64_t frozen_ns = 0;
  /// When INVOKE was handed to the extensions.
  std::int64_t begin_ns = 0;
  std::int64_t deadline_ns = 0;
  std::int64_t deadline_unix_ms = 0;
  std::int64_t response_ns = 0;
  std::size_t response_bytes = 0;
  std::int64_t runtime_next_ns = 0;
  /// When its platform.runtimeDone was made.
  std::int64_t runtime_done_ns = 0;
  /// When the first POST with this invocation's platform.runtimeDone began.
  std::int64_t runtime_done_post_ns = 0;
  /// When all had asked for the next event, or the sandbox gave up.
  std::int64_t end_ns = 0;
  /// success, error (the function said so), timeout, or failure (a process
  /// crashed, or could not be started).
  std::string status;
  /// Lambda's name for what went wrong, e.g. Runtime.ExitError.
  std::string error_type;
  /// `kill_extension` has hit it, or the INIT for it.
  bool is_extension_killed = false;
  /// `status` of platform.runtimeDone.
  std::string runtime_done_status;
  /// "function" or "extension": who was busy at the deadline.
  std::string timed_out_by;
  /// Value of X-Amzn-Trace-Id.
  std::string trace_header;
  std::vector<extension_turn> extensions;
};

/// One INIT phase.
struct init_record {
  /// "init", or "invoke" for one after a reset.
  std::string phase;
  std::int64_t begin_ns = 0;
  std::int64_t runtime_ready_ns = 0;
  std::int64_t end_ns = 0;
  bool is_ok = false;
  std::string error_type;
};

/// The end of one process.
struct process_end {
  std::string name;
  bool is_extension = false;
  int code = 0;
  bool is_by_signal = false;
  /// "exit status 0", "signal: killed".
  std::string text;
  std::int64_t at_ns = 0;
  /// When it was handed SHUTDOWN.
  std::int64_t told_ns = 0;
  /// The sandbox killed it, as Lambda would have.
  bool is_killed_by_lambda = false;
  /// `kill_extension` of the scenario did.
  bool is_killed_by_scenario = false;
};

/// One SHUTDOWN phase: at the end of the run, or at a reset.
struct shutdown_record {
  std::string reason;
  bool is_reset = false;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::vector<process_end> processes;
};

/// A `kill_extension` whose moment has come.
struct kill_record {
  std::int64_t at_ns = 0;
  /// "init", "invoke", "idle" (frozen or about to be), "shutdown"; "none" where
  /// there was no process to kill.
  std::string phase;
  bool is_hit = false;
};

/// Peak use of one program over the run.
struct program_usage {
  std::string name;
  bool is_extension = false;
  std::int64_t peak_kib = -1;
  /// Of that, its own: without pages of program and libraries. -1: unknown.
  std::int64_t own_peak_kib = -1;
  int threads = -1;
  std::int64_t processor_ns = 0;
};

/// One batch as it was posted to a subscriber.
struct telemetry_post {
  std::string extension;
  std::int64_t begin_ns = 0;
  std::int64_t answered_ns = 0;
  /// 0: no answer.
  int status = 0;
  std::size_t records = 0;
  std::size_t bytes = 0;
  int attempt = 1;
  bool is_duplicate = false;
};

/// A telemetry record of which a line is to be made: a log line of the
/// function, or the report of an invocation.
struct telemetry_truth {
  /// "log" or "metricset".
  std::string kind;
  /// Empty: before the first invocation.
  std::string request_id;
  /// What `log.message` may be.
  std::vector<std::string> messages;
  std::int64_t made_ns = 0;
  /// When a subscriber answered 200 for it.
  std::int64_t delivered_ns = 0;
};

/// A request to Lambda's APIs that was answered with an error.
struct refused_request {
  std::int64_t at_ns = 0;
  std::string who;
  std::string request;
  int status = 0;
  std::string error_type;
  std::string message;
};

/// A request that came to the proxy.
struct proxied_request_record {
  std::int64_t at_ns = 0;
  std::string method;
  std::string target;
  /// 0: no answer.
  int status = 0;
};

/// A request to the stand-in for AWS's APIs.
struct aws_request {
  std::int64_t at_ns = 0;
  /// What is asked for, as in X-Amz-Target.
  std::string target;
  /// Of what: ARN or name.
  std::string id;
  /// Of the answer; 0: none is given.
  int status = 0;
  /// What AWS would complain about, one sentence each.
  std::vector<std::string> protocol_errors;
};

/// A statement of the built-in function; see function/facts.hpp.
struct function_fact {
  std::int64_t at_ns = 0;
  std::string request_id;
  std::string fact;
  std::string kind;
  std::string text;
  std::string target;
  std::uint64_t line = 0;
  /// Number of the metadata line, for `metadata` and `line_offered`.
  std::uint64_t metadata = 0;
  int status = 0;
  int expected = 0;
  /// Which process said so: line numbers begin anew with each.
  std::size_t generation = 0;
  std::int64_t process = 0;
};

/// The actor trace that an extension has left; see kept_trace.hpp.
struct trace_record {
  /// Of events: missed flushes, or what else the extension was told to keep.
  std::size_t segments = 0;
  /// Empty: there is none, or it went with the run.
  std::string folder;
  /// What explains it, for a shell; empty without a folder.
  std::string command;
};

struct run_record {
  /// Managed Instances: invocations ran side by side.
  bool is_concurrent = false;
  /// How many at most.
  std::size_t concurrent_max = 0;
  std::int64_t begin_ns = 0;
  std::int64_t begin_unix_ns = 0;
  std::int64_t end_ns = 0;
  std::vector<std::string> extension_names;
  std::vector<init_record> inits;
  std::vector<invocation_record> invocations;
  std::vector<shutdown_record> shutdowns;
  std::vector<program_usage> programs;
  std::vector<kill_record> kills;
  std::vector<telemetry_post> telemetry_posts;
  std::vector<telemetry_truth> truths;
  std::vector<refused_request> refused;
  std::vector<proxied_request_record> proxied;
  /// TLS handshakes before the APM Server.
  std::uint64_t good_handshakes = 0;
  std::uint64_t failed_handshakes = 0;
  /// Lines of extensions for each of the scenario's `extension_output`.
  std::vector<std::int64_t> output_lines;
  std::vector<aws_request> aws_requests;
  std::vector<function_fact> facts;
  std::vector<timeline_entry> timeline;
  trace_record trace;
  /// Last lines that each program wrote, for the account of a failed run.
  std::vector<std::string> last_output;
  /// Why the run could not go on; empty if it went to its end.
  std::string aborted;
};

} // namespace sandbox

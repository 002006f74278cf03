// Script: what the built-in function does in one invocation, as data. It comes
// in the invocation's payload under the member `sandbox`; the scenario has it
// as `invocations[i].function`. The same parser serves the function and the
// scenario (which can thus complain before anything is started). Members are
// explained in README.md and beside each field.
#pragma once

#include "tools/lambda-sandbox/apm_server/json_members.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbox {

/// One extra request, sent as given. In `target`, `headers`, `body` and `raw`,
/// `{{request_id}}` and `{{n}}` stand for the invocation's request id and for
/// the number of the request among all that the entry stands for, from 1.
struct scripted_request {
  std::string method = "POST";
  std::string target = "/intake/v2/events";
  /// In order; replaces the agent's own headers altogether when given.
  std::optional<std::vector<std::pair<std::string, std::string>>> headers;
  std::string body;
  /// Read instead of `body`; a relative path starts at the function's working
  /// directory.
  std::string body_file;
  /// "identity", "gzip" or "deflate".
  std::string encoding = "identity";
  /// > 0: chunked, in chunks of so many bytes; 0: Content-Length.
  std::int64_t chunk_bytes = 0;
  /// False: the last newline of the body is taken away.
  bool newline_at_end = true;
  /// Waits so long before it starts.
  std::int64_t delay_ms = 0;
  /// Waits so long in the middle of the body (or of the raw bytes).
  std::int64_t stall_ms = 0;
  /// 0: any answer, or none, is as good.
  std::int64_t expect_status = 0;
  /// So many at the same time, each on a connection of its own.
  std::int64_t parallel = 1;
  /// So many one after the other on each of these…
  std::int64_t each = 1;
  /// …or, if false, on a new connection every time.
  bool keep_alive = true;
  /// Sent in the background when the handler has answered: `delay_ms` counts
  /// from there.
  bool after_response = false;
  /// Sent by a process of its own that outlives the function; nobody looks at
  /// the answer.
  bool detached = false;
  /// Sends only so many bytes, counted from the first of the request line, and
  /// closes the connection; < 0: sends all.
  std::int64_t cut_after_bytes = -1;
  /// Sends these bytes instead of a request made of the members above.
  std::optional<std::string> raw;
  std::string raw_file;
  /// Ends our direction (FIN) after the last byte.
  bool half_close = false;
  /// False: the body's lines are no truth, they need not arrive.
  bool count_lines = true;
  /// Gives up waiting for the answer after so long.
  std::int64_t timeout_ms = 10'000;
};

/// What one invocation does.
struct function_script {
  /// "node", "python", "java" or "none"; empty: LAMBDA_SANDBOX_AGENT's.
  std::string agent;
  std::int64_t transactions = 1;
  std::int64_t spans = 3;
  std::int64_t errors = 0;
  /// Length of a span line, about.
  std::int64_t span_bytes = 300;
  /// False: the agent does not register its transaction.
  bool register_transaction = true;
  /// False: the agent sends no flush signal.
  bool flush = true;
  std::int64_t flush_delay_ms = 0;
  std::int64_t data_delay_ms = 0;
  /// How long the handler works; its spans end evenly within.
  std::int64_t work_ms = 5;
  /// Lines to log; empty means that `log_count` lines of `log_bytes` are made.
  std::vector<std::string> logs;
  std::int64_t log_count = 0;
  std::int64_t log_bytes = 80;
  /// "text", "json" or "raw" (exactly the text); empty:
  /// AWS_LAMBDA_LOG_FORMAT's.
  std::string log_format;
  /// How the handler ends; empty: "success", or as the capture ended.
  ///   success  returns a value: /response
  ///   failure  rejects: the agent sends a failed transaction and an error,
  ///            then /error; the process lives on
  ///   throw    an exception that nobody handles: the agent sends nothing more,
  ///            /error, exit 129
  ///   hang     never returns: Lambda kills it at its deadline
  ///   exit     the process ends with `exit_status`, without a word
  ///   crash    the process dies by SIGSEGV
  std::string outcome;
  std::int64_t exit_status = 1;
  /// Spans that end after the handler has returned: they go out first in the
  /// next invocation's intake request.
  std::int64_t late_spans = 0;
  /// Lines logged after the handler has returned.
  std::int64_t late_logs = 0;
  /// So long after; in the background, if it is not 0.
  std::int64_t late_logs_delay_ms = 0;
  /// Folder of a capture whose requests are sent instead of the agent's own.
  std::string capture;
  std::vector<scripted_request> requests;
};

/// Returns the path of a file or folder that a script names: as it is if it is
/// absolute or exists from here, else below LAMBDA_SANDBOX_SCENARIO_DIR.
std::string script_path(const std::string& path);

/// Reads a script.
/// *Errors*: what is wrong goes to `problems`; what is right is in the result.
function_script parse_function_script(const rapidjson::Value& value,
                                      const std::string& pointer,
                                      json_problems& problems);

/// Returns the request id with which the capture in `folder` was taken (its
/// events carry it in `faas.execution`), for `invocations[i].request_id`.
/// *Errors*: absent if there is none, or if requests.json can't be read;
/// `message` says why then.
std::optional<std::string> capture_request_id(const std::string& folder,
                                              std::string& message);

} // namespace sandbox

// A scenario: what a run starts, how this Lambda and this APM Server behave,
// which invocations come, and what is expected of all that. Read from a JSON
// file; every member has a default, so that `{}` is a scenario.
// `lambda-sandbox --help-scenario` prints the reference.
#pragma once

#include "tools/lambda-sandbox/apm_server/json_members.hpp"
#include "tools/lambda-sandbox/apm_server/rules.hpp"
#include "tools/lambda-sandbox/aws/aws_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox {

/// Longest time a function may have. Source: AWS Lambda developer guide,
/// quotas.
inline constexpr std::int64_t function_timeout_ms_max = 900'000;

using environment_map = std::map<std::string, std::string>;

struct extension_settings {
  /// Lambda knows an extension by its program's file name.
  std::string name;
  std::vector<std::string> command;
  environment_map environment;
};

/// *Units*: ms, MB.
struct function_settings {
  /// Empty: the built-in function.
  std::vector<std::string> command;
  /// Working directory; empty: the scenario's.
  std::string directory;
  environment_map environment;
  std::string name = "orders-api";
  std::string version = "$LATEST";
  std::string handler = "app.handler";
  /// For AWS_EXECUTION_ENV=AWS_Lambda_<runtime>.
  std::string runtime = "provided.al2023";
  std::int64_t memory_mb = 128;
  std::int64_t timeout_ms = 3'000;
  std::int64_t init_timeout_ms = 10'000;
  bool has_json_logs = false;
  std::string account_id = "123456789012";
  std::string region = "eu-central-1";

  bool is_builtin() const { return command.empty(); }
  std::string arn() const {
    return "arn:aws:lambda:" + region + ":" + account_id + ":function:" + name;
  }
};

struct telemetry_settings {
  /// "telemetry", "logs" or "none".
  std::string api = "telemetry";
  std::int64_t delivery_delay_ms = 20;
  std::int64_t report_delay_ms = 60;
  /// How often each batch is delivered.
  std::int64_t copies = 1;
  /// Whether the report of an invocation that ended in a reset reaches the
  /// extensions that start afterwards.
  bool report_after_reset = true;
  /// `status` of runtimeDone when the function reported an error itself.
  std::string function_error_status = "success";
  /// The newest schema of the Telemetry API that a subscription may name.
  std::string schema = "2025-01-29";
  /// Whether each batch has its records in the reverse of their order.
  bool is_reversed = false;
  /// Whether the report of an invocation that ends in a reset comes while the
  /// extensions still have their SHUTDOWN.
  bool report_in_shutdown = false;
  /// Lambda's name of a runtime's crash.
  std::string crash_error_type = "Runtime.ExitError";
  /// Further members of `metrics` in each platform.report: name and JSON.
  std::vector<std::pair<std::string, std::string>> report_metrics;
};

/// Lambda Managed Instances: invocations side by side.
struct managed_settings {
  /// So many workers has the runtime.
  std::int64_t concurrency = 4;
  /// AWS's platform says nothing of an invocation's end but platform.report.
  bool has_runtime_done = false;
};

/// A telemetry record that Lambda delivers besides its own.
struct scenario_record {
  std::string type;
  std::string record; ///< JSON
};

/// What must hold for one invocation; what is absent is not looked at.
struct invocation_expectation {
  std::string status;
  std::string ended_by;
  /// Lines at the APM Server stand-in by kind.
  std::map<std::string, std::int64_t> lines;
  /// Those among them that nobody handed over: the extension's own.
  std::map<std::string, std::int64_t> lines_made;
  std::optional<double> held_ms_max;
  /// How long before its deadline the extension has to be through with it.
  std::optional<double> before_deadline_ms_min;
  std::optional<double> before_deadline_ms_max;
  /// Of all repetitions together.
  std::optional<double> held_ms_median_max;
};

/// SIGKILL to the extensions, at a moment of one phase.
struct extension_kill {
  /// "pause": before the invocation; "init": of the sandbox that is made for
  /// it, if one is; "invoke"; "shutdown": of the reset that follows, if one
  /// does, or of the run's end.
  std::string phase = "invoke";
  /// From the phase's begin, even if that is over then. *Units*: ms.
  double after_ms = 0;
  /// As soon as a file in the private temporary directory is made, renamed or
  /// removed after that.
  bool is_at_file = false;
};

struct scenario_invocation {
  std::int64_t repeat = 1;
  /// The event as JSON, with the built-in function's script merged in.
  std::string payload = "{}";
  /// How long all is frozen before; absent: 50 ms, and 0 after an INIT.
  std::optional<std::int64_t> after_ms;
  /// False: so long nothing happens, but nothing is frozen.
  bool is_frozen = true;
  std::int64_t timeout_ms = 0;
  /// Empty: a new one each time.
  std::string request_id;
  /// Delivered right after platform.start.
  std::vector<scenario_record> records;
  std::optional<extension_kill> kill_extension;
  invocation_expectation expect;
};

/// A text that the extensions' output must hold.
struct output_expectation {
  std::string text;
  /// In so many lines; absent: in one at least.
  std::optional<std::int64_t> count;
};

/// What must hold for the whole run; what is absent is not looked at.
struct run_expectation {
  std::optional<std::int64_t> lines_missing = 0;
  std::optional<std::int64_t> lines_twice = 0;
  /// Agents' lines under the metadata of another agent.
  std::optional<std::int64_t> lines_misfiled = 0;
  /// Exit status of every extension at the end of the run.
  std::optional<std::int64_t> extension_exit = 0;
  std::optional<std::int64_t> protocol_errors = 0;
  std::optional<std::int64_t> refused_requests;
  std::vector<output_expectation> extension_output;
  /// Whether requests went through the proxy.
  std::optional<bool> via_proxy;
  /// Requests to the stand-in for AWS's APIs.
  std::optional<std::int64_t> aws_requests;
  /// How long the first INIT may take.
  std::optional<std::int64_t> init_ms_max;
  /// How long each extension may take to end once it has SHUTDOWN.
  std::optional<std::int64_t> shutdown_ms_max;
  /// Logs under the request id of another invocation.
  std::optional<std::int64_t> lines_misattributed;
  /// Peak of each extension's memory.
  std::optional<std::int64_t> extension_peak_mib_max;
  /// How many records the largest delivery of telemetry must have had.
  std::optional<std::int64_t> telemetry_records_min;
  /// How long the extension may take to answer 200 to each of them.
  std::optional<std::int64_t> telemetry_answer_ms_max;
  /// How long a line may take to the APM Server.
  std::optional<std::int64_t> delivery_ms_max;
  /// How many invocations must have run side by side once.
  std::optional<std::int64_t> concurrent_min;
  /// Each must be in a line that the APM Server accepted.
  std::vector<std::string> lines_contain;
  /// Peak of each extension's own memory, program and libraries excepted.
  /// *Units*: MiB.
  std::optional<std::int64_t> memory_mb_max;
};

struct scenario {
  std::string name;
  std::string description;
  /// Folder of the file: relative paths in it start there.
  std::string directory = ".";
  std::vector<extension_settings> extensions;
  function_settings function;
  telemetry_settings telemetry;
  /// Absent: one invocation after the other, frozen in between.
  std::optional<managed_settings> managed;
  apm_server_settings apm_server;
  /// Between extension and APM Server; absent: none.
  std::optional<proxy_settings> proxy;
  /// Absent: the extension finds no AWS of the sandbox's.
  std::optional<aws_settings> aws;
  /// 0: the sandbox picks one.
  std::int64_t agent_port = 0;
  /// Somebody else has that port.
  bool agent_port_taken = false;
  /// Value of LAMBDA_SANDBOX_AGENT for the built-in function; may be empty.
  std::string builtin_agent;
  std::vector<scenario_invocation> invocations;
  std::string shutdown_reason = "spindown";
  /// How long all is frozen before the end.
  std::int64_t shutdown_after_ms = 100;
  bool is_shutdown_frozen = true;
  /// Managed Instances: whether it waits for what runs.
  bool shutdown_waits = true;
  run_expectation expect;
};

/// Reads a scenario. `directory` is the folder of its file.
/// *Errors*: absent; `problems` says all that is wrong, with JSON pointers.
std::optional<scenario> parse_scenario(std::string_view text,
                                       const std::string& directory,
                                       json_problems& problems);

/// Returns the absolute form of a path that a scenario in `directory` names.
std::string path_from(const std::string& directory, const std::string& path);

/// Splits a command as a shell does: words, '…', "…" and \.
/// *Errors*: absent if a quote is not closed.
std::optional<std::vector<std::string>> split_command(std::string_view text);

} // namespace sandbox

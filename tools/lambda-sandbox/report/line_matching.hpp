// Compares what was handed to the extension with what the APM Server stand-in
// accepted, line by line: byte for byte for the agent's lines, by message for
// log lines, by request id for the platform's reports.
#pragma once

#include "tools/lambda-sandbox/apm_server/apm_server.hpp"
#include "tools/lambda-sandbox/report/run_record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sandbox {

/// Lines of one kind.
struct line_count {
  /// Taken by the extension: answered 2xx to the agent, 200 to the platform.
  std::int64_t received = 0;
  /// Accepted by the APM Server stand-in.
  std::int64_t delivered = 0;
  /// Taken, but never accepted.
  std::int64_t missing = 0;
  /// Accepted once more than handed over.
  std::int64_t twice = 0;
  /// Accepted, but handed over by nobody: the extension's own.
  std::int64_t extension_made = 0;

  line_count& operator+=(const line_count& other);
};

/// By kind: transaction, span, error, metricset, log.
using line_counts = std::map<std::string, line_count>;

line_count total_of(const line_counts& counts);

struct line_problem {
  std::string kind;
  /// Empty: of no invocation.
  std::string request_id;
  std::string text;
};

struct line_account {
  /// In the order of `run_record::invocations`.
  std::vector<line_counts> by_invocation;
  /// Lines of no invocation: from before the first, or about the extension.
  line_counts outside;
  std::vector<line_problem> missing;
  std::vector<line_problem> twice;
  /// Agents' lines that arrived under another metadata line than their own.
  std::vector<line_problem> misfiled;
  /// Handed over, but not taken, and never accepted.
  std::int64_t untaken = 0;
  /// Log lines that arrived with another request id than their own.
  std::int64_t misattributed = 0;
  /// The longest that a line took from its handing over to the APM Server.
  std::int64_t slowest_ns = 0;

  line_counts total() const;
};

/// `knows_agent_lines`: the function told which lines it handed over (the
/// built-in one does). Otherwise agents' lines are only counted where they
/// arrived, by `faas.execution` and `trace_id`.
line_account match_lines(const run_record& run,
                         const std::vector<received_line>& lines,
                         bool knows_agent_lines);

} // namespace sandbox

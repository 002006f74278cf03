// The account of a run: what happened in each invocation, which signal ended
// it, how long the extension held it, what became of each line, and whether all
// that was expected. Made afterwards from what was observed; account_text.cpp
// tells it to people, account_json.cpp to programs.
#pragma once

#include "tools/lambda-sandbox/apm_server/apm_server.hpp"
#include "tools/lambda-sandbox/report/line_matching.hpp"
#include "tools/lambda-sandbox/report/run_record.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace sandbox {

/// The signals that tell an extension that an invocation is over, and which of
/// them ended this one. *Units*: CLOCK_MONOTONIC ns; 0: did not come.
struct end_signals {
  /// The agent began to send `flushed=true`.
  std::int64_t agent_ns = 0;
  /// The POST with platform.runtimeDone began.
  std::int64_t runtime_done_ns = 0;
  /// 200 ms before the deadline, the extension's last moment.
  std::int64_t deadline_ns = 0;
  /// "agent", "runtime_done" or "deadline": the last of them before the
  /// extension reacted, that is posted to the APM Server or asked for its next
  /// event. "none": it asked before any of them. Empty: it never asked.
  std::string ended_by;
  /// From that signal to the request for the next event; absent if that moment
  /// is not known (a foreign function's flush signal).
  std::optional<std::int64_t> held_ns;
};

struct invocation_account {
  const invocation_record* record = nullptr;
  end_signals signals;
  /// How long the extension made the invocation last beyond the runtime's own
  /// end. Absent if one of the two never asked.
  std::optional<std::int64_t> added_ns;
  line_counts lines;
  /// Requests to the APM Server begun from this INVOKE to the next.
  std::vector<const received_request*> posts;
  std::vector<std::string> failures;
};

struct account {
  const scenario* plan = nullptr;
  const run_record* run = nullptr;
  const std::vector<received_request>* requests = nullptr;
  std::vector<invocation_account> invocations;
  line_account lines;
  /// What was expected and did not hold, one sentence each.
  std::vector<std::string> failures;

  bool is_passed() const { return failures.empty(); }
};

account make_account(const scenario& plan, const run_record& run,
                     const std::vector<received_line>& lines,
                     const std::vector<received_request>& requests);

/// Works out which signal ended an invocation.
end_signals find_signals(const run_record& run,
                         const invocation_record& invocation,
                         const std::vector<received_request>& requests,
                         bool knows_agent);

/// How long the repetitions of a planned invocation were held. *Shape*:
/// ascending. *Units*: ns.
std::vector<std::int64_t> held_by(const account& account,
                                  std::size_t scenario_index);

/// Adds what does not hold to the account.
void check_expectations(account& account,
                        const std::vector<received_line>& lines);

/// Tells the account to people.
void write_text(std::ostream& out, const account& account);

/// Tells the account to programs: one JSON object, `schema_version` 1.
void write_json(std::ostream& out, const account& account);

} // namespace sandbox

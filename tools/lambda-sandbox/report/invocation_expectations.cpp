// Checking one invocation; see invocation_expectations.hpp.
#include "tools/lambda-sandbox/report/invocation_expectations.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <map>
#include <string>

namespace sandbox {

namespace {

void check_kinds(const char* what,
                 const std::map<std::string, std::int64_t>& expected,
                 invocation_account& each, std::int64_t line_count::*member) {
  for (const auto& [kind, count] : expected) {
    const auto found = each.lines.find(kind);
    const auto was = found == each.lines.end() ? 0 : found->second.*member;
    if (was != count)
      each.failures.push_back(kind + what + ": expected "
                              + std::to_string(count) + ", were "
                              + std::to_string(was));
  }
}

void check_before_deadline(const invocation_expectation& expect,
                           invocation_account& each) {
  if (!expect.before_deadline_ms_min && !expect.before_deadline_ms_max)
    return;
  const auto& extensions = each.record->extensions;
  if (extensions.empty() || extensions.front().next_ns == 0) {
    each.failures.emplace_back("before the deadline: it never asked");
    return;
  }
  const auto left_ms =
      to_ms(each.record->deadline_ns - extensions.front().next_ns);
  const bool is_late =
      left_ms < expect.before_deadline_ms_min.value_or(left_ms);
  if (is_late || left_ms > expect.before_deadline_ms_max.value_or(left_ms))
    each.failures.push_back(
        "before the deadline: expected "
        + json_number(expect.before_deadline_ms_min.value_or(0), 3) + " to "
        + json_number(expect.before_deadline_ms_max.value_or(left_ms), 3)
        + " ms, were " + json_number(left_ms, 3) + " ms");
}

} // namespace

void check_invocation(const scenario_invocation& planned,
                      invocation_account& each) {
  const auto& expect = planned.expect;
  const auto& record = *each.record;
  auto& failures = each.failures;
  const bool is_bad = record.status == "failure" || record.status == "timeout";
  const std::string reason =
      record.error_type.empty() ? "" : " (" + record.error_type + ")";
  if (!expect.status.empty() && record.status != expect.status)
    failures.push_back("status: expected " + expect.status + ", was "
                       + record.status + reason);
  else if (expect.status.empty() && is_bad && !record.is_extension_killed)
    failures.push_back("status: expected success or error, was " + record.status
                       + reason);
  if (!expect.ended_by.empty() && each.signals.ended_by != expect.ended_by)
    failures.push_back("ended by: expected " + expect.ended_by + ", was "
                       + (each.signals.ended_by.empty()
                              ? "nothing: the extension never asked"
                              : each.signals.ended_by));
  check_kinds(" lines at the APM Server", expect.lines, each,
              &line_count::delivered);
  check_kinds(" lines made by the extension", expect.lines_made, each,
              &line_count::extension_made);
  check_before_deadline(expect, each);
  if (!expect.held_ms_max)
    return;
  if (!each.signals.held_ns)
    failures.emplace_back("held: no signal or no next event to measure by");
  else if (to_ms(*each.signals.held_ns) > *expect.held_ms_max)
    failures.push_back("held: expected at most "
                       + json_number(*expect.held_ms_max, 3) + " ms, was "
                       + json_number(to_ms(*each.signals.held_ns), 3) + " ms");
}

} // namespace sandbox

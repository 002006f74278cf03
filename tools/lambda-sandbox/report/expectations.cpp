// Comparing the account with what the scenario expects; see account.hpp. One
// sentence for each thing that does not hold: what was expected, what was.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"
#include "tools/lambda-sandbox/report/invocation_expectations.hpp"

#include <algorithm>

namespace sandbox {

namespace {

/// How much of a line a sentence quotes.
constexpr std::size_t quote_bytes_max = 160;
/// So many lines are named, the rest only counted.
constexpr std::size_t named_lines_max = 5;

std::string quoted(const std::string& text) {
  return text.size() <= quote_bytes_max ? text
                                        : text.substr(0, quote_bytes_max) + "…";
}

void check_lines(const char* what, const std::optional<std::int64_t>& allowed,
                 const std::vector<line_problem>& lines,
                 std::vector<std::string>& failures) {
  const auto count = static_cast<std::int64_t>(lines.size());
  if (!allowed || count == *allowed)
    return;
  failures.push_back(std::to_string(count) + " lines " + what + ", expected "
                     + std::to_string(*allowed));
  for (std::size_t i = 0; i < lines.size() && i < named_lines_max; ++i)
    failures.push_back(
        std::string{what} + ": " + lines[i].kind + " of "
        + (lines[i].request_id.empty() ? "no invocation" : lines[i].request_id)
        + ": " + quoted(lines[i].text));
}

void check_count(const char* what, const std::optional<std::int64_t>& allowed,
                 std::size_t count, std::vector<std::string>& failures) {
  if (allowed && static_cast<std::int64_t>(count) != *allowed)
    failures.push_back(std::string{what} + ": expected "
                       + std::to_string(*allowed) + ", were "
                       + std::to_string(count));
}

void check_requests(account& account) {
  std::size_t count = 0;
  for (const auto& request : *account.requests)
    count += request.protocol_errors.size();
  for (const auto& request : account.run->aws_requests)
    count += request.protocol_errors.size();
  check_count("protocol errors at the APM Server and AWS",
              account.plan->expect.protocol_errors, count, account.failures);
  if (account.plan->expect.protocol_errors
      && static_cast<std::int64_t>(count)
             != *account.plan->expect.protocol_errors) {
    for (const auto& request : *account.requests)
      for (const auto& error : request.protocol_errors)
        account.failures.push_back(
            "protocol error in request " + std::to_string(request.number) + " ("
            + request.method + " " + request.target + "): " + error);
    for (const auto& request : account.run->aws_requests)
      for (const auto& error : request.protocol_errors)
        account.failures.push_back("protocol error in a request to AWS ("
                                   + request.target + " " + request.id
                                   + "): " + error);
  }
  for (const auto& fact : account.run->facts)
    if (fact.fact == "request" && fact.expected != 0
        && fact.status != fact.expected)
      account.failures.push_back(
          "the function's request " + fact.target + ": expected status "
          + std::to_string(fact.expected) + ", was "
          + (fact.status == 0 ? "no answer" : std::to_string(fact.status)));
}

void check_output(account& account) {
  const auto& expected = account.plan->expect.extension_output;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& lines = account.run->output_lines;
    const auto count = i < lines.size() ? lines[i] : 0;
    if (expected[i].count ? count == *expected[i].count : count > 0)
      continue;
    account.failures.push_back(
        "lines of the extension with \"" + expected[i].text + "\": expected "
        + (expected[i].count ? std::to_string(*expected[i].count)
                             : "one at least")
        + ", were " + std::to_string(count));
  }
}

void check_proxy(account& account) {
  const auto& expected = account.plan->expect.via_proxy;
  if (!expected)
    return;
  const auto& proxied = account.run->proxied;
  if (proxied.empty() == *expected)
    account.failures.push_back(
        "requests through the proxy: expected "
        + std::string{*expected ? "one at least" : "none"} + ", were "
        + std::to_string(proxied.size()));
  for (const auto& request : proxied)
    if (request.status == 407)
      account.failures.push_back("the proxy refused the credentials for "
                                 + request.method + " " + request.target);
}

void check_init(account& account) {
  const auto& expected = account.plan->expect.init_ms_max;
  if (!expected || account.run->inits.empty())
    return;
  const auto& init = account.run->inits.front();
  const auto took_ms = to_ms(init.end_ns - init.begin_ns);
  if (took_ms > static_cast<double>(*expected))
    account.failures.push_back("INIT: expected at most "
                               + std::to_string(*expected) + " ms, was "
                               + json_number(took_ms, 3) + " ms");
}

void check_delivery(account& account) {
  const auto& expect = account.plan->expect;
  const auto slowest_ms = to_ms(account.lines.slowest_ns);
  if (expect.delivery_ms_max
      && slowest_ms > static_cast<double>(*expect.delivery_ms_max))
    account.failures.push_back("slowest line: expected at most "
                               + std::to_string(*expect.delivery_ms_max)
                               + " ms, was " + json_number(slowest_ms, 3)
                               + " ms");
  const auto most = static_cast<std::int64_t>(account.run->concurrent_max);
  if (expect.concurrent_min && most < *expect.concurrent_min)
    account.failures.push_back("invocations side by side: expected at least "
                               + std::to_string(*expect.concurrent_min)
                               + ", were " + std::to_string(most));
}

void check_telemetry(account& account) {
  const auto& expect = account.plan->expect;
  std::size_t most = 0;
  for (const auto& post : account.run->telemetry_posts) {
    most = std::max(most, post.records);
    const auto took_ms = to_ms(post.answered_ns - post.begin_ns);
    const bool is_slow =
        expect.telemetry_answer_ms_max
        && (post.status != 200
            || took_ms > static_cast<double>(*expect.telemetry_answer_ms_max));
    if (is_slow)
      account.failures.push_back(
          "a delivery of " + std::to_string(post.records)
          + " telemetry records: expected 200 within "
          + std::to_string(*expect.telemetry_answer_ms_max) + " ms, was "
          + (post.status == 0 ? "no answer"
                              : std::to_string(post.status) + " after "
                                    + json_number(took_ms, 3) + " ms"));
  }
  if (expect.telemetry_records_min
      && static_cast<std::int64_t>(most) < *expect.telemetry_records_min)
    account.failures.push_back(
        "records in the largest delivery of telemetry: expected at least "
        + std::to_string(*expect.telemetry_records_min) + ", were "
        + std::to_string(most));
}

void check_medians(account& account) {
  const auto& plan = account.plan->invocations;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto allowed = plan[i].expect.held_ms_median_max;
    const auto held = held_by(account, i);
    if (allowed && held.empty())
      account.failures.emplace_back("held: nothing to make a median of");
    else if (allowed && to_ms(held[held.size() / 2]) > *allowed)
      account.failures.push_back(
          "held, median of " + std::to_string(held.size())
          + " invocations: expected at most " + json_number(*allowed, 3)
          + " ms, was " + json_number(to_ms(held[held.size() / 2]), 3) + " ms");
  }
}

void check_contents(account& account, const std::vector<received_line>& lines) {
  for (const auto& text : account.plan->expect.lines_contain) {
    const bool is_there =
        std::any_of(lines.begin(), lines.end(), [&](const received_line& line) {
          return line.accepted && line.text.find(text) != std::string::npos;
        });
    if (!is_there)
      account.failures.push_back("no accepted line contains " + quoted(text));
  }
}

void check_memory(account& account) {
  const auto& expected = account.plan->expect.extension_peak_mib_max;
  constexpr std::int64_t kib_per_mib = 1'024;
  if (!expected)
    return;
  for (const auto& usage : account.run->programs)
    if (usage.is_extension
        && (usage.peak_kib < 0 || usage.peak_kib > *expected * kib_per_mib))
      account.failures.push_back(
          usage.name + ", peak memory: expected at most "
          + std::to_string(*expected) + " MiB, was "
          + (usage.peak_kib < 0
                 ? "unknown"
                 : std::to_string(usage.peak_kib / kib_per_mib) + " MiB"));
}

void check_shutdown_time(account& account) {
  const auto& expected = account.plan->expect.shutdown_ms_max;
  if (!expected || account.run->shutdowns.empty())
    return;
  for (const auto& end : account.run->shutdowns.back().processes) {
    if (!end.is_extension)
      continue;
    const auto took_ms = to_ms(end.at_ns - end.told_ns);
    if (end.told_ns == 0)
      account.failures.push_back(end.name + " was never told of SHUTDOWN");
    else if (took_ms > static_cast<double>(*expected))
      account.failures.push_back(end.name
                                 + " after SHUTDOWN: expected to end within "
                                 + std::to_string(*expected) + " ms, took "
                                 + json_number(took_ms, 3) + " ms");
  }
}

void check_extension_exit(account& account) {
  const auto& expected = account.plan->expect.extension_exit;
  if (!expected || account.run->shutdowns.empty()
      || account.run->shutdowns.back().is_reset)
    return;
  for (const auto& end : account.run->shutdowns.back().processes) {
    if (!end.is_extension || end.is_killed_by_scenario
        || (!end.is_by_signal && end.code == *expected))
      continue;
    account.failures.push_back(
        end.name + " at the end of the run: expected exit status "
        + std::to_string(*expected) + ", was " + end.text
        + (end.is_killed_by_lambda
               ? " (it had not ended within 2 s of SHUTDOWN)"
               : ""));
  }
}

/// Shadow memory and quarantines would be counted, too.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_memory_judged = false;
#else
constexpr bool is_memory_judged = true;
#endif

void check_own_memory(account& account) {
  const auto& allowed_mb = account.plan->expect.memory_mb_max;
  if (!allowed_mb || !is_memory_judged)
    return;
  for (const auto& usage : account.run->programs) {
    const auto peak_mb = static_cast<double>(usage.own_peak_kib) / 1024;
    if (usage.is_extension && peak_mb > static_cast<double>(*allowed_mb))
      account.failures.push_back("own memory of " + usage.name
                                 + " at its peak: expected at most "
                                 + std::to_string(*allowed_mb) + " MiB, was "
                                 + json_number(peak_mb, 1) + " MiB");
  }
}

} // namespace

void check_expectations(account& account,
                        const std::vector<received_line>& lines) {
  const auto& plan = *account.plan;
  if (!account.run->aborted.empty())
    account.failures.push_back(account.run->aborted);
  for (auto& each : account.invocations) {
    check_invocation(plan.invocations[each.record->scenario_index], each);
    for (const auto& failure : each.failures)
      account.failures.push_back(
          "invocation " + std::to_string(each.record->number) + ": " + failure);
  }
  check_lines("missing", plan.expect.lines_missing, account.lines.missing,
              account.failures);
  check_lines("twice", plan.expect.lines_twice, account.lines.twice,
              account.failures);
  check_lines("under another agent's metadata", plan.expect.lines_misfiled,
              account.lines.misfiled, account.failures);
  check_medians(account);
  check_telemetry(account);
  check_delivery(account);
  check_count("lines under a wrong request id", plan.expect.lines_misattributed,
              account.lines.misattributed, account.failures);
  check_requests(account);
  check_contents(account, lines);
  check_count("refused requests to Lambda's APIs", plan.expect.refused_requests,
              account.run->refused.size(), account.failures);
  check_output(account);
  check_proxy(account);
  check_count("requests to AWS's APIs", plan.expect.aws_requests,
              account.run->aws_requests.size(), account.failures);
  check_init(account);
  check_shutdown_time(account);
  check_memory(account);
  check_extension_exit(account);
  check_own_memory(account);
}

} // namespace sandbox

// Matching lines; see line_matching.hpp. Each line handed over becomes an
// expectation; each line accepted meets the first expectation that fits and has
// not been met yet.
#include "tools/lambda-sandbox/report/line_matching.hpp"

#include "tools/lambda-sandbox/report/intake_line.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace sandbox {

namespace {

/// Index for lines of no invocation.
constexpr std::size_t no_invocation = SIZE_MAX;

struct expectation {
  std::string kind;
  std::string text;
  std::size_t invocation = no_invocation;
  bool is_taken = false;
  bool is_met = false;
  /// When it was handed over.
  std::int64_t at_ns = 0;
  /// The metadata line under which it was; empty: none is known.
  std::string metadata;
};

/// Expectations by key, in the order of their handing over.
using expectation_index =
    std::unordered_map<std::string, std::vector<std::size_t>>;

std::string trimmed(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  return std::string{end == std::string_view::npos ? std::string_view{}
                                                   : text.substr(0, end + 1)};
}

/// Request id and message as one key; ids have no newlines.
std::string log_key(const std::string& request_id, std::string_view message) {
  return request_id + "\n" + trimmed(message);
}

class matcher {
public:
  matcher(const run_record& run, bool knows_agent_lines)
      : run_{run}, knows_agent_lines_{knows_agent_lines} {
    result_.by_invocation.resize(run.invocations.size());
    for (std::size_t i = 0; i < run.invocations.size(); ++i)
      by_request_id_[run.invocations[i].request_id].push_back(i);
    expect_agent_lines();
    expect_records();
    for (auto* index : {&agent_lines_, &texts_, &logs_, &messages_, &reports_})
      put_taken_first(*index);
  }

  void accept(const std::vector<received_line>& lines) {
    for (const auto& line : lines)
      if (line.kind == "metadata")
        metadata_[line.request] = line.text;
      else if (line.accepted && line.kind == "transaction")
        learn_trace(line);
    for (const auto& line : lines)
      if (line.accepted && line.kind != "metadata")
        accept(line);
  }

  line_account finish() {
    for (const auto& each : expectations_) {
      auto& count = counts(each.invocation)[each.kind];
      if (each.is_taken)
        ++count.received;
      if (!each.is_taken && !each.is_met)
        ++result_.untaken;
      if (!each.is_taken || each.is_met)
        continue;
      ++count.missing;
      result_.missing.push_back(problem(each.kind, each.invocation, each.text));
    }
    return std::move(result_);
  }

private:
  line_counts& counts(std::size_t invocation) {
    return invocation == no_invocation ? result_.outside
                                       : result_.by_invocation[invocation];
  }

  line_problem problem(const std::string& kind, std::size_t invocation,
                       const std::string& text) const {
    return {kind,
            invocation == no_invocation
                ? std::string{}
                : run_.invocations[invocation].request_id,
            text};
  }

  /// The last invocation with this id that had begun then.
  std::size_t find_invocation(const std::string& request_id,
                              std::int64_t at_ns) const {
    const auto found = by_request_id_.find(request_id);
    if (found == by_request_id_.end())
      return no_invocation;
    auto latest = found->second.front();
    for (const auto index : found->second)
      if (run_.invocations[index].begin_ns <= at_ns)
        latest = index;
    return latest;
  }

  std::size_t expect(expectation each) {
    expectations_.push_back(std::move(each));
    return expectations_.size() - 1;
  }

  void expect_agent_lines() {
    std::map<std::tuple<std::size_t, std::int64_t, std::uint64_t>, std::size_t>
        by_number;
    decltype(by_number) metadata;
    std::vector<std::string> texts = {""};
    for (const auto& fact : run_.facts) {
      const std::tuple number{fact.generation, fact.process, fact.line};
      const std::tuple under{fact.generation, fact.process, fact.metadata};
      if (fact.fact == "metadata") {
        metadata[under] = texts.size();
        texts.push_back(fact.text);
      } else if (fact.fact == "line_offered") {
        const auto index = expect(
            {fact.kind, fact.text, find_invocation(fact.request_id, fact.at_ns),
             false, false, fact.at_ns, texts[metadata[under]]});
        by_number[number] = index;
        agent_lines_[fact.text + "\n" + expectations_[index].metadata]
            .push_back(index);
        texts_[fact.text].push_back(index);
      } else if (fact.fact == "line_taken" && by_number.count(number) != 0) {
        auto& taken = expectations_[by_number[number]];
        taken.is_taken = true;
        taken.at_ns = fact.at_ns; // an agent may keep its request open for long
      }
    }
  }

  void expect_records() {
    for (const auto& truth : run_.truths) {
      const auto text = truth.messages.empty() ? "report of " + truth.request_id
                                               : truth.messages.front();
      const auto index =
          expect({truth.kind,
                  text,
                  find_invocation(truth.request_id, truth.made_ns),
                  truth.delivered_ns != 0,
                  false,
                  truth.made_ns,
                  {}});
      if (truth.kind == "metricset")
        reports_[truth.request_id].push_back(index);
      for (const auto& message : truth.messages) {
        logs_[log_key(truth.request_id, message)].push_back(index);
        messages_[trimmed(message)].push_back(index);
      }
    }
  }

  /// Of equal lines, those that were taken must arrive; the others may.
  void put_taken_first(expectation_index& index) {
    for (auto& [key, list] : index)
      std::stable_partition(list.begin(), list.end(), [this](std::size_t each) {
        return expectations_[each].is_taken;
      });
  }

  void learn_trace(const received_line& line) {
    const auto parsed = read_intake_line(line.text);
    if (!parsed.execution.empty() && !parsed.trace_id.empty())
      traces_[parsed.trace_id] = parsed.execution;
  }

  /// Meets the first open expectation under `key`.
  std::optional<std::size_t> meet(const expectation_index& index,
                                  const std::string& key) {
    const auto found = index.find(key);
    if (found == index.end())
      return std::nullopt;
    for (const auto each : found->second)
      if (!std::exchange(expectations_[each].is_met, true))
        return each;
    return std::nullopt;
  }

  /// All under `key` have been met already: this one came twice.
  bool count_twice(const expectation_index& index, const std::string& key) {
    const auto found = index.find(key);
    if (found == index.end())
      return false;
    const auto& each = expectations_[found->second.back()];
    ++counts(each.invocation)[each.kind].twice;
    result_.twice.push_back(problem(each.kind, each.invocation, each.text));
    return true;
  }

  /// Counts it as delivered.
  const expectation& deliver(std::size_t met, const received_line& line) {
    const auto& each = expectations_[met];
    ++counts(each.invocation)[each.kind].delivered;
    result_.slowest_ns = std::max(result_.slowest_ns, line.at_ns - each.at_ns);
    return each;
  }

  /// Equal lines may be of several services: first those of this one.
  bool accept_agents(const received_line& line) {
    const auto found = metadata_.find(line.request);
    const auto metadata = found == metadata_.end() ? "" : found->second;
    if (const auto met = meet(agent_lines_, line.text + "\n" + metadata)) {
      deliver(*met, line);
      return true;
    }
    if (const auto met = meet(texts_, line.text)) {
      const auto& each = deliver(*met, line);
      if (!each.metadata.empty())
        result_.misfiled.push_back(
            problem(each.kind, each.invocation, each.text));
      return true;
    }
    return count_twice(texts_, line.text);
  }

  bool accept_report(const received_line& line, const intake_line& parsed) {
    if (const auto met = meet(reports_, parsed.execution)) {
      deliver(*met, line);
      return true;
    }
    return count_twice(reports_, parsed.execution);
  }

  void accept(const received_line& line) {
    if (accept_agents(line))
      return;
    const auto parsed = read_intake_line(line.text);
    if (line.kind == "metricset" && parsed.is_about_extension)
      return accept_self_metrics();
    if (line.kind == "log" && accept_log(line, parsed))
      return;
    if (line.kind == "metricset" && parsed.is_report
        && accept_report(line, parsed))
      return;
    accept_other(line, parsed);
  }

  /// What it says of itself is no invocation's.
  void accept_self_metrics() {
    auto& count = counts(no_invocation)["self_metrics"];
    ++count.delivered;
    ++count.extension_made;
  }

  bool accept_log(const received_line& line, const intake_line& parsed) {
    const auto key = log_key(parsed.execution, parsed.message);
    const auto message = trimmed(parsed.message);
    if (const auto met = meet(logs_, key)) {
      deliver(*met, line);
      return true;
    }
    if (const auto met = meet(messages_, message)) {
      const auto& each = deliver(*met, line);
      // What the function says during INIT has no request id of its own. Side
      // by side nobody can tell whose such a line is: it must be nobody's.
      if (each.invocation != no_invocation || run_.is_concurrent)
        ++result_.misattributed;
      return true;
    }
    return count_twice(logs_, key) || count_twice(messages_, message);
  }

  /// Lines that nobody announced: the extension's own, or those of an agent of
  /// which nothing is known.
  void accept_other(const received_line& line, const intake_line& parsed) {
    auto execution = parsed.execution;
    if (const auto trace = traces_.find(parsed.trace_id);
        execution.empty() && trace != traces_.end())
      execution = trace->second;
    const auto invocation = find_invocation(execution, line.at_ns);
    auto& count = counts(invocation)[line.kind];
    const bool is_agents =
        !knows_agent_lines_ && line.kind != "log" && !execution.empty();
    if (!is_agents) {
      ++count.delivered;
      ++count.extension_made;
      return;
    }
    // An agent never sends the same bytes again: ids are random.
    if (!foreign_lines_.emplace(line.text, true).second) {
      ++count.twice;
      result_.twice.push_back(problem(line.kind, invocation, line.text));
      return;
    }
    ++count.received;
    ++count.delivered;
  }

  const run_record& run_;
  bool knows_agent_lines_;
  line_account result_;
  std::vector<expectation> expectations_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_request_id_;
  expectation_index agent_lines_; ///< by text and metadata
  expectation_index texts_;       ///< the same by text alone
  /// The metadata line of each request to the APM Server.
  std::unordered_map<std::uint64_t, std::string> metadata_;
  expectation_index logs_;
  expectation_index messages_;
  expectation_index reports_;
  std::unordered_map<std::string, std::string> traces_;
  std::unordered_map<std::string, bool> foreign_lines_;
};

} // namespace

line_count& line_count::operator+=(const line_count& other) {
  received += other.received;
  delivered += other.delivered;
  missing += other.missing;
  twice += other.twice;
  extension_made += other.extension_made;
  return *this;
}

line_count total_of(const line_counts& counts) {
  line_count total;
  for (const auto& [kind, count] : counts)
    total += count;
  return total;
}

line_counts line_account::total() const {
  line_counts sum = outside;
  for (const auto& counts : by_invocation)
    for (const auto& [kind, count] : counts)
      sum[kind] += count;
  return sum;
}

line_account match_lines(const run_record& run,
                         const std::vector<received_line>& lines,
                         bool knows_agent_lines) {
  matcher matcher{run, knows_agent_lines};
  matcher.accept(lines);
  return matcher.finish();
}

} // namespace sandbox

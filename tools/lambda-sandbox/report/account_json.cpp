// The account for programs; see account.hpp. Times are milliseconds from the
// begin of the run, with their fractions; null is what did not happen. The
// members are explained in README.md.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"
#include "tools/lambda-sandbox/report/account.hpp"

#include <ostream>

namespace sandbox {

namespace {

/// Microseconds are below what a loaded machine can be asked for.
constexpr int decimals = 4;

class json_account {
public:
  explicit json_account(const account& account)
      : account_{account}, run_{*account.run} {}

  std::string text() const {
    return json_object{}
        .add("schema_version", 1)
        .add("name", account_.plan->name)
        .add("passed", account_.is_passed())
        .add("failures", account_.failures)
        .add("begin_unix_ms", run_.begin_unix_ns / ns_per_ms)
        .add("duration_ms", to_ms(run_.end_ns - run_.begin_ns), decimals)
        .add_json("inits", inits())
        .add_json("invocations", invocations())
        .add_json("shutdowns", shutdowns())
        .add_json("programs", programs())
        .add_json("kills", kills())
        .add("totals", totals())
        .add_json("outside_lines", lines_json(account_.lines.outside))
        .add_json("missing_lines", problems(account_.lines.missing))
        .add_json("twice_lines", problems(account_.lines.twice))
        .add_json("apm_server_requests", requests())
        .add_json("aws_requests", aws_requests())
        .add_json("telemetry_posts", telemetry_posts())
        .add_json("refused_requests", refused())
        .add_json("proxied_requests", proxied())
        .add("trace", json_object{}
                          .add("folder", run_.trace.folder)
                          .add("segments", std::uint64_t{run_.trace.segments})
                          .add("command", run_.trace.command))
        .add("tls_handshakes", json_object{}
                                   .add("good", run_.good_handshakes)
                                   .add("failed", run_.failed_handshakes))
        .text();
  }

private:
  void add_time(json_object& object, const char* name, std::int64_t ns) const {
    if (ns == 0)
      object.add_null(name);
    else
      object.add(name, to_ms(ns - run_.begin_ns), decimals);
  }

  static void add_span(json_object& object, const char* name,
                       const std::optional<std::int64_t>& ns) {
    if (ns)
      object.add(name, to_ms(*ns), decimals);
    else
      object.add_null(name);
  }

  static json_object count_json(const line_count& count) {
    return json_object{}
        .add("received", count.received)
        .add("delivered", count.delivered)
        .add("missing", count.missing)
        .add("twice", count.twice)
        .add("extension_made", count.extension_made);
  }

  static std::string lines_json(const line_counts& counts) {
    json_object lines;
    for (const auto& [kind, count] : counts)
      lines.add(kind, count_json(count));
    return lines.text();
  }

  template <class Range, class Render>
  static std::string array_of(const Range& range, Render render) {
    std::vector<std::string> elements;
    elements.reserve(range.size());
    for (const auto& each : range)
      elements.push_back(render(each).text());
    return json_array(elements);
  }

  std::string inits() const {
    return array_of(run_.inits, [this](const init_record& init) {
      json_object object;
      object.add("phase", init.phase)
          .add("status", init.is_ok ? "success" : "failure")
          .add("error_type", init.error_type);
      add_time(object, "begin_ms", init.begin_ns);
      object.add("duration_ms", to_ms(init.end_ns - init.begin_ns), decimals);
      return object;
    });
  }

  json_object turn_json(const invocation_record& record,
                        const extension_turn& turn) const {
    json_object object;
    object.add("name", turn.name);
    add_time(object, "next_ms", turn.next_ns);
    std::optional<std::int64_t> added;
    if (turn.next_ns != 0 && record.runtime_next_ns != 0)
      added = std::max<std::int64_t>(0, turn.next_ns - record.runtime_next_ns);
    add_span(object, "added_ms", added);
    add_span(object, "cpu_ms",
             turn.processor_ns < 0
                 ? std::nullopt
                 : std::optional<std::int64_t>{turn.processor_ns});
    return object;
  }

  json_object invocation_json(const invocation_account& each) const {
    const auto& record = *each.record;
    json_object object;
    object.add("number", std::uint64_t{record.number})
        .add("scenario_index", std::uint64_t{record.scenario_index})
        .add("request_id", record.request_id)
        .add("cold_start", record.is_cold_start)
        .add("status", record.status)
        .add("error_type", record.error_type)
        .add("runtime_done_status", record.runtime_done_status)
        .add("timed_out_by", record.timed_out_by)
        .add("extension_killed", record.is_extension_killed)
        .add("frozen_ms", to_ms(record.frozen_ns), decimals);
    add_time(object, "begin_ms", record.begin_ns);
    object.add("deadline_unix_ms", record.deadline_unix_ms);
    add_time(object, "deadline_ms", record.deadline_ns);
    add_time(object, "response_ms", record.response_ns);
    add_time(object, "runtime_next_ms", record.runtime_next_ns);
    add_time(object, "end_ms", record.end_ns);
    object.add("response_bytes", std::uint64_t{record.response_bytes})
        .add("duration_ms", to_ms(record.end_ns - record.begin_ns), decimals);
    add_signals(object, each);
    object
        .add_json("extensions", array_of(record.extensions,
                                         [&](const extension_turn& turn) {
                                           return turn_json(record, turn);
                                         }))
        .add_json("lines", lines_json(each.lines));
    std::vector<std::string> posts;
    for (const auto* post : each.posts)
      posts.push_back(std::to_string(post->number));
    return object.add_json("apm_server_requests", json_array(posts))
        .add("failures", each.failures);
  }

  void add_signals(json_object& object, const invocation_account& each) const {
    const auto& record = *each.record;
    const auto& signals = each.signals;
    if (signals.ended_by.empty())
      object.add_null("ended_by");
    else
      object.add("ended_by", signals.ended_by);
    add_span(object, "held_ms", signals.held_ns);
    add_span(object, "added_ms", each.added_ns);
    std::optional<std::int64_t> before_deadline;
    if (!record.extensions.empty() && record.extensions.front().next_ns != 0)
      before_deadline = record.deadline_ns - record.extensions.front().next_ns;
    add_span(object, "before_deadline_ms", before_deadline);
    json_object times;
    add_time(times, "agent_ms", signals.agent_ns);
    add_time(times, "runtime_done_ms", signals.runtime_done_ns);
    add_time(times, "deadline_ms", signals.deadline_ns);
    object.add("signals", times);
    std::optional<std::int64_t> cpu;
    if (!record.extensions.empty()
        && record.extensions.front().processor_ns >= 0)
      cpu = record.extensions.front().processor_ns;
    add_span(object, "extension_cpu_ms", cpu);
  }

  std::string invocations() const {
    return array_of(account_.invocations,
                    [this](const auto& each) { return invocation_json(each); });
  }

  json_object end_json(const process_end& end) const {
    json_object object;
    object.add("name", end.name).add("is_extension", end.is_extension);
    if (end.is_by_signal)
      object.add_null("exit_status").add("signal", end.code);
    else
      object.add("exit_status", end.code).add_null("signal");
    object.add("killed_by_lambda", end.is_killed_by_lambda);
    object.add("killed_by_scenario", end.is_killed_by_scenario);
    add_time(object, "told_ms", end.told_ns);
    add_time(object, "end_ms", end.at_ns);
    return object;
  }

  std::string shutdowns() const {
    return array_of(run_.shutdowns, [this](const shutdown_record& shutdown) {
      json_object object;
      object.add("reason", shutdown.reason).add("is_reset", shutdown.is_reset);
      add_time(object, "begin_ms", shutdown.begin_ns);
      object.add("duration_ms", to_ms(shutdown.end_ns - shutdown.begin_ns),
                 decimals);
      return object.add_json(
          "processes", array_of(shutdown.processes, [this](const auto& end) {
            return end_json(end);
          }));
    });
  }

  std::string programs() const {
    return array_of(run_.programs, [](const program_usage& usage) {
      return json_object{}
          .add("name", usage.name)
          .add("is_extension", usage.is_extension)
          .add("peak_rss_kib", usage.peak_kib)
          .add("own_peak_kib", usage.own_peak_kib)
          .add("threads", usage.threads)
          .add("cpu_ms", to_ms(usage.processor_ns), decimals);
    });
  }

  std::string kills() const {
    return array_of(run_.kills, [this](const kill_record& kill) {
      json_object object;
      add_time(object, "at_ms", kill.at_ns);
      return object.add("phase", kill.phase).add("hit", kill.is_hit);
    });
  }

  json_object totals() const {
    const auto lines = account_.lines.total();
    const auto sum = total_of(lines);
    json_object all;
    if (account_.run->is_concurrent)
      all.add("concurrent_max", std::uint64_t{account_.run->concurrent_max});
    else
      all.add_null("concurrent_max");
    return all.add("invocations", std::uint64_t{account_.invocations.size()})
        .add("lines_received", sum.received)
        .add("lines_delivered", sum.delivered)
        .add("lines_missing", sum.missing)
        .add("lines_twice", sum.twice)
        .add("lines_extension_made", sum.extension_made)
        .add("lines_misattributed", account_.lines.misattributed)
        .add("lines_misfiled",
             static_cast<std::int64_t>(account_.lines.misfiled.size()))
        .add("slowest_line_ms", to_ms(account_.lines.slowest_ns))
        .add("lines_untaken", account_.lines.untaken)
        .add_json("lines", lines_json(lines));
  }

  static std::string problems(const std::vector<line_problem>& lines) {
    return array_of(lines, [](const line_problem& line) {
      return json_object{}
          .add("kind", line.kind)
          .add("request_id", line.request_id)
          .add("text", line.text);
    });
  }

  std::string requests() const {
    return array_of(*account_.requests, [this](const received_request& each) {
      json_object object;
      object.add("number", std::uint64_t{each.number})
          .add("method", each.method)
          .add("target", each.target)
          .add("status", each.status);
      add_time(object, "begin_ms", each.begin_ns);
      add_time(object, "end_ms", each.end_ns);
      add_time(object, "answered_ms", each.answered_ns);
      return object.add("wire_bytes", std::uint64_t{each.wire_bytes})
          .add("body_bytes", std::uint64_t{each.body_bytes})
          .add("lines", std::uint64_t{each.lines})
          .add("lines_accepted", std::uint64_t{each.lines_accepted})
          .add("aborted", each.is_aborted)
          .add("protocol_errors", each.protocol_errors);
    });
  }

  std::string aws_requests() const {
    return array_of(run_.aws_requests, [this](const aws_request& request) {
      json_object object;
      add_time(object, "at_ms", request.at_ns);
      return object.add("target", request.target)
          .add("id", request.id)
          .add("status", request.status)
          .add("protocol_errors", request.protocol_errors);
    });
  }

  std::string telemetry_posts() const {
    return array_of(run_.telemetry_posts, [this](const telemetry_post& post) {
      json_object object;
      object.add("extension", post.extension);
      add_time(object, "begin_ms", post.begin_ns);
      add_time(object, "answered_ms", post.answered_ns);
      return object.add("status", post.status)
          .add("records", std::uint64_t{post.records})
          .add("bytes", std::uint64_t{post.bytes})
          .add("attempt", post.attempt)
          .add("duplicate", post.is_duplicate);
    });
  }

  std::string proxied() const {
    return array_of(run_.proxied, [this](const proxied_request_record& each) {
      json_object object;
      add_time(object, "at_ms", each.at_ns);
      return object.add("method", each.method)
          .add("target", each.target)
          .add("status", each.status);
    });
  }

  std::string refused() const {
    return array_of(run_.refused, [this](const refused_request& request) {
      json_object object;
      add_time(object, "at_ms", request.at_ns);
      return object.add("who", request.who)
          .add("request", request.request)
          .add("status", request.status)
          .add("error_type", request.error_type)
          .add("message", request.message);
    });
  }

  const account& account_;
  const run_record& run_;
};

} // namespace

void write_json(std::ostream& out, const account& account) {
  out << json_account{account}.text() << '\n';
}

} // namespace sandbox

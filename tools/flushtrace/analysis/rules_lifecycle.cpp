// How the time that an event had was used, and how the process ended.
#include "runtime/delivery/flush_policy.hpp"
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/analysis/rules.hpp"

#include <algorithm>

namespace flushtrace::rules {

namespace {

using apm::end_signal;

constexpr auto killed_reason = static_cast<uint64_t>(apm::drop_reason::killed);
constexpr uint64_t before_register_reason = 9; ///< FORMAT.md: of other builds

/// A flush that hears nothing for so long waits for something that does not
/// come: turns take well under a millisecond.
constexpr int64_t silence_ns_min = 100'000'000;

/// The longest answer that this or the neighbouring events had from the
/// server; 0: none.
int64_t longest_answer_ns(const rule_input& x) {
  int64_t longest = 0;
  for (const auto* event : {x.before, &x.event, x.after})
    if (event != nullptr)
      for (const auto& post : event->posts)
        if (post.how == post_end::answered)
          longest = std::max(longest, post.duration_ns(post.end.ns));
  return longest;
}

bool is_timeout_after(const rule_input& x) {
  return x.after != nullptr && x.after->kind == apm::event_kind::shutdown
         && x.after->reason == "timeout";
}

} // namespace

found_cause function_timeout(const rule_input& x) {
  if (!is_invoke(x.event) || !is_timeout_after(x) || !has_left(x))
    return std::nullopt;
  auto finding = found({x.event.winner ? x.event.winner->at.record : 0,
                        x.event.flush_end.at.record, x.after->begin.record},
                       "the function was still at work at its deadline; "
                           + counted(left_lines(x.event), "line")
                           + " were left for SHUTDOWN");
  // With more time nothing would have been sent, either.
  if (x.event.flush_begin.is_breaker_open)
    finding.weight = 60;
  return finding;
}

found_cause margin_too_small(const rule_input& x) {
  const auto& event = x.event;
  if (!is_invoke(event) || !is_won_by(event, end_signal::deadline)
      || left_lines(event) == 0)
    return std::nullopt;
  const auto* post = post_cut_short(x);
  if (post == nullptr)
    return std::nullopt;
  const auto had_ns = post->duration_ns(post->end.ns);
  // What it would have taken is known where the server answered another time.
  const auto needed_ns = std::max(longest_answer_ns(x), 2 * had_ns);
  const auto margin = margin_ns(x);
  auto finding = found({event.winner->at.record, post->begin.record,
                        event.flush_end.at.record, post->end.record},
                       "the POST had " + in_words(had_ns) + " of the margin of "
                           + in_words(margin) + ", and needed more");
  const std::chrono::nanoseconds answer = apm::answer_margin;
  finding.fix = {
      "Begin the flush earlier.", "ELASTIC_APM_LAMBDA_FLUSH_MARGIN",
      setting_duration(std::max(margin, needed_ns * 5 / 4 + answer.count()))};
  return finding;
}

found_cause shutdown_budget(const rule_input& x) {
  const auto& event = x.event;
  // Where the server had failed before, that is what the end says.
  const auto took_ns = event.flush_end.at.ns - event.flush_begin.at.ns;
  const bool is_time_up = event.flush_end.why == flush_end_why::out_of_time
                          || took_ns >= event.flush_begin.budget_ns;
  if (event.kind != apm::event_kind::shutdown || !event.flush_end.at
      || !is_time_up || left_lines(event) == 0)
    return std::nullopt;
  const auto* post = post_cut_short(x);
  return found({event.begin.record, post != nullptr ? post->begin.record : 0,
                event.flush_end.at.record, event.ledger.at.record},
               "SHUTDOWN's 2 s were over after "
                   + in_words(event.flush_end.at.ns - event.begin.ns)
                   + " of flush, with " + counted(left_lines(event), "line")
                   + " left");
}

found_cause killed(const rule_input& x) {
  const auto& event = x.event;
  if (auto dropped =
          found_drops(event, killed_reason,
                      "gone with an earlier process of this sandbox, "
                      "which was killed")) {
    if (event.killed_before)
      dropped->evidence.insert(dropped->evidence.begin(),
                               event.killed_before.record);
    return dropped;
  }
  if (!x.outcome.is_unfinished || x.all.is_ended || !x.all.reaches_end)
    return std::nullopt;
  return found({event.begin.record, event.last.record},
               std::string{"the trace ends in the middle of the event"}
                   + (x.all.is_salvaged
                          ? ": the process was killed"
                          : ": the process was killed, or still runs"));
}

found_cause no_next_invocation(const rule_input& x) {
  const auto& event = x.event;
  const bool is_waiting =
      is_invoke(event) && event.ledger.at
      && (event.flush_end.why == flush_end_why::put_off || x.outcome.late > 0)
      && left_lines(event) + x.outcome.late > 0;
  const bool is_last =
      x.after == nullptr
          ? x.outcome.has(apm::flush_outcome::at_risk)
          : x.after->kind == apm::event_kind::shutdown
                && (!x.after->is_over() || left_lines(*x.after) > 0);
  if (!is_waiting || !is_last)
    return std::nullopt;
  return found({event.flush_end.at.record, event.next_asked.record,
                x.after != nullptr ? x.after->begin.record : 0},
               counted(std::max(left_lines(event), x.outcome.late), "line")
                   + " waited for an invocation that never came");
}

found_cause next_too_early(const rule_input& x) {
  const auto& event = x.event;
  if (!has_stopped_early(event)
      || lines_during_flush(event) >= event.flush_end.lines)
    return std::nullopt;
  const auto left = event.flush_begin.budget_ns
                    - (event.flush_end.at.ns - event.flush_begin.at.ns);
  return found({event.flush_begin.at.record, event.flush_end.at.record,
                event.next_asked.record},
               counted(event.flush_end.lines, "line")
                   + " were held when the flush was declared over, with "
                   + in_words(left) + " of its time left");
}

/// Of an event before this one, and open when its flush is over.
bool has_earlier_post_under_way(const rule_input& x, const moment& end) {
  const auto& all = x.all.events;
  return std::any_of(all.begin(), all.end(), [&](const event_facts& each) {
    return each.event < x.event.event
           && std::any_of(each.posts.begin(), each.posts.end(),
                          [&](const post_fact& post) {
                            return !post.end || post.end.record > end.record;
                          });
  });
}

/// Time went by, nothing was under way, and lines were held.
found_cause wedged(const rule_input& x) {
  const auto& event = x.event;
  if (!event.flush_begin.at || event.flush_begin.is_breaker_open)
    return std::nullopt;
  const auto end = event.flush_end.at ? event.flush_end.at : event.last;
  const bool is_out = event.flush_end.at
                          ? event.flush_end.why == flush_end_why::out_of_time
                                || event.flush_end.credentials_wanted
                          : x.outcome.is_unfinished;
  if (!is_out || left_lines(event) == 0)
    return std::nullopt;
  if (const auto& wanted = event.flush_end.credentials_wanted) {
    auto finding =
        found({wanted.record, event.flush_begin.at.record, end.record},
              "COORDINATOR waits for credentials_ready from CREDENTIALS since "
                  + in_words(end.ns - wanted.ns));
    finding.fix.text = "See why AWS does not give the credentials out: the "
                       "role's permissions, the VPC's endpoints.";
    return finding;
  }
  if (has_earlier_post_under_way(x, end))
    return std::nullopt;
  auto heard = event.flush_begin.at;
  const post_fact* untold = nullptr;
  for (const auto& post : event.posts) {
    const bool is_under_way = !post.end || post.end.record > end.record;
    if (is_under_way || post.has_failed())
      return std::nullopt;
    if (post.end.record > heard.record)
      heard = post.end;
    if (!post.delivery)
      untold = &post;
  }
  if (end.ns - heard.ns < silence_ns_min)
    return std::nullopt;
  const std::string waits_for =
      untold != nullptr
          ? "COORDINATOR waits for the delivery of lease "
                + std::to_string(untold->lease) + " from APM FORWARDER"
      : event.lost_wait.enqueued
          ? "record " + std::to_string(event.lost_wait.enqueued.record)
                + " was never handled"
          : "nothing was under way";
  return found({heard.record, event.lost_wait.enqueued.record, end.record},
               "for " + in_words(end.ns - heard.ns)
                   + " of the flush nothing happened: " + waits_for);
}

found_cause before_register(const rule_input& x) {
  return found_drops(x.event, before_register_reason,
                     "dropped: they came before the first event");
}

} // namespace flushtrace::rules

// What went wrong on the way to the APM Server.
#include "runtime/delivery/judgement.hpp"
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/analysis/rules.hpp"

#include <algorithm>

namespace flushtrace::rules {

namespace {

using apm::http_failure;

constexpr auto rejected = static_cast<uint64_t>(apm::drop_reason::rejected);
constexpr auto ambiguous = static_cast<uint64_t>(apm::drop_reason::ambiguous);
constexpr auto no_server = static_cast<uint64_t>(apm::drop_reason::no_server);

/// Between the forwarder's time-out and the end of the flush lies a turn.
constexpr int64_t timeout_slack_ns = 5'000'000;

/// A dead connection shows at once, by a reset; *Source:* a round trip within a
/// region is under 2 ms, across the world 300.
constexpr int64_t reset_ns_max = 300'000'000;

std::string status_text(const post_fact& x) {
  return "POST of " + counted(x.lines, "line") + " was answered "
         + std::to_string(x.status) + " after "
         + in_words(x.duration_ns(x.end.ns)) + ", " + std::to_string(x.accepted)
         + " accepted";
}

/// Statuses of which the server says that the request itself is at fault.
bool is_refusal(uint16_t status) noexcept {
  return status / 100 == 4 && status != 401 && status != 403 && status != 404
         && status != 408 && status != 429;
}

template <class Predicate>
found_cause found_status(const rule_input& x, Predicate holds) {
  const auto* post = find_post(x.event, [&](const post_fact& each) {
    return each.how == post_end::answered && holds(each.status);
  });
  if (post == nullptr)
    return std::nullopt;
  return found_post(*post, status_text(*post));
}

/// The POST of which the COORDINATOR heard last before it; null: of none.
const post_fact* last_told_before(const event_facts& of, const moment& at) {
  const post_fact* last = nullptr;
  for (const auto& each : of.posts)
    if (each.delivery && each.delivery.record < at.record
        && (last == nullptr || each.delivery.record > last->delivery.record))
      last = &each;
  return last;
}

bool is_stale(const post_fact& x) noexcept {
  return x.how == post_end::failed && x.failure == http_failure::closed
         && x.is_reused && x.has_waited_for_thaw
         && x.duration_ns(x.end.ns) < reset_ns_max;
}

/// A signal ended the event so late that the request had less than its
/// time-out. Where none did, it is the margin that is too small.
found_cause found_cut_by_deadline(const rule_input& x, const post_fact& post) {
  const auto& event = x.event;
  // Of a server that fails the flush gives up a probe sooner.
  const bool is_given_up =
      post.how == post_end::cancelled
      && event.flush_end.why == flush_end_why::server_fails;
  if (!is_invoke(event) || is_won_by(event, apm::end_signal::deadline)
      || !event.flush_end.at || event.flush_end.lines == 0 || is_given_up)
    return std::nullopt;
  auto finding = found_post(post, "the invocation's deadline left the POST of "
                                      + counted(post.lines, "line") + ' '
                                      + in_words(post.duration_ns(post.end.ns))
                                      + ", and no answer " + "came in these");
  finding.fix.text = "See why the server is slow, or give the function a "
                     "longer time-out.";
  return finding;
}

} // namespace

found_cause post_timeout(const rule_input& x) {
  const auto timeout_ns =
      std::chrono::nanoseconds{x.all.settings.forwarder_timeout}.count();
  const auto least_ns = timeout_ns - timeout_slack_ns;
  const auto* post = find_post(x.event, [&](const post_fact& each) {
    const bool is_cut = each.how == post_end::cancelled
                        && each.duration_ns(each.end.ns) >= least_ns;
    const bool has_timed_out =
        each.how == post_end::failed && each.failure == http_failure::timeout;
    return is_cut || (has_timed_out && each.timeout_ms * 1'000'000 >= least_ns);
  });
  if (post != nullptr)
    return found_post(*post, "POST of " + counted(post->lines, "line")
                                 + " had no answer after "
                                 + in_words(post->duration_ns(post->end.ns)));
  // A flush takes no longer in all: the last POST may have had a part of it.
  const auto& flush = x.event.flush_begin;
  const bool is_limited =
      flush.at && flush.budget_ns >= least_ns && flush.budget_ns <= timeout_ns
      && x.event.flush_end.why == flush_end_why::out_of_time;
  post = post_cut_short(x);
  if (post != nullptr && !is_limited)
    return found_cut_by_deadline(x, *post);
  if (post == nullptr)
    return std::nullopt;
  auto finding = found_post(
      *post, "the flush's " + in_words(flush.budget_ns)
                 + " were over when a POST of " + counted(post->lines, "line")
                 + " had been under way for "
                 + in_words(post->duration_ns(post->end.ns)));
  finding.fix = {"See why the server is slow, or let a flush hold invocations "
                 "for longer.",
                 "ELASTIC_APM_DATA_FORWARDER_TIMEOUT",
                 setting_duration(2 * timeout_ns)};
  return finding;
}

found_cause connect_fail(const rule_input& x) {
  if (auto dropped = found_drops(x.event, no_server,
                                 "dropped: no APM Server is configured")) {
    dropped->fix = {"Name the APM Server.", "ELASTIC_APM_LAMBDA_APM_SERVER",
                    "https://…"};
    return dropped;
  }
  const auto* post = find_post(x.event, [](const post_fact& each) {
    return each.how == post_end::failed
           && (each.failure == http_failure::resolve
               || each.failure == http_failure::connect
               || each.failure == http_failure::tls);
  });
  if (post == nullptr)
    return std::nullopt;
  auto finding = found_post(
      *post, post->failure == http_failure::resolve
                 ? "the APM Server's name has no address"
             : post->failure == http_failure::tls
                 ? "no TLS session came about: certificate or version"
                 : "no connection to the APM Server came about");
  if (post->failure == http_failure::tls)
    finding.fix = {"Give the extension the CA that has signed the APM Server's "
                   "certificate.",
                   "ELASTIC_APM_SERVER_CA_CERT_FILE", "/opt/ca.pem"};
  return finding;
}

found_cause stale_connection(const rule_input& x) {
  const auto* post = find_post(x.event, is_stale);
  if (post == nullptr)
    return std::nullopt;
  return found_post(*post, "the POST went out on a connection from before the "
                           "freeze, which was closed after "
                               + in_words(post->duration_ns(post->end.ns)));
}

found_cause auth_401_403(const rule_input& x) {
  return found_status(x, apm::is_credentials_refusal);
}

found_cause rate_limited_429(const rule_input& x) {
  auto finding = found_status(x, [](uint16_t status) { return status == 429; });
  return finding;
}

found_cause rejected_4xx(const rule_input& x) {
  if (auto finding = found_status(x, is_refusal))
    return finding;
  const auto* dropped = find_drop(x.event, rejected);
  if (dropped == nullptr || dropped_after_failure(x))
    return std::nullopt;
  // Under `background` an earlier event's POST is answered in this one.
  const auto* post = x.before == nullptr
                         ? nullptr
                         : find_post(*x.before, [&](const post_fact& each) {
                             return each.how == post_end::answered
                                    && is_refusal(each.status)
                                    && each.end.record < dropped->at.record;
                           });
  if (post == nullptr)
    return found_drops(x.event, rejected,
                       "refused; their POST is not in the trace");
  auto finding = found_post(*post, status_text(*post));
  finding.evidence.push_back(dropped->at.record);
  return finding;
}

found_cause server_5xx(const rule_input& x) {
  auto finding = found_status(x, [](uint16_t status) {
    return status / 100 == 5 || status == 404 || status == 408;
  });
  if (finding)
    return finding;
  const auto* post = find_post(x.event, [](const post_fact& each) {
    return each.how == post_end::failed && !is_stale(each)
           && (each.failure == http_failure::closed
               || each.failure == http_failure::too_large
               || each.failure == http_failure::other);
  });
  if (post == nullptr)
    return std::nullopt;
  return found_post(*post, "the APM Server closed the connection without a "
                           "sound answer after "
                               + in_words(post->duration_ns(post->end.ns)));
}

found_cause backoff_skip(const rule_input& x) {
  const auto& flush = x.event.flush_begin;
  // But for the probe, which may have lain in a mailbox until then.
  const bool has_posted = std::any_of(
      x.event.posts.begin(), x.event.posts.end(), [&](const post_fact& each) {
        return each.begin.record > flush.at.record && each.lease != flush.lease;
      });
  if (!flush.at || !flush.is_breaker_open || has_posted
      || x.event.flush_end.lines == 0)
    return std::nullopt;
  return found({flush.breaker_opened.record, flush.at.record,
                x.event.flush_end.at.record},
               std::string{"the breaker was open: "}
                   + (flush.lease != 0 ? "a probe was under way, nothing else "
                                         "was sent, and "
                                       : "the flush sent nothing, and ")
                   + counted(x.event.flush_end.lines, "line") + " stayed");
}

/// At most once says so itself; a build that forgets a batch says that the
/// server has refused what it never judged.
found_cause dropped_after_failure(const rule_input& x) {
  if (auto dropped = found_drops(x.event, ambiguous,
                                 "dropped, since their POST had no answer")) {
    dropped->fix = {"Send again what may not have arrived.",
                    "ELASTIC_APM_LAMBDA_DELIVERY", "at_least_once"};
    return dropped;
  }
  for (const auto& drop : x.event.drops) {
    const auto* post = last_told_before(x.event, drop.at);
    const bool is_of_failure =
        post != nullptr && post->has_failed() && !is_refusal(post->status)
        && drop.lines == post->lines - std::min(post->accepted, post->lines);
    if (drop.reason != rejected || !is_of_failure)
      continue;
    auto finding = found_post(*post, counted(drop.lines, "line")
                                         + " dropped after a POST that failed, "
                                           "though none was judged");
    finding.evidence.push_back(drop.at.record);
    return finding;
  }
  return std::nullopt;
}

found_cause frozen_inflight(const rule_input& x) {
  const auto* post = find_post(
      x.event, [](const post_fact& each) { return each.is_over_freeze; });
  if (post == nullptr)
    return std::nullopt;
  const auto after =
      post->end ? "was answered after the freeze" : "was never answered";
  auto finding =
      found({post->begin.record, x.event.next_asked.record, post->end.record},
            "POST of " + counted(post->lines, "line")
                + " was under way when the next event was asked "
                  "for, and "
                + after);
  if (x.all.settings.strategy == apm::send_strategy::background)
    finding.fix = {"Deliver before the invocation is given back.",
                   "ELASTIC_APM_SEND_STRATEGY", "syncflush"};
  return finding;
}

found_cause slow_cold_path(const rule_input& x) {
  // Below that nobody's flush is late for a handshake.
  constexpr int64_t handshake_us_min = 50'000;
  const auto* post = find_post(x.event, [](const post_fact& each) {
    const auto cold = std::max({each.name_us, each.connect_us, each.tls_us});
    return !each.is_reused && each.phases_record != 0
           && cold >= handshake_us_min && cold * 2 >= each.total_us;
  });
  if (post == nullptr)
    return std::nullopt;
  const auto cold = std::max({post->name_us, post->connect_us, post->tls_us});
  return found_post(*post, "of the POST's " + in_words(post->total_us * 1000)
                               + ", " + in_words(cold * 1000)
                               + " went into name, connection and TLS");
}

} // namespace flushtrace::rules

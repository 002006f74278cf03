#include "tools/flushtrace/analysis/rule_support.hpp"

#include "runtime/delivery/flush_policy.hpp"
#include "runtime/formats/duration.hpp"
#include "tools/flushtrace/units.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

/// Of a flush that was given up: what lies between its last moment and its
/// budget's is a turn's time.
constexpr int64_t budget_slack_ns = 5'000'000;

} // namespace

std::string in_words(int64_t ns) {
  const auto size = ns < 0 ? -static_cast<double>(ns) : static_cast<double>(ns);
  char text[40];
  if (size < 1e4)
    std::snprintf(text, sizeof text, "%lld ns", static_cast<long long>(ns));
  else if (size < 1e7)
    std::snprintf(text, sizeof text, "%.2f ms", ms_of(ns));
  else if (size < 1e10)
    std::snprintf(text, sizeof text, "%.0f ms", ms_of(ns));
  else
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ns) / 1e9);
  return text;
}

std::string counted(uint64_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

std::string setting_duration(int64_t ns) {
  constexpr int64_t step = 50'000'000;
  const auto steps = std::max<int64_t>(1, (ns + step - 1) / step);
  return apm::format_go_duration(std::chrono::nanoseconds{steps * step});
}

rule_finding found(std::initializer_list<uint64_t> evidence,
                   std::string detail) {
  rule_finding x;
  for (const auto record : evidence)
    if (record != 0)
      x.evidence.push_back(record);
  std::sort(x.evidence.begin(), x.evidence.end());
  x.evidence.erase(std::unique(x.evidence.begin(), x.evidence.end()),
                   x.evidence.end());
  x.detail = std::move(detail);
  return x;
}

uint64_t left_lines(const event_facts& x) noexcept {
  if (x.ledger.at)
    return x.ledger.all_held;
  return x.flush_end.at ? x.flush_end.lines : x.peak.lines;
}

bool has_left(const rule_input& x) noexcept {
  return left_lines(x.event) > x.outcome.late || x.outcome.lost > 0;
}

uint64_t lines_during_flush(const event_facts& x) noexcept {
  const auto first = x.flush_begin.at.record;
  const auto last = x.flush_end.at.record;
  const auto is_within = [&](const moment& at) {
    return first != 0 && at.record > first && (last == 0 || at.record < last);
  };
  uint64_t lines = 0;
  for (const auto& each : x.intake)
    lines += is_within(each.at) ? each.lines : 0;
  for (const auto& each : x.telemetry)
    lines += is_within(each.result) ? each.lines : 0;
  return lines;
}

bool has_stopped_early(const event_facts& x) noexcept {
  if (!x.flush_begin.at || !x.flush_end.at || x.flush_end.lines == 0
      || x.flush_end.credentials_wanted || x.flush_begin.is_breaker_open
      || x.flush_end.why == flush_end_why::put_off
      || x.flush_end.why == flush_end_why::overtaken)
    return false;
  const bool has_failed =
      std::any_of(x.posts.begin(), x.posts.end(),
                  [](const post_fact& each) { return each.has_failed(); });
  const auto took = x.flush_end.at.ns - x.flush_begin.at.ns;
  return !has_failed && took < x.flush_begin.budget_ns - budget_slack_ns;
}

const post_fact* post_cut_short(const rule_input& x) noexcept {
  const auto& end = x.event.flush_end.at;
  const auto timeout_ms = x.all.settings.forwarder_timeout.count();
  for (const auto& each : x.event.posts) {
    const bool is_ended =
        each.how == post_end::cancelled && end && each.end.record > end.record;
    const bool is_out_of_time = each.how == post_end::failed
                                && each.failure == apm::http_failure::timeout
                                && each.timeout_ms < timeout_ms;
    if (is_ended || is_out_of_time)
      return &each;
  }
  return nullptr;
}

rule_finding found_post(const post_fact& x, std::string detail) {
  return found(
      {x.begin.record, x.phases_record, x.end.record, x.delivery.record},
      std::move(detail));
}

const drop_fact* find_drop(const event_facts& of, uint64_t reason) noexcept {
  for (const auto& x : of.drops)
    if (x.reason == reason)
      return &x;
  return nullptr;
}

std::optional<rule_finding> found_drops(const event_facts& of, uint64_t reason,
                                        const char* why) {
  // A flood drops thousands of times: the first few prove it.
  constexpr size_t shown_max = 4;
  rule_finding x;
  uint64_t lines = 0;
  for (const auto& drop : of.drops) {
    if (drop.reason != reason)
      continue;
    lines += drop.lines;
    if (x.evidence.size() < shown_max)
      x.evidence.push_back(drop.at.record);
  }
  if (x.evidence.empty())
    return std::nullopt;
  x.detail = counted(lines, "line") + ' ' + why;
  return x;
}

int64_t margin_ns(const rule_input& x) noexcept {
  const std::chrono::nanoseconds margin =
      x.event.kind == apm::event_kind::shutdown ? apm::shutdown_flush_share
                                                : x.all.settings.flush_margin;
  return margin.count();
}

const timer_fact* deadline_timer(const event_facts& x) noexcept {
  for (const auto& each : x.timers)
    if (each.is_of_timer)
      return &each;
  return nullptr;
}

} // namespace flushtrace

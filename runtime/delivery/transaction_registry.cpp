#include "runtime/delivery/transaction_registry.hpp"

#include "runtime/formats/transaction_registration.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace apm {

namespace {

/// Registrations are settled within their invocation or the next; so many are
/// open together only where no telemetry tells how invocations ended.
constexpr size_t entries_max = 64;

/// An API Gateway event's headers are in a registration: 2 KB as a rule.
constexpr size_t bytes_max = 1024 * 1024;

/// The same under Managed Instances, where 1,600 invocations may be running:
/// none of them may be taken for ended. Such a sandbox has 2 GB at least.
constexpr size_t concurrent_entries_max = 2'048;
constexpr size_t concurrent_bytes_max = 8 * 1024 * 1024;

/// How long an agent has after its request's end: it sends its data before the
/// handler answers, and telemetry comes later than that.
constexpr std::chrono::seconds agents_time{1};

/// The same after a time-out under Managed Instances, which ends nothing but
/// the caller's wait. A handler that has not come to its end by then has most
/// likely gone with its worker, or hangs.
constexpr std::chrono::seconds agents_time_after_timeout{10};

/// What is remembered for a registration that comes late.
constexpr size_t remembered_max = 64;

template <class T>
void remember(std::deque<T>& memory, T x) {
  memory.push_back(std::move(x));
  if (memory.size() > remembered_max)
    memory.pop_front();
}

bool contains(const std::deque<std::string>& memory, std::string_view id) {
  return std::find(memory.begin(), memory.end(), id) != memory.end();
}

size_t size_of(const transaction_registered& x) {
  return x.line.size() + x.metadata.size();
}

/// Whether the process that the agent lived in is gone with the invocation.
bool is_killed(std::string_view status) {
  return status == "timeout" || status == "failure";
}

std::string_view outcome_of(std::string_view status) {
  if (status.empty())
    return "unknown";
  return status == "success" ? "success" : "failure";
}

/// *Units:* ms from the INVOKE to the end, at most to the deadline.
double duration_of(const runtime_end& end,
                   const std::deque<invocation_facts>& invocations) {
  for (const auto& known : invocations) {
    if (known.request_id != end.request_id)
      continue;
    auto at = end.at_ms == 0 ? known.deadline_ms : end.at_ms;
    if (known.deadline_ms != 0)
      at = std::min(at, known.deadline_ms);
    return static_cast<double>(std::max<wall_ms>(0, at - known.received_ms));
  }
  return 0;
}

} // namespace

void transaction_registry::add(transaction_registered x) {
  if (contains(delivered_ids_, x.transaction_id))
    return;
  if (auto* same = find(x.request_id)) {
    bytes_ += size_of(x) - size_of(same->registered);
    same->registered = std::move(x);
  } else {
    entry e;
    const auto early = std::find_if(
        early_ends_.begin(), early_ends_.end(), [&](const told_end& told) {
          return told.end.request_id == x.request_id;
        });
    if (early != early_ends_.end())
      end_entry(e, early->end, early->at);
    bytes_ += size_of(x);
    e.registered = std::move(x);
    entries_.push_back(std::move(e));
  }
  make_room();
}

/// The oldest that have not ended are taken for successes: they become due
/// instead of being forgotten.
void transaction_registry::make_room() {
  const auto count_max = is_concurrent_ ? concurrent_entries_max : entries_max;
  const auto size_max = is_concurrent_ ? concurrent_bytes_max : bytes_max;
  auto surplus = entries_.size() > count_max ? entries_.size() - count_max : 0;
  size_t excess = bytes_ > size_max ? bytes_ - size_max : 0;
  for (auto& e : entries_) {
    if (surplus == 0 && excess == 0)
      return;
    surplus -= std::min<size_t>(surplus, 1);
    excess -= std::min(excess, size_of(e.registered));
    if (!e.has_ended) {
      e.has_ended = true;
      e.end = {e.registered.request_id, "success", 0};
    }
  }
}

bool transaction_registry::delivered(const transaction_seen& x) {
  if (contains(substituted_ids_, x.id))
    return true;
  const auto same =
      std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) {
        return e.registered.transaction_id == x.id;
      });
  if (same == entries_.end()) {
    remember(delivered_ids_, x.id);
    return false;
  }
  bytes_ -= size_of(same->registered);
  entries_.erase(same);
  return false;
}

void transaction_registry::end_entry(entry& e, const runtime_end& end,
                                     steady_time now) const {
  e.has_ended = true;
  e.end = end;
  if (is_concurrent_)
    e.due =
        now
        + (end.status == "timeout" ? agents_time_after_timeout : agents_time);
}

void transaction_registry::runtime_ended(const runtime_end& x,
                                         steady_time now) {
  if (auto* open = find(x.request_id))
    return end_entry(*open, x, now);
  const bool is_known = std::any_of(
      early_ends_.begin(), early_ends_.end(), [&](const told_end& told) {
        return told.end.request_id == x.request_id;
      });
  if (!is_known)
    remember(early_ends_, {x, now});
}

void transaction_registry::shut_down(std::string_view reason,
                                     std::string_view last, wall_ms at_ms) {
  for (auto& e : entries_) {
    e.due = {};
    if (e.has_ended)
      continue;
    const bool is_last = is_concurrent_ || e.registered.request_id == last;
    // Lambda's reasons are the statuses of an invocation, but for spin-down,
    // which is not a failure of anything.
    const bool is_failed = is_last && reason != "spindown";
    e.has_ended = true;
    e.end = {e.registered.request_id,
             is_failed ? std::string{reason} : "success", at_ms};
  }
}

bool transaction_registry::is_due(const entry& e, bool is_intake_open,
                                  steady_time now) const {
  if (is_concurrent_)
    return e.has_ended && now >= e.due;
  return e.has_ended && (!is_intake_open || is_killed(e.end.status));
}

bool transaction_registry::has_due(bool is_intake_open, steady_time now) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const entry& e) {
    return is_due(e, is_intake_open, now);
  });
}

bool transaction_registry::has_ended() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const entry& e) { return e.has_ended; });
}

std::vector<substitute_transaction>
transaction_registry::take_due(const std::deque<invocation_facts>& invocations,
                               bool is_intake_open, steady_time now) {
  std::vector<substitute_transaction> due;
  for (auto i = entries_.begin(); i != entries_.end();) {
    if (!is_due(*i, is_intake_open, now)) {
      ++i;
      continue;
    }
    auto& x = i->registered;
    const auto status =
        i->end.status.empty() ? std::string{"unknown"} : i->end.status;
    auto line =
        complete_transaction(x.line.view(), {status, outcome_of(i->end.status),
                                             duration_of(i->end, invocations)});
    line += '\n';
    bytes_ -= size_of(x);
    remember(substituted_ids_, std::move(x.transaction_id));
    due.push_back({{std::move(x.metadata), std::move(x.user_agent)},
                   bytes{std::move(line)}});
    i = entries_.erase(i);
  }
  return due;
}

transaction_registry::entry*
transaction_registry::find(std::string_view request_id) {
  const auto i =
      std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) {
        return e.registered.request_id == request_id;
      });
  return i == entries_.end() ? nullptr : &*i;
}

} // namespace apm

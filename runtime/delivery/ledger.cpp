#include "runtime/delivery/ledger.hpp"

#include <numeric>

namespace apm {

std::string_view to_string(drop_reason reason) {
  switch (reason) {
  case drop_reason::rejected:
    return "rejected";
  case drop_reason::buffer_full:
    return "buffer_full";
  case drop_reason::ambiguous:
    return "ambiguous";
  case drop_reason::no_server:
    return "no_server";
  case drop_reason::duplicate:
    return "duplicate";
  case drop_reason::spill_lost:
    return "spill_lost";
  case drop_reason::killed:
    return "killed";
  case drop_reason::count:
    break;
  }
  return "unknown";
}

uint64_t account::dropped_total() const noexcept {
  return std::accumulate(dropped.begin(), dropped.end(), uint64_t{0});
}

namespace {

void apply_to(account& a, const line_fate& fate) {
  if (fate.is_accepted)
    a.accepted += fate.lines;
  else
    a.dropped[static_cast<size_t>(fate.reason)] += fate.lines;
}

} // namespace

void ledger::receive(uint64_t sequence, uint64_t lines) {
  events_[sequence].received += lines;
  total_.received += lines;
}

void ledger::apply(const std::vector<line_fate>& fates) {
  for (const auto& fate : fates) {
    apply_to(events_[fate.sequence], fate);
    apply_to(total_, fate);
  }
}

void ledger::lose_at_platform(uint64_t records, uint64_t bytes) noexcept {
  // The figures are the platform's word: they must not make the sum run over.
  const auto add = [](uint64_t& sum, uint64_t more) {
    sum = more > UINT64_MAX - sum ? UINT64_MAX : sum + more;
  };
  add(platform_.records, records);
  add(platform_.bytes, bytes);
}

account ledger::of(uint64_t sequence) const {
  const auto i = events_.find(sequence);
  return i == events_.end() ? account{} : i->second;
}

void ledger::fold_before(uint64_t sequence) {
  for (auto i = events_.begin(); i != events_.end() && i->first < sequence;) {
    if (i->second.outstanding() == 0)
      i = events_.erase(i);
    else
      ++i;
  }
}

} // namespace apm

// Following who handles what; see history.hpp.
#include "tools/flushtrace/explore/history.hpp"

#include "tools/flushtrace/explore/hashing.hpp"

#include <algorithm>

namespace flushtrace {

using apm::trace::record_kind;

namespace {

/// Records of a life of one invocation.
constexpr size_t turns_spare = 256;

} // namespace

history::member& history::member_of(uint32_t reference) {
  const auto at = std::lower_bound(
      members_.begin(), members_.end(), reference,
      [](const member& x, uint32_t to) { return x.reference < to; });
  if (at != members_.end() && at->reference == reference)
    return *at;
  member fresh;
  fresh.reference = reference;
  return *members_.insert(at, std::move(fresh));
}

uint64_t history::turn_hash(uint64_t sequence) const noexcept {
  return sequence < turns_.size() ? turns_[sequence] : 0;
}

void history::keep_turn(uint64_t sequence, uint64_t hash) {
  if (sequence >= turns_.size())
    turns_.resize(sequence + turns_spare);
  turns_[sequence] = hash;
}

void history::note(const apm::trace::record& x) {
  auto& who = member_of(x.actor.value);
  switch (static_cast<record_kind>(x.kind)) {
  case record_kind::born:
    who.state = mix(turn_hash(x.cause), x.actor.value);
    keep_turn(x.sequence, who.state);
    return;
  case record_kind::enqueued: {
    const auto from = x.cause == 0 ? entering_ : turn_hash(x.cause);
    if (!who.has_ended)
      who.mail.push_back({x.sequence, mix(from, ++effect_)});
    return;
  }
  case record_kind::handled: {
    const auto mail =
        std::find_if(who.mail.begin(), who.mail.end(),
                     [&](const waiting& w) { return w.sequence == x.cause; });
    const auto message = mail == who.mail.end() ? 0 : mail->hash;
    if (mail != who.mail.end())
      who.mail.erase(mail);
    who.state = mix(who.state, message, static_cast<uint64_t>(x.time_ns));
    keep_turn(x.sequence, who.state);
    effect_ = 0;
    return;
  }
  case record_kind::exited:
    who.has_ended = true;
    who.mail.clear();
    keep_turn(x.sequence, mix(who.state, 1U));
    effect_ = 0;
    return;
  default:
    return;
  }
}

uint64_t history::fingerprint() const {
  uint64_t hash = 0;
  for (const auto& who : members_) {
    if (who.has_ended)
      continue;
    hash = mix(hash, who.reference, who.state);
    for (const auto& each : who.mail)
      hash = mix(hash, each.hash);
  }
  return hash;
}

} // namespace flushtrace

// Finding what was read in a turn; see recorded_readings.hpp.
#include "tools/flushtrace/replay/recorded_readings.hpp"

#include "runtime/trace/wire.hpp"

#include <algorithm>

namespace flushtrace {

using apm::trace::byte_reader;
using apm::trace::record_kind;

const record* recorded_readings::next(record_kind kind, size_t& from) noexcept {
  for (from = std::max(from, at_); from < run_.records; ++from) {
    const auto& x = run_.all()[from];
    if (x.time_ns > time_ns_)
      break; // a turn has one time
    if (is_kind(x, kind) && x.time_ns == time_ns_)
      return &run_.all()[from++];
  }
  lacks_any_ = true;
  return nullptr;
}

apm::wall_ms recorded_readings::wall(uint64_t turn) {
  if (turn == wall_turn_ && turn != 0)
    return wall_;
  wall_turn_ = turn;
  const auto* found = next(record_kind::wall_read, next_wall_);
  wall_ = found == nullptr ? run_.of->wall_ns(time_ns_) / 1'000'000
                           : byte_reader{found->payload}.i();
  return wall_;
}

uint64_t recorded_readings::draw() {
  const auto* found = next(record_kind::random_draw, next_draw_);
  return found == nullptr ? 0 : byte_reader{found->payload}.u();
}

apm::trace::clock_readings recorded_readings::anchor() {
  if (time_ns_ == 0) // nothing has begun yet
    return run_.of->content.process.start;
  const auto* found = next(record_kind::clock_anchor, next_anchor_);
  if (found == nullptr)
    return {};
  byte_reader in{found->payload};
  const auto monotonic = in.i();
  const auto real = in.i();
  return {monotonic, real, in.i()};
}

} // namespace flushtrace

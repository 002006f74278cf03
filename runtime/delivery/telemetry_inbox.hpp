// Deliveries of the platform that were taken but not yet turned into lines.
// They stay here until the LOG PROCESSOR's result is in, one under work at a
// time, since each result carries the stream's position for the next.
#pragma once

#include "messages/telemetry.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace apm {

class telemetry_inbox {
public:
  /// Takes a delivery, unless it has been here before: the platform repeats one
  /// whose answer it did not get. @returns whether it was new
  bool add(telemetry_batch taken) {
    if (std::find(recent_.begin(), recent_.end(), taken.fingerprint)
        != recent_.end())
      return false;
    recent_.push_back(taken.fingerprint);
    if (recent_.size() > recent_max)
      recent_.pop_front();
    bytes_ += taken.body_bytes;
    batches_.emplace(taken.id, std::move(taken));
    return true;
  }

  /// The oldest delivery, unless one is under work already.
  const telemetry_batch* begin_next() {
    if (under_work_ || batches_.empty())
      return nullptr;
    under_work_ = batches_.begin()->first;
    return &batches_.begin()->second;
  }

  /// Forgets a delivery whose result is in. @returns whether it was known
  bool finish(uint64_t id) {
    const auto i = batches_.find(id);
    if (i == batches_.end())
      return false;
    bytes_ -= i->second.body_bytes;
    batches_.erase(i);
    if (under_work_ == id)
      under_work_.reset();
    return true;
  }

  /// The LOG PROCESSOR is gone: what it was at is to be done again.
  void restart() noexcept { under_work_.reset(); }

  std::optional<uint64_t> under_work() const noexcept { return under_work_; }

  bool empty() const noexcept { return batches_.empty(); }

  size_t size() const noexcept { return batches_.size(); }

  /// *Units:* bytes of the bodies as delivered.
  uint64_t held_bytes() const noexcept { return bytes_; }

private:
  /// A repetition follows its original within seconds; so many deliveries are
  /// never under way together.
  static constexpr size_t recent_max = 64;

  std::deque<uint64_t> recent_; ///< fingerprints, oldest first
  std::map<uint64_t, telemetry_batch> batches_;
  std::optional<uint64_t> under_work_;
  uint64_t bytes_ = 0;
};

} // namespace apm

// Whether the APM Server is worth a request. The breaker outlives invocations:
// the first failure opens it, and while it is open no invocation is held up at
// its end. A probe goes out in the background of an invocation once the grace
// period is over, and a success closes it. What an invocation's end waits for
// it is what a well server takes: a shorter invocation would end every probe.
//
//   circuit_breaker breaker;
//   if (breaker.allows(ship_moment::event_end, now))
//     …                                     // a request may be started
//   breaker.failed(now, retry_after, random.next());
#pragma once

#include "messages/time.hpp"
#include "runtime/delivery/shipping_policy.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace apm {

/// The moments at which a request may be started.
enum class ship_moment : uint8_t {
  event_begin, ///< an invocation has just begun: time is plenty
  event_run,   ///< while it runs
  event_end,   ///< it is over and waits for us
  shutdown,    ///< the last chance
};

class circuit_breaker {
public:
  circuit_breaker() = default;

  explicit circuit_breaker(const shipping_policy& policy) : policy_(policy) {}

  /// Whether a request may be started.
  bool allows(ship_moment moment, steady_time now) const noexcept {
    switch (moment) {
    case ship_moment::event_begin:
    case ship_moment::event_run:
      return !is_open() || now >= probe_at_;
    case ship_moment::event_end:
      return !is_open();
    case ship_moment::shutdown:
      return true;
    }
    return false;
  }

  /// So long a server is left alone because it asks for it: a page of an hour's
  /// maintenance would let more come in than there is room for.
  static constexpr std::chrono::milliseconds retry_after_max{60'000};

  void succeeded() noexcept { failures_ = 0; }

  /// The server, which is well, took so long to answer.
  void answered(std::chrono::nanoseconds took) noexcept { took_ = took; }

  /// How long the answer to a probe is worth waiting for at an invocation's
  /// end: twice what the last good one took; zero where there has been none.
  std::chrono::nanoseconds patience() const noexcept {
    return std::min<std::chrono::nanoseconds>(2 * took_,
                                              policy_.probe_patience_max);
  }

  /// @param retry_after what the server asked for; 0: nothing
  /// @param random spreads the probes of many sandboxes over the grace period
  void failed(steady_time now, std::chrono::milliseconds retry_after,
              uint64_t random) noexcept {
    if (!policy_.has_breaker)
      return;
    ++failures_;
    const auto grace = grace_of(failures_, random, policy_.grace);
    probe_at_ = now + std::max(grace, std::min(retry_after, retry_after_max));
  }

  /// What made the requests fail may be mended: the next probe may go out now.
  void end_grace(steady_time now) noexcept {
    if (now < probe_at_)
      probe_at_ = now;
  }

  bool is_open() const noexcept { return failures_ > 0; }

  uint32_t failures() const noexcept { return failures_; }

  /// When the next probe may go out; meaningless while the breaker is closed.
  steady_time probe_at() const noexcept { return probe_at_; }

  /// How long the server is left alone after `failures` failures in a row: up
  /// to 1 s after the first, for a server that only hiccuped, then n² s with n
  /// up to 6, give or take a tenth.
  /// *Source:* elastic/apm, `specs/agents/transport.md` (n², 36 s, ± 10 %).
  static std::chrono::milliseconds
  grace_of(uint32_t failures, uint64_t random,
           std::chrono::milliseconds unit = shipping_policy{}.grace) noexcept {
    const auto drawn = static_cast<int64_t>(random % 1000);
    if (failures <= 1)
      return unit * drawn / 1000;
    const int64_t n = failures - 1 < 6 ? failures - 1 : 6;
    const int64_t whole_ms = n * n * unit.count();
    return std::chrono::milliseconds{whole_ms * 9 / 10
                                     + whole_ms * 2 / 10 * drawn / 1000};
  }

private:
  shipping_policy policy_;
  uint32_t failures_ = 0; ///< in a row
  std::chrono::nanoseconds took_{0};
  steady_time probe_at_;
};

} // namespace apm

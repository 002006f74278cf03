// A timer that can be set again and cancelled for sure: after `cancel`, or when
// the timer is gone, its handler is not called, even if its time had come and
// the call was already under way. Times are CLOCK_MONOTONIC ns.
#pragma once

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace sandbox {

class one_shot_timer {
public:
  explicit one_shot_timer(boost::asio::io_context& io) : timer_{io} {}

  /// Calls `handle` at that moment, or at once if it is over. What was set
  /// before is forgotten.
  void at(std::int64_t when_ns, std::function<void()> handle) {
    setting_ = std::make_shared<std::function<void()>>(std::move(handle));
    timer_.expires_at(std::chrono::steady_clock::time_point{
        std::chrono::nanoseconds{when_ns}});
    timer_.async_wait([weak = std::weak_ptr<std::function<void()>>{setting_}](
                          boost::system::error_code error) {
      const auto setting = weak.lock();
      if (!error && setting)
        (*setting)();
    });
  }

  void after_ms(std::int64_t ms, std::function<void()> handle) {
    at(now_ns() + ms * ns_per_ms, std::move(handle));
  }

  void cancel() {
    setting_.reset();
    timer_.cancel();
  }

private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<std::function<void()>> setting_;
};

} // namespace sandbox

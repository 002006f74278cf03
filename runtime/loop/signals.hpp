// SIGTERM and SIGINT as an event of the loop, by signalfd. SIGPIPE is ignored.
#pragma once

#include "runtime/loop/loop.hpp"
#include "runtime/result.hpp"

#include <functional>

namespace apm {

class signals : reactor::watcher {
public:
  using handler = std::function<void(int)>;

  signals(loop& owner, handler on_signal);

  ~signals();

  signals(const signals&) = delete;
  signals& operator=(const signals&) = delete;

  /// From now on both signals arrive at the handler instead of ending the
  /// process. *Errors:* `errc::io`.
  result<void> watch();

private:
  void on_ready(unsigned events) override;

  loop& loop_;
  handler on_signal_;
  reactor::watch watch_;
};

} // namespace apm

// SIGTERM and SIGINT as an event of the loop, by signalfd. SIGPIPE is ignored.
#pragma once

#include "runtime/loop/loop.hpp"
#include "runtime/result.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace apm {

class signals {
public:
  using handler = std::function<void(int)>;

  signals(loop& owner, handler on_signal);

  /// From now on both signals arrive at the handler instead of ending the
  /// process. *Errors:* `errc::io`.
  result<void> watch();

private:
  void wait();

  loop& loop_;
  handler on_signal_;
  boost::asio::posix::basic_stream_descriptor<
      boost::asio::io_context::executor_type>
      stream_;
};

} // namespace apm

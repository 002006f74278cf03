// The fault `kill_extension` of a scenario: SIGKILL to the extensions at a
// moment that is counted from the begin of a phase, whatever they are at then.
// What follows is the platform's business, as with any extension that crashes.
//   kill_switch kills{io, observer, [] { … }};
//   kills.arm(planned.kill_extension, "invoke");
#pragma once

#include "tools/lambda-sandbox/lambda/one_shot_timer.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>

namespace sandbox {

class kill_switch {
public:
  kill_switch(boost::asio::io_context& io, std::function<void()> kill);

  /// A phase begins: sets the kill, if one is planned in it.
  /// @param directory whose files are watched for `at_file`
  void arm(const std::optional<extension_kill>& planned, const char* phase,
           const std::string& directory);

  /// Forgets a kill that is set.
  void disarm();

private:
  void watch(const std::string& directory);
  void await_change();

  std::function<void()> kill_;
  one_shot_timer timer_;
  boost::asio::posix::stream_descriptor changes_;
  std::array<char, 4096> buffer_{}; ///< of inotify's events: none is looked at
};

} // namespace sandbox

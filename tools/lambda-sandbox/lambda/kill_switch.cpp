// Timer and watched directory; see kill_switch.hpp.
#include "tools/lambda-sandbox/lambda/kill_switch.hpp"

#include <boost/asio/buffer.hpp>
#include <sys/inotify.h>

#include <cmath>
#include <utility>

namespace sandbox {

kill_switch::kill_switch(boost::asio::io_context& io,
                         std::function<void()> kill)
    : kill_{std::move(kill)}, timer_{io}, changes_{io} {}

void kill_switch::arm(const std::optional<extension_kill>& planned,
                      const char* phase, const std::string& directory) {
  if (!planned || planned->phase != phase)
    return;
  disarm();
  const auto after_ns = static_cast<std::int64_t>(
      std::llround(planned->after_ms * static_cast<double>(ns_per_ms)));
  timer_.at(now_ns() + after_ns,
            [this, is_at_file = planned->is_at_file, directory] {
              if (is_at_file)
                watch(directory);
              else
                kill_();
            });
}

void kill_switch::disarm() {
  timer_.cancel();
  boost::system::error_code ignored;
  changes_.close(ignored);
}

void kill_switch::watch(const std::string& directory) {
  const int notifier = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (notifier < 0)
    return;
  changes_.assign(notifier);
  if (inotify_add_watch(notifier, directory.c_str(),
                        IN_CREATE | IN_MOVED_TO | IN_DELETE)
      >= 0)
    await_change();
}

void kill_switch::await_change() {
  changes_.async_read_some(
      boost::asio::buffer(buffer_),
      [this](boost::system::error_code error, std::size_t) {
        if (error)
          return;
        boost::system::error_code ignored;
        changes_.close(ignored);
        kill_();
      });
}

} // namespace sandbox

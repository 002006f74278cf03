// Windows of repeated messages; see repeat_limiter.hpp.
#include "runtime/log/repeat_limiter.hpp"

#include <algorithm>
#include <utility>

namespace apm {

bool repeat_limiter::admit(steady_time now, log_level level,
                           std::string_view message) {
  auto found =
      std::find_if(watched_.begin(), watched_.end(), [&](const watched& x) {
        return x.held.level == level && x.held.message == message;
      });
  if (found == watched_.end()) {
    if (watched_.size() >= limits_.messages_max)
      let_go_of_oldest();
    watched_.push_back({{level, std::string{message}, 0}, now, 0});
    found = std::prev(watched_.end());
  }
  if (found->written < limits_.times) {
    ++found->written;
    return true;
  }
  ++found->held.count;
  return false;
}

std::vector<withheld> repeat_limiter::take_due(steady_time now) {
  while (!watched_.empty() && now - watched_.front().begin >= limits_.window)
    let_go_of_oldest();
  return std::exchange(due_, {});
}

std::vector<withheld> repeat_limiter::take_all() {
  while (!watched_.empty())
    let_go_of_oldest();
  return std::exchange(due_, {});
}

void repeat_limiter::let_go_of_oldest() {
  if (watched_.front().held.count > 0)
    due_.push_back(std::move(watched_.front().held));
  watched_.pop_front();
}

} // namespace apm

#include "runtime/loop/reactor.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cstdlib>

namespace apm {

namespace {

/// More than the descriptors that both listeners, libcurl and we have at their
/// bounds: so one call shows all that is ready, and no socket is overlooked
/// before timers are fired.
constexpr int events_max = 600;

uint32_t bits_of(unsigned events) {
  uint32_t bits = 0;
  if ((events & reactor::readable) != 0)
    bits |= EPOLLIN;
  if ((events & reactor::writable) != 0)
    bits |= EPOLLOUT;
  return bits;
}

unsigned events_of(uint32_t bits) {
  if ((bits & (EPOLLERR | EPOLLHUP)) != 0)
    return reactor::readable | reactor::writable;
  unsigned events = 0;
  if ((bits & EPOLLIN) != 0)
    events |= reactor::readable;
  if ((bits & EPOLLOUT) != 0)
    events |= reactor::writable;
  return events;
}

} // namespace

reactor::reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0)
    std::abort(); // at the very start, with no descriptor left
}

reactor::~reactor() {
  ::close(epoll_);
}

int reactor::poll(std::chrono::milliseconds wait_max) {
  static epoll_event ready[events_max]; // a poll never nests
  const int count = ::epoll_wait(epoll_, ready, events_max,
                                 static_cast<int>(wait_max.count()));
  for (int i = 0; i < count; ++i) {
    // A watcher before it may have ended this one.
    const auto found = watches_.find(ready[i].data.u64);
    if (found != watches_.end())
      found->second->on_event(events_of(ready[i].events));
  }
  return count < 0 ? 0 : count; // a signal: nothing was ready
}

void reactor::watch::assign(int fd) {
  release();
  fd_ = fd;
  key_ = owner_.next_key_++;
  owner_.watches_.emplace(key_, this);
}

void reactor::watch::want(unsigned events) {
  wanted_ = events;
  if (fd_ < 0)
    return;
  // A socket is nearly always writable: that wish is taken back at once.
  const unsigned needed = events | (armed_ & readable);
  if (needed != armed_)
    control(is_registered_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, needed);
}

void reactor::watch::release() {
  if (fd_ < 0)
    return;
  if (is_registered_)
    control(EPOLL_CTL_DEL, 0);
  owner_.watches_.erase(key_);
  wanted_ = 0;
  fd_ = -1;
}

void reactor::watch::control(int operation, unsigned events) {
  epoll_event event{};
  event.events = bits_of(events);
  event.data.u64 = key_;
  ::epoll_ctl(owner_.epoll_, operation, fd_, &event);
  armed_ = events;
  is_registered_ = operation != EPOLL_CTL_DEL;
}

void reactor::watch::on_event(unsigned events) {
  if ((events & wanted_) != 0)
    return who_.on_ready(events & wanted_);
  // Nobody wants it now, and it would come again and again. Hang-ups come even
  // to those that ask for nothing.
  if (wanted_ == 0)
    control(EPOLL_CTL_DEL, 0);
  else
    control(EPOLL_CTL_MOD, wanted_);
}

} // namespace apm

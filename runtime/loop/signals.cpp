#include "runtime/loop/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace apm {

signals::signals(loop& owner, handler on_signal)
    : loop_(owner),
      on_signal_(std::move(on_signal)),
      watch_(owner.reactor(), *this) {
  // nop
}

signals::~signals() {
  const int fd = watch_.fd();
  watch_.release();
  if (fd >= 0)
    ::close(fd);
}

result<void> signals::watch() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  const int fd = ::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0)
    return error{errc::io, std::string{"signalfd: "} + std::strerror(errno)};
  sigprocmask(SIG_BLOCK, &wanted, nullptr);
  // A connection, or our standard output, whose other end is gone must not end
  // us: OpenSSL and `write` would. libcurl is told to leave signals alone.
  ::signal(SIGPIPE, SIG_IGN);
  watch_.assign(fd);
  watch_.want(reactor::readable);
  return boost::outcome_v2::success();
}

void signals::on_ready(unsigned) {
  loop_.enter();
  signalfd_siginfo info{};
  while (::read(watch_.fd(), &info, sizeof info) == sizeof info)
    on_signal_(static_cast<int>(info.ssi_signo));
}

} // namespace apm

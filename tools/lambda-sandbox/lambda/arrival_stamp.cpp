// The kernel stamps in CLOCK_REALTIME; see arrival_stamp.hpp.
#include "tools/lambda-sandbox/lambda/arrival_stamp.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace sandbox {

namespace {

/// A stamp older than this is none: the machine's time was set meanwhile.
constexpr std::int64_t stamp_age_max_ns = 60'000 * ns_per_ms;

std::int64_t stamp_of(msghdr& message, std::int64_t read_ns) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
      continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    const auto arrived =
        static_cast<std::int64_t>(stamp.tv_sec) * 1'000'000'000 + stamp.tv_nsec;
    const auto age = unix_now_ns() - arrived;
    if (age >= 0 && age < stamp_age_max_ns)
      return read_ns - age;
  }
  return read_ns;
}

} // namespace

void enable_arrival_stamps(int socket) {
  const int on = 1;
  // Where it fails, the time of reading is the next best stamp.
  (void)setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

stamped_read read_stamped(int socket, char* buffer, std::size_t size) {
  iovec place{buffer, size};
  alignas(cmsghdr) char control[128];
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  stamped_read result;
  do
    result.bytes = recvmsg(socket, &message, MSG_DONTWAIT);
  while (result.bytes < 0 && errno == EINTR);
  const auto read_ns = now_ns();
  if (result.bytes < 0)
    result.error = errno;
  else
    result.arrived_ns = stamp_of(message, read_ns);
  return result;
}

} // namespace sandbox

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

/// What to add to a time of CLOCK_REALTIME to have it in CLOCK_MONOTONIC. The
/// clocks can't be read at once: if the process lost the processor in between,
/// they are read again.
std::int64_t clock_offset_ns() {
  constexpr std::int64_t close_enough_ns = 2'000;
  std::int64_t best_span_ns = INT64_MAX;
  std::int64_t offset_ns = 0;
  for (int attempt = 0; attempt < 3 && best_span_ns > close_enough_ns;
       ++attempt) {
    const auto before_ns = now_ns();
    const auto unix_ns = unix_now_ns();
    const auto span_ns = now_ns() - before_ns;
    if (span_ns >= best_span_ns)
      continue;
    best_span_ns = span_ns;
    offset_ns = before_ns + span_ns / 2 - unix_ns;
  }
  return offset_ns;
}

std::int64_t stamp_of(msghdr& message, std::int64_t read_ns) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
      continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    const auto arrived_ns =
        static_cast<std::int64_t>(stamp.tv_sec) * 1'000'000'000 + stamp.tv_nsec
        + clock_offset_ns();
    if (arrived_ns <= read_ns && read_ns - arrived_ns < stamp_age_max_ns)
      return arrived_ns;
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
  iovec place{};
  place.iov_base = buffer;
  place.iov_len = size;
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

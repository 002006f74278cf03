// Reading from a TCP socket together with the kernel's own time stamp of the
// bytes' arrival (SO_TIMESTAMPNS), which needs no rights and works on loopback.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sandbox {

/// Asks the kernel to stamp what arrives; accepted sockets inherit it.
void enable_arrival_stamps(int socket);

struct stamped_read {
  /// Bytes read; 0 at the end of the stream, -1 on an error.
  std::ptrdiff_t bytes = -1;
  /// Value of errno if `bytes` is -1.
  int error = 0;
  /// CLOCK_MONOTONIC ns at which the last of these bytes arrived.
  std::int64_t arrived_ns = 0;
};

/// Reads what is there, without waiting.
stamped_read read_stamped(int socket, char* buffer, std::size_t size);

} // namespace sandbox

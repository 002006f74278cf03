// What a process has used, from outside and without its help: processor time
// to the nanosecond, peak memory, threads.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace sandbox {

/// Returns the processor time of all threads, ended ones included, since the
/// process began. *Units*: ns. *Errors*: -1 if there is no such process.
std::int64_t processor_time_ns(pid_t pid);

/// *Units*: KiB. -1: unknown.
struct process_memory {
  /// Peak resident memory (VmHWM).
  std::int64_t peak_kib = -1;
  /// Pages of files that are resident now (RssFile): program and libraries.
  std::int64_t file_kib = -1;
  int threads = -1;
};

/// Reads /proc/PID/status. A process that has ended has no memory any more.
process_memory memory_of(pid_t pid);

} // namespace sandbox

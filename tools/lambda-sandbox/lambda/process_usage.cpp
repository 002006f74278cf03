// Reads the kernel's books on a process; see process_usage.hpp.
#include "tools/lambda-sandbox/lambda/process_usage.hpp"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace sandbox {

std::int64_t processor_time_ns(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
    return -1;
  return static_cast<std::int64_t>(used.tv_sec) * 1'000'000'000 + used.tv_nsec;
}

process_memory memory_of(pid_t pid) {
  process_memory memory;
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);) {
    std::istringstream words{line};
    std::string name;
    words >> name;
    if (name == "VmHWM:")
      words >> memory.peak_kib;
    else if (name == "RssFile:")
      words >> memory.file_kib;
    else if (name == "Threads:")
      words >> memory.threads;
  }
  return memory;
}

} // namespace sandbox

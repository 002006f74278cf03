// Workers: see the header.
#include "tools/lambda-sandbox/function/workers.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace sandbox::builtin {

// A lock of fcntl(2) belongs to a process, which flock(2)'s would not: that
// goes with the descriptor, and workers share it.
process_lock::process_lock()
    : descriptor_(memfd_create("workers", MFD_CLOEXEC)) {}

void process_lock::lock() const {
  set(F_WRLCK);
}

void process_lock::unlock() const {
  set(F_UNLCK);
}

void process_lock::set(short type) const {
  struct flock whole {};
  whole.l_type = type;
  whole.l_whence = SEEK_SET;
  while (fcntl(descriptor_, F_SETLKW, &whole) != 0 && errno == EINTR) {
  }
}

int run_workers(int count, const std::function<int()>& work) {
  const auto parent = getpid();
  int started = 0;
  for (int i = 0; i < count; ++i) {
    const auto child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent)
        std::_Exit(1); // the runtime died before it could take us along
      std::_Exit(work());
    }
    started += child > 0 ? 1 : 0;
  }
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  return started == 0 ? 1 : 0;
}

} // namespace sandbox::builtin

#include "runtime/trace/ring_file.hpp"

#include "runtime/trace/ring_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace apm::trace {

namespace {

error os_error(const std::string& path, int code) {
  return {errc::io, path + ": " + std::strerror(code)};
}

int open_new(const std::string& path) {
  constexpr mode_t owner_only = 0600;
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                owner_only);
}

/// Puts what is there aside, unless its process lives. @returns whether the
/// place is free now
bool put_aside(const std::string& path, const std::string& aside) {
  const int old =
      ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  const bool is_alive = old >= 0 && ::flock(old, LOCK_EX | LOCK_NB) != 0;
  if (old >= 0)
    ::close(old);
  return !is_alive && ::rename(path.c_str(), aside.c_str()) == 0;
}

} // namespace

std::string ring_path(const std::string& folder) {
  return folder + "/apm-lambda-extension.ring";
}

std::string left_ring_path(const std::string& folder) {
  return ring_path(folder) + ".left";
}

result<ring_file> ring_file::create(const std::string& folder, size_t bytes) {
  auto path = ring_path(folder);
  int file = open_new(path);
  if (file < 0 && errno == EEXIST) {
    if (!put_aside(path, left_ring_path(folder)))
      path += '.' + std::to_string(::getpid());
    file = open_new(path);
  }
  if (file < 0)
    return os_error(path, errno);
  const auto size = ring_writer::ring_bytes(bytes / slot_bytes);
  ::flock(file, LOCK_EX | LOCK_NB);
  // A page without a place on a full disk would end us with SIGBUS.
  int problem = ::posix_fallocate(file, 0, static_cast<off_t>(size));
  void* memory = MAP_FAILED;
  if (problem == 0) {
    memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    problem = memory == MAP_FAILED ? errno : 0;
  }
  if (problem != 0) {
    ::close(file);
    ::unlink(path.c_str());
    return os_error(path, problem);
  }
  return ring_file{std::move(path), file, static_cast<char*>(memory), size};
}

ring_file::ring_file(ring_file&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      memory_(std::exchange(other.memory_, nullptr)),
      bytes_(other.bytes_) {}

ring_file::~ring_file() {
  if (memory_ != nullptr)
    ::munmap(memory_, bytes_);
  if (file_ >= 0)
    ::close(file_);
}

} // namespace apm::trace

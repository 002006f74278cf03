#include "runtime/spill/spill_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace apm {

namespace {

class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const noexcept { return fd_; }

private:
  int fd_;
};

error os_error(const std::string& what) {
  return {errc::io, what + ": " + std::strerror(errno)};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

result<void> write_parts(int fd, const std::function<std::string()>& next,
                         uint64_t bytes_max) {
  uint64_t size = 0;
  for (auto part = next(); !part.empty(); part = next()) {
    size += part.size();
    if (size > bytes_max)
      return error{errc::too_large, "would be too long"};
    if (!write_all(fd, part))
      return os_error("cannot be written");
  }
  return boost::outcome_v2::success();
}

result<uint64_t> size_of(int fd, uint64_t bytes_max) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0)
    return os_error("cannot be looked at");
  if (!S_ISREG(facts.st_mode) || facts.st_uid != ::geteuid())
    return error{errc::io, "is no plain file of ours"};
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (size > bytes_max)
    return error{errc::too_large, "is longer than any that we write"};
  return size;
}

} // namespace

taken_spill::~taken_spill() {
  if (fd_ >= 0)
    ::close(fd_);
}

std::string taken_spill::read(size_t wanted) {
  std::string text(wanted, '\0');
  size_t at = 0;
  while (at < wanted) {
    const auto n = ::read(fd_, text.data() + at, wanted - at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    at += static_cast<size_t>(n);
  }
  text.resize(at);
  return text;
}

spill_file::spill_file(const std::string& folder, uint64_t bytes_max)
    : path_(folder + "/apm-lambda-extension.spill"),
      unfinished_path_(path_ + ".new"),
      bytes_max_(bytes_max) {}

result<void> spill_file::write(const std::function<std::string()>& next) const {
  constexpr mode_t owner_only = 0600;
  ::unlink(unfinished_path_.c_str()); // of one that was killed
  const descriptor file{::open(unfinished_path_.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                               owner_only)};
  if (file.get() < 0)
    return os_error("cannot be made");
  auto written = write_parts(file.get(), next, bytes_max_);
  if (written && ::rename(unfinished_path_.c_str(), path_.c_str()) != 0)
    written = os_error("cannot be written");
  if (!written)
    ::unlink(unfinished_path_.c_str());
  return written;
}

result<taken_spill> spill_file::take() const {
  ::unlink(unfinished_path_.c_str()); // of one that was killed
  // Without waiting: a pipe of that name would have us wait for its writer.
  const int fd =
      ::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return taken_spill{};
  const auto size = fd < 0 ? result<uint64_t>{os_error("cannot be opened")}
                           : size_of(fd, bytes_max_);
  taken_spill taken{fd, size ? size.value() : 0};
  // Before its content is looked at: should that kill us, then only once.
  if (::unlink(path_.c_str()) != 0 && size)
    return os_error("cannot be removed");
  if (!size)
    return size.error();
  return taken;
}

} // namespace apm

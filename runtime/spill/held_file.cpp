#include "runtime/spill/held_file.hpp"

#include "runtime/formats/held_format.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace apm {

namespace {

/// Of another process that lives, its figures are none of our business.
bool is_free_file(int fd) {
  struct stat facts {};
  return ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)
         && ::flock(fd, LOCK_EX | LOCK_NB) == 0;
}

} // namespace

held_file::held_file(const std::string& folder, std::string_view owner)
    : path_(folder + "/apm-lambda-extension.held"), owner_(owner) {}

held_file::~held_file() {
  if (fd_ >= 0)
    ::close(fd_);
}

held_figures held_file::open() {
  constexpr mode_t owner_only = 0600;
  fd_ = ::open(path_.c_str(),
               O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
               owner_only);
  if (fd_ < 0)
    return {};
  if (!is_free_file(fd_)) {
    ::close(fd_);
    fd_ = -1;
    return {};
  }
  held_text text{};
  const auto size = ::pread(fd_, text.data(), text.size(), 0);
  const auto read = size < 0 ? size_t{0} : static_cast<size_t>(size);
  return read_held(owner_, {text.data(), read}).value_or(held_figures{});
}

void held_file::keep(const held_figures& x) noexcept {
  if (fd_ < 0 || (is_kept_ && x == kept_))
    return;
  const auto text = write_held(owner_, x);
  const auto size = static_cast<ssize_t>(text.size());
  if (::pwrite(fd_, text.data(), text.size(), 0) != size)
    return give_up();
  kept_ = x;
  is_kept_ = true;
}

void held_file::told(uint64_t lines) noexcept {
  auto rest = kept_;
  rest.lines -= std::min(lines, rest.lines);
  if (rest.lines == 0)
    rest.bytes = rest.lines_under_way = 0;
  keep(rest);
}

void held_file::give_up() noexcept {
  ::unlink(path_.c_str());
  ::close(fd_);
  fd_ = -1;
}

void held_file::close() noexcept {
  if (fd_ < 0)
    return;
  if (is_kept_) {
    auto last = kept_;
    last.dropped = 0;
    if (last == held_figures{})
      return give_up();
    keep(last);
  }
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

} // namespace apm

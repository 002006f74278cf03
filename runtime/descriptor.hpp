// A file descriptor that is closed at its end, and writing all of a text to
// one.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace apm {

/// *Ownership:* of the number; a negative one is none.
class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  int get() const noexcept { return number_; }

private:
  int number_;
};

/// Writes all of `text`. *Errors:* false, and `errno` says which.
[[nodiscard]] inline bool write_all(int number, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(number, text.data(), text.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

} // namespace apm

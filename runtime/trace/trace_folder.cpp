#include "runtime/trace/trace_folder.hpp"

#include "runtime/descriptor.hpp"
#include "runtime/trace/ring_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace apm::trace {

namespace {

constexpr std::string_view prefix = "apm-lambda-extension-";
constexpr std::string_view suffix = ".atrc";

/// The largest that a setting allows, and its header.
constexpr uint64_t ring_bytes_max = 65 * 1024 * 1024;

error os_error(const std::string& path) {
  return {errc::io, path + ": " + std::strerror(errno)};
}

bool is_segment(std::string_view name) {
  return name.size() > prefix.size() + suffix.size()
         && name.substr(0, prefix.size()) == prefix
         && name.substr(name.size() - suffix.size()) == suffix;
}

uint64_t size_of(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0
             ? static_cast<uint64_t>(facts.st_size)
             : 0;
}

/// With zeros in front, so that names sort as numbers do.
std::string padded(uint64_t number, size_t digits) {
  const auto text = std::to_string(number);
  return text.size() < digits ? std::string(digits - text.size(), '0') + text
                              : text;
}

} // namespace

result<std::string> read_file(const std::string& path, uint64_t bytes_max) {
  // Without waiting: a pipe of that name would have us wait for its writer.
  const descriptor file{
      ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0)
    return os_error(path);
  if (!S_ISREG(facts.st_mode))
    return error{errc::io, path + ": is no plain file"};
  if (static_cast<uint64_t>(facts.st_size) > bytes_max)
    return error{errc::too_large, path + ": is longer than any that we write"};
  std::string text(static_cast<size_t>(facts.st_size), '\0');
  size_t at = 0;
  while (at < text.size()) {
    const auto n = ::read(file.get(), text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return os_error(path);
    if (n == 0)
      break;
    at += static_cast<size_t>(n);
  }
  text.resize(at);
  return text;
}

trace_folder::trace_folder(std::string path, uint64_t bytes_max)
    : path_(std::move(path)), bytes_max_(bytes_max) {}

std::vector<std::string> trace_folder::segments() const {
  std::vector<std::string> found;
  DIR* folder = ::opendir(path_.c_str());
  if (folder == nullptr)
    return found;
  while (const auto* each = ::readdir(folder))
    if (is_segment(static_cast<const char*>(each->d_name)))
      found.push_back(path_ + '/' + static_cast<const char*>(each->d_name));
  ::closedir(folder);
  std::sort(found.begin(), found.end());
  return found;
}

void trace_folder::make_room(uint64_t bytes) const {
  const auto there = segments();
  uint64_t sum = bytes;
  for (const auto& each : there)
    sum += size_of(each);
  for (const auto& oldest : there) {
    if (sum <= bytes_max_)
      return;
    sum -= size_of(oldest);
    ::unlink(oldest.c_str());
  }
}

result<std::string> trace_folder::keep(std::string_view segment,
                                       int64_t start_ms, uint64_t event) const {
  if (segment.size() > bytes_max_)
    return error{errc::too_large,
                 "a segment is longer than all may be together"};
  make_room(segment.size());
  constexpr size_t time_digits = 14;
  constexpr size_t event_digits = 7;
  auto path = path_ + '/' + std::string{prefix}
              + padded(static_cast<uint64_t>(start_ms), time_digits) + '-'
              + padded(event, event_digits) + std::string{suffix};
  const auto unfinished = path + ".new";
  constexpr mode_t owner_only = 0600;
  ::unlink(unfinished.c_str()); // of one that was killed
  const descriptor file{::open(
      unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only)};
  if (file.get() < 0)
    return os_error(unfinished);
  if (!write_all(file.get(), segment)
      || ::rename(unfinished.c_str(), path.c_str()) != 0) {
    auto failure = os_error(path);
    ::unlink(unfinished.c_str());
    return failure;
  }
  return path;
}

result<std::optional<trace>> trace_folder::take_left() const {
  const auto path = left_ring_path(path_);
  if (::access(path.c_str(), F_OK) != 0)
    return std::optional<trace>{};
  const auto image = read_file(path, ring_bytes_max);
  ::unlink(path.c_str());
  if (!image)
    return image.error();
  auto found = read_ring(image.value());
  if (!found)
    return found.error();
  return std::optional<trace>{std::move(found.value())};
}

} // namespace apm::trace

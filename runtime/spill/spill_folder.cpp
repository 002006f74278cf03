#include "runtime/spill/spill_folder.hpp"

#include "runtime/descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace apm {

namespace {

/// The disk is the function's: three quarters of what is free stay free.
constexpr uint64_t disk_share = 4;

/// Files take whole blocks; 4 KiB is the block of ext4, Lambda's too.
constexpr uint64_t block_bytes = 4096;

constexpr std::string_view unfinished_suffix = ".new";

constexpr mode_t owner_only = 0700;

error os_error(const std::string& what) {
  return {errc::io, what + ": " + std::strerror(errno)};
}

result<std::string> read_all(int fd, size_t size) {
  std::string text(size, '\0');
  size_t at = 0;
  while (at < size) {
    const auto n = ::read(fd, text.data() + at, size - at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return os_error("cannot be read");
    if (n == 0)
      break;
    at += static_cast<size_t>(n);
  }
  text.resize(at);
  return text;
}

result<std::string> read_checked(int folder, const std::string& name,
                                 uint64_t bytes_max) {
  // Without waiting: a pipe of that name would have us wait for its writer.
  const descriptor file{::openat(
      folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (file.get() < 0)
    return os_error("cannot be opened");
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0)
    return os_error("cannot be looked at");
  if (!S_ISREG(facts.st_mode) || facts.st_uid != ::geteuid())
    return error{errc::io, "is no plain file of ours"};
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (size > bytes_max)
    return error{errc::too_large, "is longer than any that we write"};
  return read_all(file.get(), size);
}

int open_folder(const std::string& path) {
  const auto fd =
      ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno != ENOENT)
    ::unlink(path.c_str()); // a link or a file in its place
  return fd;
}

uint64_t on_disk(uint64_t bytes) {
  return (bytes + block_bytes - 1) / block_bytes * block_bytes;
}

/// Reads a number that is written without needless zeros.
std::optional<uint64_t> read_number(std::string_view text) {
  uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end
      || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  return number;
}

/// Number and lines of a file. *Shape:* nothing where it is not one of our
/// names.
std::optional<std::pair<uint64_t, uint64_t>> read_name(std::string_view name) {
  const auto point = name.find('.');
  if (point == std::string_view::npos)
    return std::nullopt;
  const auto number = read_number(name.substr(0, point));
  const auto lines = read_number(name.substr(point + 1));
  // The last number has no successor.
  if (!number || !lines || *number == 0 || *number == UINT64_MAX)
    return std::nullopt;
  return std::pair{*number, *lines};
}

} // namespace

spill_folder::spill_folder(const std::string& parent, spill_limits limits)
    : parent_(parent),
      path_(parent + "/apm-lambda-extension.spill"),
      limits_(limits) {}

void spill_folder::look() {
  if (has_looked_)
    return;
  has_looked_ = true;
  const auto folder = open_folder(path_);
  DIR* const list = folder < 0 ? nullptr : ::fdopendir(folder);
  if (list == nullptr)
    return;
  while (const auto* entry = ::readdir(list))
    note(entry->d_name, folder);
  ::closedir(list);
}

void spill_folder::note(const char* name, int folder) {
  const std::string_view text{name};
  const auto suffix = text.size() > unfinished_suffix.size()
                          ? text.size() - unfinished_suffix.size()
                          : 0;
  struct stat facts {};
  if (::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
    return;
  if (text.substr(suffix) == unfinished_suffix) {
    unfinished_bytes_ += static_cast<uint64_t>(facts.st_size);
    ::unlinkat(folder, name, 0);
    return;
  }
  const auto read = read_name(text);
  if (!read)
    return; // not ours
  const auto [number, lines] = *read;
  const file_facts found{on_disk(static_cast<uint64_t>(facts.st_size)), lines,
                         true};
  if (!files_.emplace(number, found).second)
    return; // we give a number once
  used_bytes_ += found.bytes;
  next_number_ = std::max(next_number_, number + 1);
}

std::string spill_folder::name_of(uint64_t number, const file_facts& x) {
  return std::to_string(number) + '.' + std::to_string(x.lines);
}

uint64_t spill_folder::share_of_disk() {
  struct statvfs disk {};
  if (::statvfs(parent_.c_str(), &disk) != 0 || (disk.f_flag & ST_RDONLY) != 0
      || ::access(parent_.c_str(), W_OK | X_OK) != 0)
    return 0;
  const auto free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
  return (free_bytes + used_bytes_) / disk_share;
}

uint64_t spill_folder::room_bytes() {
  look();
  const auto limit = std::min(limits_.bytes_max, share_of_disk());
  return limit > used_bytes_ ? limit - used_bytes_ : 0;
}

size_t spill_folder::files() {
  look();
  return files_.size();
}

uint64_t spill_folder::earlier_lines() {
  look();
  uint64_t sum = 0;
  for (const auto& [_, x] : files_)
    if (x.is_earlier)
      sum += x.lines;
  return sum;
}

result<void>
spill_folder::write_file(const std::string& name,
                         const std::vector<std::string_view>& parts) const {
  if (::mkdir(path_.c_str(), owner_only) != 0 && errno != EEXIST)
    return os_error("cannot be made");
  const descriptor folder{open_folder(path_)};
  if (folder.get() < 0)
    return os_error("cannot be opened");
  struct stat facts {};
  if (::fstat(folder.get(), &facts) != 0 || facts.st_uid != ::geteuid())
    return error{errc::io, "is another's"};
  const auto unfinished = name + std::string{unfinished_suffix};
  constexpr mode_t no_execution = 0600;
  const descriptor file{::openat(folder.get(), unfinished.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                                 no_execution)};
  if (file.get() < 0)
    return os_error("cannot have a file");
  const bool is_written =
      std::all_of(parts.begin(), parts.end(), [&](std::string_view part) {
        return write_all(file.get(), part);
      });
  if (!is_written
      || ::renameat(folder.get(), unfinished.c_str(), folder.get(),
                    name.c_str())
             != 0) {
    const auto failure = os_error("cannot be written");
    ::unlinkat(folder.get(), unfinished.c_str(), 0);
    return failure;
  }
  return boost::outcome_v2::success();
}

result<uint64_t> spill_folder::write(const std::vector<std::string_view>& parts,
                                     uint64_t lines, bool is_last) {
  look();
  uint64_t text_bytes = 0;
  for (const auto part : parts)
    text_bytes += part.size();
  const auto size = on_disk(text_bytes);
  auto limit = limits_.bytes_max + (is_last ? limits_.last_bytes : 0);
  limit = std::min(limit, share_of_disk());
  if (text_bytes > limits_.file_bytes_max || used_bytes_ + size > limit)
    return error{errc::too_large, "has no room left"};
  const auto number = next_number_++;
  const file_facts made{size, lines, false};
  if (auto outcome = write_file(name_of(number, made), parts); !outcome) {
    ::rmdir(path_.c_str()); // where it is empty
    return outcome.error();
  }
  files_.emplace(number, made);
  used_bytes_ += size;
  return number;
}

std::optional<spill_file> spill_folder::take_oldest() {
  look();
  if (unfinished_bytes_ > 0)
    return spill_file{
        0, {}, "was not finished", std::exchange(unfinished_bytes_, 0)};
  if (files_.empty())
    return std::nullopt;
  const auto [number, oldest] = *files_.begin();
  files_.erase(files_.begin());
  used_bytes_ -= oldest.bytes;
  spill_file taken;
  taken.number = number;
  taken.bytes = oldest.bytes;
  const auto name = name_of(number, oldest);
  const descriptor folder{open_folder(path_)};
  auto text = folder.get() < 0
                  ? result<std::string>{os_error("cannot be opened")}
                  : read_checked(folder.get(), name, limits_.file_bytes_max);
  // Before its content is looked at: should that kill us, then only once.
  if (folder.get() >= 0 && ::unlinkat(folder.get(), name.c_str(), 0) != 0
      && text)
    text = os_error("cannot be removed");
  if (files_.empty())
    ::rmdir(path_.c_str());
  if (text)
    taken.text = std::move(text.value());
  else
    taken.problem = text.error().detail;
  return taken;
}

} // namespace apm

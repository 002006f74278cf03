#include "runtime/tls/ca_places.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace apm {

namespace {

/// A system's bundle has 220 KB today.
constexpr size_t file_bytes_max = 16 * 1024 * 1024;

/// A folder of single certificates has about 300 entries, links included.
constexpr size_t directory_files_max = 4096;

error system_error(const std::string& path) {
  return {errc::io, "cannot read " + path + ": " + std::strerror(errno)};
}

result<std::string> read_all(int descriptor, const std::string& path) {
  std::string text;
  for (size_t used = 0;;) {
    text.resize(used + 256 * 1024);
    const auto n = ::read(descriptor, text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return system_error(path);
    used += static_cast<size_t>(n);
    if (used > file_bytes_max)
      return error{errc::too_large,
                   path + " is too large for a file of certificates"};
    if (n == 0) {
      text.resize(used);
      return text;
    }
  }
}

/// All files of a folder: not every system names them by their hashes.
void read_directory(const std::string& directory,
                    std::vector<std::string>& texts) {
  std::error_code ec;
  std::vector<std::string> files;
  std::filesystem::directory_iterator entry{directory, ec};
  for (; !ec && entry != std::filesystem::directory_iterator{};
       entry.increment(ec))
    if (files.size() < directory_files_max)
      files.push_back(entry->path().string());
  std::sort(files.begin(), files.end());
  for (const auto& file : files)
    if (auto text = read_ca_file(file))
      texts.push_back(std::move(text.value()));
}

} // namespace

result<std::string> read_ca_file(const std::string& path) {
  // Not blocking: the path may be that of a pipe.
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return system_error(path);
  struct stat kind {};
  if (::fstat(descriptor, &kind) == 0 && S_ISDIR(kind.st_mode))
    errno = EISDIR;
  else if (!S_ISREG(kind.st_mode))
    errno = EINVAL;
  else
    errno = 0;
  auto text = errno == 0 ? read_all(descriptor, path)
                         : result<std::string>{system_error(path)};
  ::close(descriptor);
  return text;
}

std::vector<std::string> read_system_cas(const ca_places& places,
                                         const warning_sink& warn) {
  std::vector<std::string> texts;
  if (!places.file.empty()) {
    if (auto text = read_ca_file(places.file))
      texts.push_back(std::move(text.value()));
    else
      warn("SSL_CERT_FILE: " + text.error().detail
           + "; the system's usual places are searched");
  }
  for (const auto& file : places.usual_files) {
    if (!texts.empty())
      break;
    if (auto text = read_ca_file(file))
      texts.push_back(std::move(text.value()));
  }
  std::string_view rest{places.directories};
  while (!rest.empty()) {
    const auto colon = std::min(rest.find(':'), rest.size());
    read_directory(std::string{rest.substr(0, colon)}, texts);
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  for (const auto& directory : places.usual_directories) {
    if (!texts.empty())
      break;
    read_directory(directory, texts);
  }
  return texts;
}

} // namespace apm

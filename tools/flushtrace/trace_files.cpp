#include "tools/flushtrace/trace_files.hpp"

#include "runtime/descriptor.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <ostream>
#include <system_error>

namespace flushtrace {

namespace {

namespace fs = std::filesystem;

/// The last is what an earlier process of the sandbox has left.
constexpr std::string_view trace_endings[] = {".atrc", ".ring", ".ring.left"};

bool is_trace_name(const std::string& name) {
  return std::any_of(std::begin(trace_endings), std::end(trace_endings),
                     [&](std::string_view ending) {
                       return name.size() > ending.size()
                              && name.compare(name.size() - ending.size(),
                                              ending.size(), ending)
                                     == 0;
                     });
}

/// *Source:* as many as Linux follows, MAXSYMLINKS.
constexpr int links_max = 40;

/// What a path leads to in the end, whether that is there or not.
fs::path behind_links(fs::path path) {
  std::error_code failure;
  for (int i = 0; i < links_max && fs::is_symlink(path, failure); ++i)
    path = path.parent_path() / fs::read_symlink(path, failure);
  return path;
}

/// @returns what went wrong
std::error_code write_file(const fs::path& path, int flags,
                           std::string_view content) {
  constexpr mode_t as_the_mask_has_it = 0666;
  const apm::descriptor file{::open(path.c_str(),
                                    O_WRONLY | O_CLOEXEC | O_NOCTTY | flags,
                                    as_the_mask_has_it)};
  if (file.get() < 0 || !apm::write_all(file.get(), content))
    return {errno, std::system_category()};
  return {};
}

std::error_code replace(const fs::path& path, fs::perms permissions,
                        std::string_view content) {
  auto part = path;
  part += ".part";
  std::error_code ignored;
  fs::remove(part, ignored); // of one that was killed
  auto failure = write_file(part, O_CREAT | O_EXCL, content);
  if (!failure && permissions != fs::perms::unknown)
    fs::permissions(part, permissions, ignored);
  if (!failure)
    fs::rename(part, path, failure);
  if (failure)
    fs::remove(part, ignored);
  return failure;
}

std::error_code write(const std::string& path, std::string_view content) {
  std::error_code failure;
  const auto old = fs::status(path, failure);
  if (old.type() == fs::file_type::not_found)
    return replace(behind_links(path), fs::perms::unknown, content);
  if (fs::is_regular_file(old)) // who may read it, may do so still
    return replace(behind_links(path), old.permissions(), content);
  return failure ? failure : write_file(path, 0, content);
}

} // namespace

std::vector<std::string> trace_files_in(const std::string& path, int depth) {
  std::error_code failure;
  if (!fs::is_directory(path, failure))
    return {path};
  std::vector<std::string> found;
  auto at = fs::recursive_directory_iterator{path, failure};
  for (; !failure && at != fs::recursive_directory_iterator{};
       at.increment(failure)) {
    if (at.depth() >= depth)
      at.disable_recursion_pending();
    std::error_code ignored;
    if (is_trace_name(at->path().filename().string())
        && !at->is_directory(ignored))
      found.push_back(at->path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool is_standard_output(const std::string& path) {
  return path == "-" || path == "/dev/stdout";
}

streams told_beside(const std::string& output, streams to) {
  if (!is_standard_output(output))
    return to;
  return {to.trouble, to.trouble, false, false, to.progress};
}

bool replace_file(const std::string& path, std::string_view content,
                  streams to) {
  if (is_standard_output(path)) {
    if (to.out << content << std::flush)
      return true;
    to.trouble << "flushtrace: standard output: cannot be written\n";
    return false;
  }
  const auto failure = write(path, content);
  if (failure)
    to.trouble << "flushtrace: " << path
               << ": cannot be written: " << failure.message() << '\n';
  return !failure;
}

} // namespace flushtrace

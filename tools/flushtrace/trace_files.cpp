#include "tools/flushtrace/trace_files.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <system_error>

namespace flushtrace {

namespace {

namespace fs = std::filesystem;

/// Deeper than a corpus would be; a link may lead round in a circle.
constexpr int folders_depth_max = 8;

} // namespace

std::vector<std::string> trace_files_in(const std::string& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure))
    return {path};
  std::vector<std::string> found;
  auto at = fs::recursive_directory_iterator{path, failure};
  for (; !failure && at != fs::recursive_directory_iterator{};
       at.increment(failure)) {
    if (at.depth() >= folders_depth_max)
      at.disable_recursion_pending();
    const auto extension = at->path().extension();
    if (extension == ".atrc" || extension == ".ring")
      found.push_back(at->path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool replace_file(const std::string& path, std::string_view content,
                  streams to) {
  const auto part = path + ".part";
  std::ofstream file{part, std::ios::binary};
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  std::error_code failure;
  const auto old = fs::status(path, failure);
  if (fs::exists(old)) // who may read it, may do so still
    fs::permissions(part, old.permissions(), failure);
  if (file.good() && std::rename(part.c_str(), path.c_str()) == 0)
    return true;
  std::remove(part.c_str());
  to.trouble << "flushtrace: " << path << ": cannot be written\n";
  return false;
}

} // namespace flushtrace

#include "tools/lambda-sandbox/report/kept_trace.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace sandbox {

namespace {

namespace fs = std::filesystem;

/// Files of traces that lie in a folder, in the order of their names.
std::vector<fs::path> traces_in(const std::string& folder) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& each : fs::directory_iterator{folder, ignored}) {
    const auto name = each.path().filename().string();
    if (each.path().extension() == ".atrc"
        || name.find(".ring") != std::string::npos)
      found.push_back(each.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool copy_all(const std::vector<fs::path>& files, const std::string& to) {
  bool is_copied = true;
  for (const auto& file : files) {
    std::error_code error;
    fs::copy_file(file, fs::path{to} / file.filename(),
                  fs::copy_options::overwrite_existing, error);
    is_copied = is_copied && !error;
  }
  return is_copied;
}

/// In quotes where a shell would split it or see more in it.
std::string for_shell(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9')
           || std::string_view{"_./:=@%+,-"}.find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain))
    return text;
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return quoted + '\'';
}

} // namespace

trace_record keep_trace(const environment_map& extension,
                        const trace_places& places) {
  const auto variable = extension.find("ELASTIC_APM_LAMBDA_TRACE_DIR");
  const bool is_named =
      variable != extension.end() && !variable->second.empty();
  const auto source = is_named ? variable->second : places.temporary_directory;
  const auto files = traces_in(source);
  trace_record kept;
  kept.segments = static_cast<std::size_t>(
      std::count_if(files.begin(), files.end(), [](const auto& file) {
        return file.extension() == ".atrc";
      }));
  if (files.empty())
    return kept;
  if (is_named)
    kept.folder = source;
  else if (!places.log_directory.empty()
           && copy_all(files, places.log_directory))
    kept.folder = places.log_directory;
  if (!kept.folder.empty())
    kept.command =
        for_shell(places.flushtrace) + " explain " + for_shell(kept.folder);
  return kept;
}

std::string find_flushtrace(const std::string& own_program) {
  std::error_code ignored;
  const auto beside = fs::path{own_program}.parent_path() / "flushtrace";
  if (!fs::exists(beside, ignored))
    return "flushtrace";
  const auto near = fs::proximate(beside, ignored).string();
  return near.empty() || near.size() >= beside.string().size() ? beside.string()
                                                               : near;
}

} // namespace sandbox

#include "tests/unit/flushtrace/documented_members.hpp"

#include "runtime/formats/json_walk.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace flushtrace {

members documented_members(const std::string& verb) {
  std::ifstream file{APM_SOURCE_DIR "/tools/flushtrace/README.md"};
  const std::regex in_brackets{R"(\([^)]*\))"};
  bool is_there = false;
  for (std::string line; std::getline(file, line);) {
    is_there = is_there || line.find("## JSON") == 0;
    const auto bar = line.find(" | `");
    if (!is_there || line.compare(0, 3, "| `") != 0 || bar == std::string::npos
        || line.substr(0, bar).find('`' + verb + '`') == std::string::npos)
      continue;
    members found{"schema_version"};
    auto cell = std::regex_replace(line.substr(bar), in_brackets, "");
    cell = cell.substr(0, cell.find(": "));
    for (size_t at = 0; (at = cell.find('`', at)) != std::string::npos;) {
      const auto end = cell.find('`', at + 1);
      auto name = cell.substr(at + 1, end - at - 1);
      found.insert(name.substr(0, name.find('[')));
      at = end + 1;
    }
    return found;
  }
  return {};
}

members members_of(const std::string& out) {
  members found;
  std::istringstream lines{out};
  for (std::string line; std::getline(lines, line);) {
    members of_line;
    for (apm::json_walk member{line}; member.next();)
      EXPECT_TRUE(of_line.emplace(member.key()).second)
          << "twice: " << member.key();
    EXPECT_EQ(of_line.count("schema_version"), 1U) << line;
    found.merge(of_line);
  }
  return found;
}

} // namespace flushtrace

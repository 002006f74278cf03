// Fuzzes the file that one process of a sandbox leaves for the next.
// Properties: what is believed could be sent, and comes out the same when it is
// written and read once more; what is not is counted, to the byte.
#include "runtime/formats/spill_format.hpp"
#include "tests/fuzz/property.hpp"

#include <algorithm>
#include <string_view>

namespace apm {
namespace {

using test::require;

constexpr std::string_view owner = "orders";

void check_same(const spilled_lines& x, const spilled_lines& y) {
  require(x.metadata == y.metadata && x.user_agent == y.user_agent
              && x.value == y.value && x.count == y.count && x.lines == y.lines,
          "a record comes out as it went in");
}

void check_file(std::string_view text) {
  const auto found = read_spill(owner, text);
  require(found.ignored_bytes <= text.size(),
          "no more is ignored than is there");
  require(found.problem.empty() == (found.ignored_bytes == 0) || text.empty(),
          "what is ignored has a reason");
  for (const auto& x : found.content) {
    const auto lines = x.lines.view();
    require(!lines.empty() && lines.back() == '\n', "lines are ended");
    require(std::count(lines.begin(), lines.end(), '\n') == x.count,
            "lines are counted");
  }
  const auto written = write_spill(owner, found.content);
  const auto again = read_spill(owner, written);
  require(again.problem.empty(), "what was written is sound");
  require(again.content.size() == found.content.size(), "nothing is lost");
  for (size_t i = 0; i < again.content.size(); ++i)
    check_same(found.content[i], again.content[i]);
  if (!found.content.empty())
    require(written == text.substr(0, text.size() - found.ignored_bytes),
            "there is one form for each content");
}

/// A checksum is beyond guessing, so the input also serves as the content.
void check_content(std::string_view text) {
  std::string lines{text};
  lines += '\n';
  spilled_lines x;
  x.count = static_cast<uint32_t>(std::count(lines.begin(), lines.end(), '\n'));
  x.value = static_cast<uint8_t>(text.size() % 4);
  x.user_agent = std::string{text.substr(0, 9)};
  x.lines = bytes{std::move(lines)};
  const auto found = read_spill(owner, write_spill(owner, {x}));
  require(found.content.size() == 1, "any lines can be kept");
  check_same(found.content[0], x);
}

} // namespace
} // namespace apm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  apm::check_file(text);
  apm::check_content(text);
  return 0;
}

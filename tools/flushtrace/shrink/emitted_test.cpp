// Writing tests; see emitted_test.hpp.
#include "tools/flushtrace/shrink/emitted_test.hpp"

#include "tools/flushtrace/explore/steps.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace flushtrace {

namespace {

/// Of a line of comment, as .clang-format has it.
constexpr size_t columns = 80;

std::string comment(const std::string& text, const std::string& begin = "//") {
  std::string made;
  std::string line = begin;
  std::istringstream words{text};
  for (std::string word; words >> word; line += ' ' + word)
    if (line.size() + 1 + word.size() > columns && line != begin) {
      made += line + '\n';
      line = begin;
    }
  return made + line + '\n';
}

/// What comes out of a trace must not end a comment's line, or a text.
std::string harmless(const std::string& text) {
  std::string made;
  for (const char c : text)
    made += c >= ' ' && c <= '~' && c != '\\' && c != '"' ? c : '?';
  return made;
}

/// What is not as it is by default.
std::string code_of(const scenario& x) {
  const scenario usual;
  std::string code;
  const auto add = [&](bool is_unusual, const std::string& assignment) {
    if (is_unusual)
      code += "  of." + assignment + ";\n";
  };
  add(x.strategy != usual.strategy,
      "strategy = apm::send_strategy::background");
  add(x.delivery != usual.delivery,
      "delivery = apm::delivery_policy::at_most_once");
  add(x.invocations != usual.invocations,
      "invocations = " + std::to_string(x.invocations));
  add(x.faults != usual.faults, "faults = " + std::to_string(x.faults));
  add(x.order != usual.order, "order = order_kind::any");
  add(x.may_leave_out != usual.may_leave_out, "may_leave_out = true");
  return code;
}

} // namespace

bool is_test_name(std::string_view x) noexcept {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_';
  };
  return !x.empty() && (x.front() < '0' || x.front() > '9')
         && std::all_of(x.begin(), x.end(), fits);
}

std::string emitted_test(const std::string& name, const exploration& of) {
  std::string text =
      comment("Written by flushtrace shrink: the events that it takes to break "
              "a promise. It was broken so: "
              + of.violation + '.');
  text += "#include \"tools/flushtrace/explore/told_life.hpp\"\n\n"
          "#include <gtest/gtest.h>\n\n"
          "namespace flushtrace {\nnamespace {\n\n"
          "using namespace steps;\n\n"
          "TEST(found_lives, "
          + name + ") {\n  scenario of;\n" + code_of(of.of)
          + "  told_life life{of};\n";
  for (const auto& each : of.actions)
    text += "  life.take(" + spell(each) + ");\n";
  return text
         + "  EXPECT_EQ(life.finish(), \"\");\n}\n\n"
           "} // namespace\n} // namespace flushtrace\n";
}

std::string emitted_test(const std::string& name, const missed_flush& what,
                         const std::vector<std::string>& steps) {
  const auto whose = what.request_id.empty() ? std::string{"SHUTDOWN"}
                                             : harmless(what.request_id);
  std::string text =
      comment("Written by flushtrace shrink: what it takes of a recorded life "
              "to miss the flush of "
              + whose + " for " + what.cause
              + ". It was missed so: " + harmless(what.detail));
  text += "#include \"tools/flushtrace/shrink/recorded_life.hpp\"\n\n"
          "#include <gtest/gtest.h>\n\n"
          "namespace flushtrace {\nnamespace {\n\n";
  for (const auto& each : steps)
    text += comment(harmless(each), "///");
  return text + "TEST(found_lives, " + name
         + ") {\n  const recorded_life life{FOUND_DIR \"/" + name
         + ".atrc\"};\n  const char* const request_id = \""
         + harmless(what.request_id)
         + "\";\n  ASSERT_EQ(life.trouble(), \"\");\n"
           "  EXPECT_FALSE(life.is_missed(request_id, \""
         + what.cause
         + "\"));\n}\n\n} // namespace\n} // namespace flushtrace\n";
}

} // namespace flushtrace

// Laying out the table; see configuration_report.hpp.
#include "runtime/config/configuration_report.hpp"

#include "runtime/config/settings_table.hpp"
#include "runtime/log/redaction.hpp"

#include <algorithm>
#include <array>

namespace apm {

namespace {

using line = std::array<std::string, 3>;

bool is_bad(const std::vector<settings_problem>& problems,
            std::string_view variable) {
  return std::any_of(problems.begin(), problems.end(), [&](const auto& x) {
    return !x.is_advice && x.variable == variable;
  });
}

/// The other variable that gives a row its value, or null.
const setting_row* source_of(const environment& env, const setting_row& row) {
  for (const auto& other : settings_table())
    if (other.superseded_by == row.variable
        && !value_of(env, other.variable).empty())
      return &other;
  return nullptr;
}

std::string shown_value(const setting_row& row, const settings& values) {
  const auto value = row.value.show(values);
  switch (row.shown) {
  case display::presence:
    return value.empty() ? "absent" : "present";
  case display::url:
    return value.empty() ? "-" : without_userinfo(value);
  case display::plain:
    break;
  }
  return value.empty() ? "-" : value;
}

std::string shown_origin(const setting_row& row, const environment& env,
                         const std::vector<settings_problem>& problems) {
  constexpr std::string_view by_lambda = "set by Lambda";
  if (const auto value = value_of(env, row.variable); !value.empty()) {
    settings scratch;
    const bool is_read = static_cast<bool>(row.value.read(scratch, value));
    return std::string{is_read ? "environment" : "default"}
           + (is_bad(problems, row.variable) ? ", see below" : "");
  }
  if (const auto* other = source_of(env, row))
    return std::string{other->variable};
  return std::string{row.default_text == by_lambda ? by_lambda : "default"};
}

std::vector<line> table_lines(const environment& env, const settings& values,
                              const std::vector<settings_problem>& problems) {
  std::vector<line> lines{{"variable", "value", "from"}};
  for (const auto& row : settings_table()) {
    const bool is_set = !value_of(env, row.variable).empty();
    // Another name for a setting is of interest where it is in use.
    if (!row.superseded_by.empty() && !is_set)
      continue;
    if (!value_of(env, row.superseded_by).empty())
      lines.push_back({std::string{row.variable}, "not used",
                       std::string{row.superseded_by} + " wins"});
    else
      lines.push_back({std::string{row.variable}, shown_value(row, values),
                       shown_origin(row, env, problems)});
  }
  return lines;
}

/// Characters, not bytes, of UTF-8.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char x) {
        return (static_cast<unsigned char>(x) & 0xC0) != 0x80;
      }));
}

void append_table(std::string& out, const std::vector<line>& lines) {
  constexpr size_t gap = 2;
  // A very long value pushes its neighbour away, instead of all.
  constexpr size_t width_max = 50;
  std::array<size_t, 2> widths{};
  for (const auto& cells : lines)
    for (size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], std::min(width_of(cells[i]), width_max));
  for (const auto& cells : lines) {
    for (size_t i = 0; i < widths.size(); ++i) {
      const auto width = width_of(cells[i]);
      out += cells[i];
      out.append(gap + (width < widths[i] ? widths[i] - width : 0), ' ');
    }
    out += cells.back() + '\n';
  }
}

void append_problems(std::string& out, std::string_view heading, bool is_advice,
                     const std::vector<settings_problem>& problems) {
  bool is_first = true;
  for (const auto& x : problems) {
    if (x.is_advice != is_advice)
      continue;
    if (is_first)
      out += '\n' + std::string{heading} + ":\n";
    is_first = false;
    out += "  " + x.variable + ' ' + x.message + '\n';
  }
}

/// No value may break a line, or the terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char x) { return static_cast<unsigned char>(x) < ' ' || x == '\x7F'; },
      '?');
  return text;
}

} // namespace

std::string
describe_configuration(const environment& env, const settings& values,
                       const std::vector<settings_problem>& problems,
                       std::string_view version) {
  auto lines = table_lines(env, values, problems);
  for (auto& cells : lines)
    for (auto& cell : cells)
      cell = printable(std::move(cell));
  auto shown = problems;
  redaction words;
  for (auto& secret : confidential_values(values))
    words.hide(std::move(secret));
  for (auto& x : shown)
    x.message = printable(words.apply(x.message));
  std::string out = "apm-lambda-extension " + std::string{version} + "\n\n";
  append_table(out, lines);
  append_problems(out, "Wrong", false, shown);
  append_problems(out, "Worth a thought", true, shown);
  out += is_anything_wrong(problems)
             ? "\nThe function works in any case; what is wrong costs data.\n"
             : "\nNothing is wrong.\n";
  return out;
}

std::vector<std::string> describe_changed_values(const settings& values) {
  std::vector<std::string> rows;
  const settings defaults;
  for (const auto& row : settings_table()) {
    auto value = row.value.show(values);
    if (!row.superseded_by.empty() || value == row.value.show(defaults))
      continue;
    if (row.shown == display::presence)
      value = "(present)";
    else if (row.shown == display::url)
      value = without_userinfo(value);
    else if (value.rfind("arn:", 0) == 0)
      std::replace_if(
          value.begin(), value.end(),
          [](char c) { return c >= '0' && c <= '9'; }, '1');
    rows.push_back(std::string{row.variable} + '=' + value);
  }
  return rows;
}

bool is_anything_wrong(const std::vector<settings_problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const auto& x) { return !x.is_advice; });
}

} // namespace apm

// Fuzzes durations and the whole configuration: the input is one value, tried
// for every variable. Properties: a duration that is printed reads as itself;
// a value that is taken can be shown and read again, and shows the same; one
// that is not leaves the default and is named; nothing throws.
#include "runtime/config/settings_table.hpp"
#include "runtime/formats/duration.hpp"
#include "tests/fuzz/property.hpp"

#include <algorithm>
#include <string>

namespace apm {
namespace {

using test::require;

void check_duration(std::string_view text) {
  const auto read = parse_go_duration(text);
  if (!read) {
    require(!read.error().detail.empty(), "a refusal says why");
    return;
  }
  require(read.value().count() >= 0, "no duration is negative");
  const auto again = parse_go_duration(format_go_duration(read.value()));
  require(again.has_value() && again.value() == read.value(),
          "print and parse give the duration back");
}

bool is_named(const loaded_settings& loaded, std::string_view variable) {
  return std::any_of(
      loaded.problems.begin(), loaded.problems.end(),
      [&](const settings_problem& x) { return x.variable == variable; });
}

void check_row(const setting_row& row, const std::string& text) {
  const settings by_default;
  settings values;
  const auto read = row.value.read(values, text);
  const auto shown = row.value.show(values);
  environment env;
  env.emplace(row.variable, text);
  const auto loaded = load_settings(env);
  for (const auto& x : loaded.problems)
    require(!x.variable.empty() && !x.message.empty(), "a problem says what");
  if (!read) {
    require(shown == row.value.show(by_default), "a bad value: the default");
    require(!read.error().detail.empty(), "a refusal says why");
    return;
  }
  // Nothing, what is taken without being used, and whole seconds, which are
  // shown as a duration, cannot be read again.
  if (shown.empty() || row.is_deprecated
      || row.variable == "ELASTIC_APM_LAMBDA_AGENT_DATA_BUFFER_SIZE")
    return;
  settings again;
  require(row.value.read(again, shown).has_value(), "what is shown is valid");
  require(row.value.show(again) == shown, "show and read give it back");
}

/// Through `load_settings`, which drops blanks around a value.
void check_loaded(const setting_row& row, const std::string& text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (std::any_of(text.begin(), text.end(), is_blank) || text.empty())
    return;
  settings values;
  if (row.value.read(values, text))
    return;
  require(is_named(load_settings({{std::string{row.variable}, text}}),
                   row.variable),
          "a bad value is named");
}

} // namespace
} // namespace apm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  apm::check_duration(text);
  for (const auto& row : apm::settings_table()) {
    apm::check_row(row, text);
    apm::check_loaded(row, text);
  }
  return 0;
}

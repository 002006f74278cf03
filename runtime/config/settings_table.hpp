// The table of all variables that the extension reads: one row each, with what
// reading, README and --check-config need. To add a setting, add its field to
// settings.hpp, its row here, its line to the README and its cases to
// settings_table_test.cpp, which fails where one of them is missing.
#pragma once

#include "runtime/config/value_readers.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace apm {

/// How a value may be shown to people.
enum class display : uint8_t {
  plain,
  url,      ///< without the user and password that may be in it
  presence, ///< only whether there is one: it is secret, or pages long
};

struct setting_row {
  std::string_view variable;
  value_access value;
  /// For people; where it has one, as `value` shows it.
  std::string_view default_text;
  std::string_view meaning;
  /// What ours does beyond Elastic's extension; empty: nothing.
  std::string_view beyond;
  display shown = display::plain;
  /// The variable that wins over this one where both are set.
  std::string_view superseded_by = {};
  /// Whether its use deserves a warning.
  bool is_deprecated = false;
};

/// *Shape:* an array that lives for ever, for range-based loops.
struct settings_rows {
  const setting_row* first;
  const setting_row* last;

  const setting_row* begin() const noexcept { return first; }
  const setting_row* end() const noexcept { return last; }
};

/// All rows, grouped as the README has them.
settings_rows settings_table() noexcept;

/// The row of a variable, or null.
const setting_row* find_setting(std::string_view variable) noexcept;

} // namespace apm

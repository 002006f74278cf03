// Chosen fields of records, for `dump --fields`: a column each.
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/filter/fields.hpp"
#include "tools/flushtrace/filter/record_facts.hpp"

#include <string>
#include <vector>

namespace flushtrace {

/// What the filter language has no use for.
enum class extra_column : uint8_t { none, process, wall, payload };

struct column {
  std::string name; ///< as it was asked for
  field_reference field;
  extra_column extra = extra_column::none;
};

/// `number,time,actor,status`. *Errors:* `bad_value`: what is no field.
[[nodiscard]] apm::result<std::vector<column>>
parse_columns(const std::string& list);

/// How a record's values are written.
enum class column_form : uint8_t {
  text, ///< times in seconds
  json, ///< a JSON value each, `null` where there is none; times in ns
};

/// *Shape:* empty where the record has no such field.
std::string cell(const column& x, record_facts& facts, column_form form);

/// A value as RFC 4180 has it.
std::string csv_text(const std::string& x);

/// Columns that a text for people gives to a field.
size_t width_of(const column& x);

} // namespace flushtrace

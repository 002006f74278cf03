// The fields that a filter can ask for: those that every record has or its
// event gives, and those of kinds of records and of messages by their names.
#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

enum class field_kind : uint8_t {
  number,
  time,
  dt,
  actor,
  role,
  kind,
  type,
  parent,
  event, ///< also `inv`
  winner,
  verdict,
  cause,
  outside,
  urgent,
  named, ///< of a record's payload, by its path
};

struct field_reference {
  field_kind kind = field_kind::named;
  std::string path; ///< `named`
};

/// What values of a field are.
enum class field_type : uint8_t { number, duration, text, truth, any };

struct field_row {
  std::string_view name;
  field_kind kind;
  field_type type;
  std::string_view what; ///< a clause for people
};

/// Those that every record has. *Source:* also README.md's table.
const std::vector<field_row>& common_fields();

/// `status`, `records.type`; `field.kind` is the payload's `kind`, and
/// `field.` before any name takes what this program does not know.
/// *Errors:* `bad_value` where no record has such a field: a clause which says
/// what is like it, and what is possible.
[[nodiscard]] apm::result<field_reference> find_field(std::string_view name);

field_type type_of(const field_reference& x);

/// The words that a field's value can be; empty: any.
std::vector<std::string_view> words_of(const field_reference& x);

/// ns that one of a named field's numbers stands for; 0: it is no duration.
uint64_t nanoseconds_of(std::string_view name);

} // namespace flushtrace

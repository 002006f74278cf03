// The names of messages' fields, which a trace does not have: its signatures
// know places alone. A test holds them against the messages' own `inspect`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace flushtrace {

/// A struct's fields in their order, those of structs within behind a colon:
/// `id records:{time type record} body_bytes`. Empty where it is not known.
std::string_view message_fields(std::string_view type);

/// A field's name, and the names of the struct's fields that it is made of.
struct named_field {
  std::string_view name;
  std::string_view inner; ///< empty: it is no struct
};

/// Takes the first field off. *Shape:* an empty name at the end.
named_field take_field(std::string_view& fields);

/// A field's place among `fields` and what it is made of.
struct field_place {
  size_t index = SIZE_MAX; ///< SIZE_MAX: there is none
  std::string_view inner;
};

field_place place_of(std::string_view fields, std::string_view name);

/// All messages whose fields are known.
std::vector<std::string_view> known_messages();

/// What the numbers of a field mean, from 0 on, separated by blanks; empty
/// where they are only numbers. `owner` is a message or a kind of record.
std::string_view number_names(std::string_view owner, std::string_view field);

/// One of these; empty where it is only a number.
std::string_view number_name(std::string_view owner, std::string_view field,
                             uint64_t number);

} // namespace flushtrace

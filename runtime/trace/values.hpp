// The fields of records as values, by the schemas and signatures that a trace
// brings with it, so that traces of older and newer programs can be read alike.
//
//   const schema_book book{trace};
//   const auto message = book.read(record);
//   for (const auto& x : message.fields)
//     … x.name, x.content …
#pragma once

#include "runtime/trace/trace_reader.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace apm::trace {

enum class value_kind : uint8_t {
  unsigned_number,
  signed_number,
  time,  ///< monotonic, in ns
  actor, ///< a reference, in `number`
  boolean,
  number,
  text,
  body,
  list,
  structure,
  missing, ///< the payload was cut, or is damaged
};

/// How a body stands in the trace; FORMAT.md, "Bodies".
enum class body_form : uint8_t {
  empty,
  size_only,
  hashed,
  whole,
  lines,
  masked
};

/// One line of a body of `body_form::lines`.
struct body_line {
  uint8_t kind = 0;
  uint64_t bytes = 0;
};

struct value {
  value_kind kind = value_kind::missing;
  uint64_t number = 0;       ///< also of `boolean`
  int64_t signed_number = 0; ///< also of `time`
  double real = 0;
  uint64_t size = 0;          ///< text, body: bytes of the original
  text_form how = sized_text; ///< text
  uint32_t hash = 0;          ///< text and body, where hashed
  body_form form = body_form::empty;
  std::string_view text; ///< text; body: what was kept. In the trace's storage
  std::vector<body_line> lines;
  std::vector<value> elements; ///< list, structure
};

struct field {
  std::string name; ///< empty: a message's field, known by its place alone
  value content;
};

/// One record, taken apart.
struct record_content {
  std::string_view kind; ///< its name; empty: not known
  std::string_view type; ///< `enqueued`: the message's name; empty: not known
  uint8_t flags = 0;     ///< `enqueued`
  std::vector<field> fields;
  bool is_whole = true; ///< every field was there
};

/// The dictionary of one trace, for reading its records. *Ownership:* the trace
/// outlives it.
class schema_book {
public:
  explicit schema_book(const trace& of);

  record_content read(const record& x) const;

  /// The message's name of a record `enqueued`; empty where it is not known.
  std::string_view type_of(const record& x) const;

  /// A record's fields by name, such as `ledger`'s; null where it has none.
  static const value* find(const record_content& in,
                           std::string_view name) noexcept;

  /// The number of an unsigned field; 0 where it is not there.
  static uint64_t number(const record_content& in,
                         std::string_view name) noexcept;

private:
  std::map<uint32_t, std::string_view> kinds_;
  std::map<uint32_t, std::string_view> types_;
};

} // namespace apm::trace

#include "tools/flushtrace/redaction/value_writer.hpp"

#include "runtime/trace/wire.hpp"

namespace flushtrace {

using apm::trace::append_varint;
using apm::trace::body_form;
using apm::trace::value;
using apm::trace::value_kind;

namespace {

template <class T>
void append_number(std::string& to, T x) {
  char bytes[sizeof x];
  apm::trace::store(bytes, x);
  to.append(bytes, sizeof bytes);
}

} // namespace

void value_writer::put(const value& x) {
  is_cut_ = is_cut_ || x.kind == value_kind::missing;
  if (is_cut_)
    return;
  switch (x.kind) {
  case value_kind::unsigned_number:
  case value_kind::actor:
    append_varint(to_, x.number);
    break;
  case value_kind::signed_number:
  case value_kind::time:
    append_varint(to_, apm::trace::zigzag(x.signed_number));
    break;
  case value_kind::boolean:
    to_ += static_cast<char>(x.number);
    break;
  case value_kind::number:
    append_number(to_, x.real);
    break;
  case value_kind::text:
    put_text(x);
    break;
  case value_kind::body:
    put_body(x);
    break;
  case value_kind::list:
    put_list(x);
    break;
  case value_kind::structure:
    for (const auto& each : x.elements)
      put(each);
    break;
  case value_kind::missing:
    break;
  }
}

void value_writer::put_text(const value& x) {
  append_varint(to_, x.size << 2 | x.how);
  if (x.how == apm::trace::kept_text)
    to_ += x.text;
  else if (x.how == apm::trace::hashed_text)
    append_number(to_, x.hash);
}

void value_writer::put_body(const value& x) {
  to_ += static_cast<char>(x.form);
  if (x.form == body_form::empty)
    return;
  append_varint(to_, x.size);
  if (x.form == body_form::hashed) {
    append_number(to_, x.hash);
  } else if (x.form == body_form::whole || x.form == body_form::masked) {
    append_varint(to_, x.text.size());
    to_ += x.text;
  } else if (x.form == body_form::lines) {
    append_varint(to_, x.lines.size());
    for (const auto& line : x.lines) {
      to_ += static_cast<char>(line.kind);
      append_varint(to_, line.bytes);
    }
  }
}

void value_writer::put_list(const value& x) {
  // One that was cut ends in a missing element, which is counted.
  append_varint(to_, x.elements.size());
  for (const auto& each : x.elements)
    put(each);
}

} // namespace flushtrace

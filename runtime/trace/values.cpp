#include "runtime/trace/values.hpp"

#include "runtime/trace/wire.hpp"

#include <algorithm>

namespace apm::trace {

namespace {

/// Messages nest three deep; a damaged dictionary may say otherwise.
constexpr int depth_max = 16;

/// Reads values by a signature, letter by letter.
class value_decoder {
public:
  explicit value_decoder(byte_reader& in) : in_(in) {}

  /// Reads what the signature begins with, and takes it off. *Shape:* `missing`
  /// where the payload has ended before.
  value take(std::string_view& signature, int depth = 0) {
    value x;
    if (signature.empty() || depth > depth_max)
      return x;
    const char letter = signature.front();
    signature.remove_prefix(1);
    if (letter == '[')
      return take_list(signature, depth);
    if (letter == '{')
      return take_structure(signature, depth);
    read_one(letter, x);
    if (!in_.is_sound())
      x = value{};
    return x;
  }

private:
  void read_one(char letter, value& x) {
    switch (letter) {
    case 'u':
      x.kind = value_kind::unsigned_number;
      x.number = in_.u();
      break;
    case 'a':
      x.kind = value_kind::actor;
      x.number = in_.u();
      break;
    case 'i':
    case 't':
      x.kind = letter == 't' ? value_kind::time : value_kind::signed_number;
      x.signed_number = in_.i();
      break;
    case 'b':
      x.kind = value_kind::boolean;
      x.number = in_.byte();
      break;
    case 'd':
      x.kind = value_kind::number;
      x.real = in_.number<double>();
      break;
    case 's':
      read_text(x);
      break;
    case 'y':
      read_body(x);
      break;
    default:
      break;
    }
  }

  void read_text(value& x) {
    const auto head = in_.u();
    x.kind = value_kind::text;
    x.size = head >> 2;
    x.how = static_cast<text_form>(head & 3);
    if (x.how == kept_text)
      x.text = in_.text(x.size);
    else if (x.how == hashed_text)
      x.hash = in_.number<uint32_t>();
  }

  void read_body(value& x) {
    x.kind = value_kind::body;
    x.form = static_cast<body_form>(in_.byte());
    if (x.form == body_form::empty)
      return;
    x.size = in_.u();
    if (x.form == body_form::hashed) {
      x.hash = in_.number<uint32_t>();
    } else if (x.form == body_form::whole || x.form == body_form::masked) {
      x.text = in_.text(in_.u());
    } else if (x.form == body_form::lines) {
      for (auto left = in_.u(); left > 0 && in_.is_sound(); --left) {
        const auto kind = in_.byte();
        x.lines.push_back({kind, in_.u()});
      }
    }
  }

  value take_list(std::string_view& signature, int depth) {
    value x;
    x.kind = value_kind::list;
    const auto element = signature;
    auto left = in_.u();
    while (left > 0 && in_.is_sound() && !in_.is_at_end()) {
      auto one = element;
      const auto before = in_.left();
      x.elements.push_back(take(one, depth + 1));
      --left;
      if (in_.left() == before)
        break; // of nothing there may be any number
    }
    if (left > 0 || !in_.is_sound())
      x.elements.push_back({}); // not all were there
    skip_to_end(signature);
    return x;
  }

  value take_structure(std::string_view& signature, int depth) {
    value x;
    x.kind = value_kind::structure;
    while (!signature.empty() && signature.front() != '}')
      x.elements.push_back(take(signature, depth + 1));
    if (!signature.empty())
      signature.remove_prefix(1);
    return x;
  }

  /// Behind the bracket that closes the list which has been opened.
  static void skip_to_end(std::string_view& signature) {
    int open = 1;
    while (!signature.empty() && open > 0) {
      const char letter = signature.front();
      signature.remove_prefix(1);
      open += letter == '[' ? 1 : letter == ']' ? -1 : 0;
    }
  }

  byte_reader& in_;
};

bool is_whole(const value& x) {
  if (x.kind == value_kind::missing)
    return false;
  for (const auto& each : x.elements)
    if (!is_whole(each))
      return false;
  return true;
}

/// Cuts the text up to a blank off.
std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

} // namespace

schema_book::schema_book(const trace& of) {
  for (const auto& x : of.dictionary) {
    if (x.kind == entry_kind::record_schema)
      kinds_.emplace(x.id, x.text);
    else if (x.kind == entry_kind::message_type)
      types_.emplace(x.id, x.text);
  }
}

record_content schema_book::read(const record& x) const {
  record_content content;
  const auto known = kinds_.find(x.kind);
  auto schema = known == kinds_.end()
                    ? schema_of(static_cast<record_kind>(x.kind))
                    : known->second;
  content.kind = take_word(schema);
  byte_reader in{x.payload};
  value_decoder decoder{in};
  if (x.kind == static_cast<uint8_t>(record_kind::enqueued)) {
    const auto type = types_.find(static_cast<uint32_t>(in.u()));
    content.flags = in.byte();
    if (type == types_.end()) {
      content.is_whole = false;
      return content;
    }
    auto signature = type->second;
    content.type = take_word(signature);
    if (!signature.empty())
      signature.remove_prefix(1); // the message is a struct
    while (!signature.empty() && signature.front() != '}')
      content.fields.push_back({{}, decoder.take(signature)});
  }
  while (!schema.empty()
         && x.kind != static_cast<uint8_t>(record_kind::enqueued)) {
    auto word = take_word(schema);
    const auto colon = word.find(':');
    auto signature = word.substr(std::min(colon + 1, word.size()));
    content.fields.push_back(
        {std::string{word.substr(0, colon)}, decoder.take(signature)});
  }
  for (const auto& each : content.fields)
    content.is_whole = content.is_whole && is_whole(each.content);
  return content;
}

std::string_view schema_book::type_of(const record& x) const {
  byte_reader in{x.payload};
  const auto type = types_.find(static_cast<uint32_t>(in.u()));
  if (x.kind != static_cast<uint8_t>(record_kind::enqueued)
      || type == types_.end())
    return {};
  auto signature = type->second;
  return take_word(signature);
}

const value* schema_book::find(const record_content& in,
                               std::string_view name) noexcept {
  for (const auto& x : in.fields)
    if (x.name == name)
      return &x.content;
  return nullptr;
}

uint64_t schema_book::number(const record_content& in,
                             std::string_view name) noexcept {
  const auto* found = find(in, name);
  return found == nullptr ? 0 : found->number;
}

} // namespace apm::trace

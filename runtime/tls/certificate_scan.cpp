#include "runtime/tls/certificate_scan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace apm {

namespace {

// -- base64 -------------------------------------------------------------------

constexpr uint8_t not_base64 = 0xff;
constexpr uint8_t blank = 0xfe;

constexpr std::array<uint8_t, 256> make_base64_values() {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "abcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<uint8_t, 256> values{};
  for (auto& value : values)
    value = not_base64;
  for (size_t i = 0; i < digits.size(); ++i)
    values[static_cast<uint8_t>(digits[i])] = static_cast<uint8_t>(i);
  for (const char c : {' ', '\t', '\r', '\n'})
    values[static_cast<uint8_t>(c)] = blank;
  return values;
}

constexpr auto base64_values = make_base64_values();

/// *Errors:* nothing, where a character is no digit.
std::optional<std::string> decode_base64(std::string_view text) {
  while (!text.empty()
         && (text.back() == '='
             || base64_values[static_cast<uint8_t>(text.back())] == blank))
    text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto value = base64_values[static_cast<uint8_t>(c)];
    if (value == blank)
      continue;
    if (value == not_base64)
      return std::nullopt;
    bits = bits << 6 | value;
    count += 6;
    if (count < 8)
      continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return bytes;
}

// -- DER ----------------------------------------------------------------------

// Tags. Source: X.690 and X.680.
constexpr uint8_t tag_integer = 0x02;
constexpr uint8_t tag_oid = 0x06;
constexpr uint8_t tag_utf8 = 0x0c;
constexpr uint8_t tag_printable = 0x13;
constexpr uint8_t tag_t61 = 0x14;
constexpr uint8_t tag_ia5 = 0x16;
constexpr uint8_t tag_visible = 0x1a;
constexpr uint8_t tag_universal = 0x1c;
constexpr uint8_t tag_bmp = 0x1e;
constexpr uint8_t tag_sequence = 0x30;
constexpr uint8_t tag_set = 0x31;
constexpr uint8_t tag_version = 0xa0;

struct der_element {
  uint8_t tag = 0;
  std::string_view all; ///< with tag and length
  std::string_view content;
};

/// Takes the first element off `rest`. *Errors:* nothing, where it is damaged
/// or of a form that no certificate has.
std::optional<der_element> take_element(std::string_view& rest) {
  const auto byte = [&rest](size_t i) { return static_cast<uint8_t>(rest[i]); };
  if (rest.size() < 2 || (byte(0) & 0x1f) == 0x1f)
    return std::nullopt;
  size_t header = 2;
  size_t length = byte(1);
  if (length >= 0x80) {
    const size_t digits = length & 0x7f;
    // Four bytes hold any length that fits into memory here.
    if (digits == 0 || digits > 4 || rest.size() < header + digits)
      return std::nullopt;
    length = 0;
    for (size_t i = 0; i < digits; ++i)
      length = length << 8 | byte(header + i);
    header += digits;
  }
  if (length > rest.size() - header)
    return std::nullopt;
  der_element element;
  element.tag = byte(0);
  element.all = rest.substr(0, header + length);
  element.content = rest.substr(header, length);
  rest.remove_prefix(header + length);
  return element;
}

/// Likewise, and it must have that tag.
std::optional<der_element> take(std::string_view& rest, uint8_t tag) {
  auto element = take_element(rest);
  if (element && element->tag != tag)
    return std::nullopt;
  return element;
}

/// The subject of a certificate. *Source:* RFC 5280, 4.1.
std::optional<std::string_view> subject_of(std::string_view certificate) {
  auto outer = take(certificate, tag_sequence);
  if (!outer)
    return std::nullopt;
  auto signed_part = take(outer->content, tag_sequence);
  if (!signed_part)
    return std::nullopt;
  auto rest = signed_part->content;
  if (!rest.empty() && static_cast<uint8_t>(rest.front()) == tag_version)
    if (!take(rest, tag_version))
      return std::nullopt;
  if (!take(rest, tag_integer))
    return std::nullopt;
  // Signature algorithm, issuer, validity.
  for (int i = 0; i < 3; ++i)
    if (!take(rest, tag_sequence))
      return std::nullopt;
  const auto subject = take(rest, tag_sequence);
  if (!subject)
    return std::nullopt;
  return subject->all;
}

// -- names --------------------------------------------------------------------

void append_utf8(std::string& to, uint32_t code) {
  const auto put = [&to](uint32_t byte) {
    to.push_back(static_cast<char>(byte));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | (code >> 18 & 0x07));
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

/// Bytes of a character of that string type; 0: no string, or UTF-8.
size_t character_bytes(uint8_t tag) {
  switch (tag) {
  case tag_printable:
  case tag_t61:
  case tag_ia5:
  case tag_visible:
    return 1;
  case tag_bmp:
    return 2;
  case tag_universal:
    return 4;
  default:
    return 0;
  }
}

std::string to_utf8(std::string_view content, size_t width) {
  std::string text;
  for (size_t i = 0; i + width <= content.size(); i += width) {
    uint32_t code = 0;
    for (size_t j = 0; j < width; ++j)
      code = code << 8 | static_cast<uint8_t>(content[i + j]);
    append_utf8(text, code);
  }
  return text;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Lower case, and one blank for a run of them, none at the ends.
std::string fold_text(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    if (!is_space(c))
      folded.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a')
                                            : c);
    else if (!folded.empty() && folded.back() != ' ')
      folded.push_back(' ');
  }
  if (!folded.empty() && folded.back() == ' ')
    folded.pop_back();
  return folded;
}

/// "type=value" of an attribute, with their lengths, so that no two read alike.
std::optional<std::string> fold_attribute(std::string_view rest) {
  const auto type = take(rest, tag_oid);
  const auto value = type ? take_element(rest) : std::nullopt;
  if (!value)
    return std::nullopt;
  std::string key{type->all};
  if (value->tag == tag_utf8)
    key += '=' + fold_text(value->content);
  else if (const auto width = character_bytes(value->tag); width != 0)
    key += '=' + fold_text(to_utf8(value->content, width));
  else
    key += value->all; // no text: equal only byte by byte
  return std::to_string(key.size()) + ':' + key;
}

// -- PEM ----------------------------------------------------------------------

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view mark_end = "-----";

bool is_certificate_label(std::string_view label) {
  return label == "CERTIFICATE" || label == "X509 CERTIFICATE"
         || label == "TRUSTED CERTIFICATE";
}

void scan_block(std::string_view base64, scanned_pem& to) {
  if (auto der = decode_base64(base64)) {
    const auto subject = subject_of(*der);
    if (auto key = subject ? fold_name(*subject) : std::nullopt) {
      to.certificates.push_back({std::move(*der), std::move(*key)});
      return;
    }
  }
  ++to.damaged;
}

} // namespace

std::optional<std::string> fold_name(std::string_view der) {
  const auto name = take(der, tag_sequence);
  if (!name)
    return std::nullopt;
  std::string key;
  for (auto parts = name->content; !parts.empty();) {
    const auto part = take(parts, tag_set);
    if (!part)
      return std::nullopt;
    std::vector<std::string> attributes;
    for (auto rest = part->content; !rest.empty();) {
      const auto attribute = take(rest, tag_sequence);
      auto folded =
          attribute ? fold_attribute(attribute->content) : std::nullopt;
      if (!folded)
        return std::nullopt;
      attributes.push_back(std::move(*folded));
    }
    // A set: its order says nothing.
    std::sort(attributes.begin(), attributes.end());
    for (const auto& attribute : attributes)
      key += attribute;
    key += '/';
  }
  return key;
}

scanned_pem scan_pem(std::string_view text) {
  scanned_pem found;
  for (;;) {
    const auto begin = text.find(begin_mark);
    if (begin == std::string_view::npos)
      return found;
    text.remove_prefix(begin + begin_mark.size());
    const auto label_end = text.find(mark_end);
    if (label_end == std::string_view::npos)
      return found;
    const auto label = text.substr(0, label_end);
    if (!is_certificate_label(label))
      continue;
    text.remove_prefix(label_end + mark_end.size());
    // A block that is cut off ends where the next begins.
    const auto next = text.find(begin_mark);
    const auto end = text.substr(0, next).find(end_mark);
    if (end == std::string_view::npos) {
      ++found.damaged;
      continue;
    }
    scan_block(text.substr(0, end), found);
    text.remove_prefix(end + end_mark.size());
  }
}

} // namespace apm

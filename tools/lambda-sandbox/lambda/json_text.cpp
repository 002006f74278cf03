// JSON in and out; see json_text.hpp.
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace sandbox {

namespace {

/// Length of the well-formed UTF-8 sequence at the begin of `text`, 0 if it is
/// none. Source: RFC 3629, section 4.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const auto follows = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80)
    return 1;
  if (lead >= 0xc2 && lead <= 0xdf)
    return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2, 0x80, 0xbf)
                   && follows(3, 0x80, 0xbf)
               ? 4
               : 0;
  }
  return 0;
}

std::string make_valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_sequence(text);
    if (length == 0)
      valid += "\xef\xbf\xbd";
    else
      valid += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

} // namespace

std::optional<rapidjson::Document> parse_json(std::string_view text,
                                              std::string* error) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag
                 | rapidjson::kParseValidateEncodingFlag
                 | rapidjson::kParseFullPrecisionFlag>(text.data(),
                                                       text.size());
  if (!document.HasParseError())
    return document;
  if (error != nullptr)
    *error = std::string{rapidjson::GetParseError_En(document.GetParseError())}
             + " (at byte " + std::to_string(document.GetErrorOffset()) + ")";
  return std::nullopt;
}

std::optional<std::string> string_member(const rapidjson::Value& value,
                                         const char* name) {
  if (!value.IsObject())
    return std::nullopt;
  const auto member = value.FindMember(name);
  if (member == value.MemberEnd() || !member->value.IsString())
    return std::nullopt;
  return std::string{member->value.GetString(),
                     member->value.GetStringLength()};
}

std::string quoted_json(std::string_view text) {
  const auto valid = make_valid_utf8(text);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  writer.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

std::string json_of(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string json_number(double value, int decimals) {
  if (!std::isfinite(value))
    return "null";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  std::string number = text.data();
  if (number.find('.') != std::string::npos) {
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.')
      number.pop_back();
  }
  return number == "-0" ? "0" : number;
}

json_object& json_object::add_json(std::string_view name,
                                   std::string_view json) {
  if (!members_.empty())
    members_ += ',';
  members_ += quoted_json(name);
  members_ += ':';
  members_ += json;
  return *this;
}

json_object& json_object::add(std::string_view name, std::string_view value) {
  return add_json(name, quoted_json(value));
}

json_object& json_object::add(std::string_view name, const char* value) {
  return add_json(name, quoted_json(value));
}

json_object& json_object::add(std::string_view name, std::int64_t value) {
  return add_json(name, std::to_string(value));
}

json_object& json_object::add(std::string_view name, std::uint64_t value) {
  return add_json(name, std::to_string(value));
}

json_object& json_object::add(std::string_view name, int value) {
  return add_json(name, std::to_string(value));
}

json_object& json_object::add(std::string_view name, bool value) {
  return add_json(name, value ? "true" : "false");
}

json_object& json_object::add(std::string_view name, double value,
                              int decimals) {
  return add_json(name, json_number(value, decimals));
}

json_object& json_object::add(std::string_view name, const json_object& value) {
  return add_json(name, value.text());
}

json_object& json_object::add(std::string_view name,
                              const std::vector<std::string>& list) {
  std::vector<std::string> elements;
  elements.reserve(list.size());
  for (const auto& element : list)
    elements.push_back(quoted_json(element));
  return add_json(name, json_array(elements));
}

json_object& json_object::add_null(std::string_view name) {
  return add_json(name, "null");
}

std::string json_array(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const auto& element : elements) {
    if (text.size() > 1)
      text += ',';
    text += element;
  }
  return text + "]";
}

} // namespace sandbox

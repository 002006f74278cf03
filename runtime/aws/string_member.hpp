// Members of the JSON objects that AWS answers with, and its refusals'
// messages.
//
//   const auto message = string_member(body, {"message", "Message"});
#pragma once

#include "messages/http.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace apm {

/// The first of an object's members with one of the names that is a string.
/// *Errors:* nothing, where there is none.
inline std::optional<std::string>
string_member(std::string_view object,
              std::initializer_list<std::string_view> names) {
  for (json_walk member{object}; member.next();)
    if (std::find(names.begin(), names.end(), member.key()) != names.end())
      if (auto text = json_string(member.value()))
        return text;
  return {};
}

/// What a refusal says of itself. *Shape:* at most 300 bytes: AWS's messages
/// are a sentence, a proxy's page may be long.
inline std::string message_of(const http_response& refusal) {
  constexpr size_t bytes_max = 300;
  auto message =
      string_member(refusal.body.view(), {"message", "Message"}).value_or("");
  message.resize(std::min(message.size(), bytes_max));
  return message;
}

} // namespace apm

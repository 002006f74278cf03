// What of a message's texts and bodies may stand in the trace, by type: a
// letter for each text and each body of its `inspect`, in their order. What is
// not named here is hashed: a new message shows nothing by accident.
//
// Texts: 'k' is kept, 'w' is kept as the web address that it is, without
// userinfo and query, its path only if it is of an API that we know; of a
// message from outside 'o' is kept, 'u' where it is a UUID, as request ids are,
// and 'h' is hashed; so is 'n', even where the user wants all. Of other
// messages there is the size alone: they can be had again. Bodies: 'd' is
// hashed, 'l' are intake lines, 'j' is JSON of a protocol, 'r' is what a
// telemetry record holds, 'm' is one line that we change later, of which the
// form is wanted; 'L' are lines whose sizes are wanted wherever they come from,
// as they were made of what is not in the trace. Lists: of 'c' there is the
// number of their elements alone, 'e' has these: a list that is handed on from
// message to message is made of what the trace has in its first.
#pragma once

#include "messages/type_ids.hpp"

#include <string_view>

namespace apm {

struct message_policy {
  std::string_view texts;
  std::string_view bodies;
  std::string_view lists = {};

  char text(size_t index) const noexcept {
    return index < texts.size() ? texts[index] : 'h';
  }

  char body(size_t index) const noexcept {
    return index < bodies.size() ? bodies[index] : 'd';
  }

  bool is_counted(size_t list) const noexcept {
    return list < lists.size() && lists[list] == 'c';
  }
};

template <class T>
inline constexpr message_policy policy_of{};

template <>
inline constexpr message_policy policy_of<agent_intake>{"h", "dl"};
template <>
inline constexpr message_policy policy_of<transaction_seen>{"hu", ""};
template <>
inline constexpr message_policy policy_of<transaction_registered>{"uhh", "dm"};
template <>
inline constexpr message_policy policy_of<agent_relay>{"kw", "d"};
template <>
inline constexpr message_policy policy_of<input_refused>{"kh", ""};
template <>
inline constexpr message_policy policy_of<flush_finding>{"k", ""};
template <> // names of variables
inline constexpr message_policy policy_of<credentials_ready>{"kh", ""};
template <>
inline constexpr message_policy policy_of<http_request>{"kw", "d"};
template <>
inline constexpr message_policy policy_of<http_response>{"h", "j"};
template <> // the last is the account
inline constexpr message_policy policy_of<registered>{"kkkn", ""};
template <>
inline constexpr message_policy policy_of<lambda_event>{"kkk", ""};
template <>
inline constexpr message_policy policy_of<stop_requested>{"k", ""};
template <>
inline constexpr message_policy policy_of<telemetry_record>{"oo", "r"};
template <>
inline constexpr message_policy policy_of<invocation_facts>{"hh", ""};
template <>
inline constexpr message_policy policy_of<request_start>{"u", ""};
template <>
inline constexpr message_policy policy_of<runtime_end>{"uk", ""};
template <>
inline constexpr message_policy policy_of<telemetry_work>{"", "", "ccc"};
template <>
inline constexpr message_policy policy_of<telemetry_result>{"uhh", "Ll", "cee"};
template <>
inline constexpr message_policy policy_of<spilled_lines>{"h", "dl"};

} // namespace apm

// Judges first whether the body is JSON at all: proxies and load balancers on
// the way answer with pages of their own, and those are shown, not hidden.
#include "runtime/formats/apm_response.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/json_write.hpp"

#include <algorithm>
#include <limits>

namespace apm {

namespace {

/// As many as fit a log that people read; the server repeats itself anyway.
constexpr size_t messages_max = 10;

/// Two lines of a terminal or so; some messages quote the whole document.
constexpr size_t message_characters_max = 300;

/// A text as one line for people: cut, control characters made blanks, and what
/// is no UTF-8 replaced.
std::string printable(std::string_view text) {
  std::string json;
  append_json_string(
      json, prefix_of_characters(trim_json(text), message_characters_max));
  std::string line = json_string(json).value_or("");
  for (char& x : line)
    if (static_cast<unsigned char>(x) < 0x20 || x == 0x7F)
      x = ' ';
  return line;
}

void add_message(intake_verdict& verdict, std::string_view text) {
  if (verdict.messages.size() < messages_max && !text.empty())
    verdict.messages.push_back(printable(text));
}

/// Adds the messages of `errors`, an array of objects.
void read_errors(intake_verdict& verdict, std::string_view errors) {
  json_walk error{errors};
  while (verdict.errors < messages_max && error.next()) {
    ++verdict.errors;
    for (json_walk member{error.value()}; member.next();) {
      if (member.key() == "message")
        add_message(verdict, json_string(member.value()).value_or(""));
      else if (member.key() == "document")
        verdict.documents.push_back(json_string(member.value()).value_or(""));
    }
  }
}

uint32_t to_count(std::optional<int64_t> number) {
  constexpr int64_t highest = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(
      std::clamp(number.value_or(0), int64_t{0}, highest));
}

} // namespace

intake_verdict parse_intake_answer(std::string_view body) {
  intake_verdict verdict;
  if (json_kind_of(body) != json_kind::object || check_json(body)) {
    add_message(verdict, trim_json(body));
    return verdict;
  }
  for (json_walk member{body}; member.next();) {
    if (member.key() == "accepted") {
      verdict.has_judged = true;
      verdict.accepted = to_count(json_integer(member.value()));
    }
    if (member.key() == "errors")
      read_errors(verdict, member.value());
    else if (member.key() == "error")
      add_message(verdict, json_string(member.value()).value_or(""));
  }
  return verdict;
}

} // namespace apm

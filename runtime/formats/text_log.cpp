#include "runtime/formats/text_log.hpp"

#include "runtime/formats/ascii.hpp"
#include "runtime/formats/rfc3339.hpp"

#include <cstddef>
#include <utility>

namespace apm {

namespace {

/// What is looked at: a time, a request id and a level take some 90 bytes.
constexpr size_t front_bytes_max = 256;

/// Level names of Lambda's runtimes and the usual loggers; the second is what
/// is sent.
constexpr std::pair<std::string_view, std::string_view> levels[] = {
    {"trace", "trace"},     {"debug", "debug"},       {"info", "info"},
    {"warn", "warn"},       {"warning", "warning"},   {"error", "error"},
    {"fatal", "fatal"},     {"critical", "critical"}, {"trce", "trace"},
    {"dbug", "debug"},      {"information", "info"},  {"fail", "error"},
    {"crit", "critical"},   {"notice", "notice"},     {"severe", "severe"},
    {"verbose", "verbose"},
};

/// A UUID as Lambda writes request ids: 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) {
  if (text.size() != 36)
    return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char x = text[i];
    const bool is_hex = (x >= '0' && x <= '9') || (x >= 'a' && x <= 'f')
                        || (x >= 'A' && x <= 'F');
    if (is_dash ? x != '-' : !is_hex)
      return false;
  }
  return true;
}

/// Takes the text up to `end`, which goes as well; empty where there is none.
std::string_view take_field(std::string_view& text, char end) {
  const size_t at = text.find(end);
  if (at == std::string_view::npos)
    return {};
  const auto field = text.substr(0, at);
  text.remove_prefix(at + 1);
  return field;
}

/// Takes a word and the blanks behind it.
std::string_view take_word(std::string_view& text) {
  const auto word = take_field(text, ' ');
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  return word;
}

/// Takes `[LEVEL]`; empty where the text does not begin so.
std::string take_bracketed_level(std::string_view& text) {
  if (text.empty() || text.front() != '[')
    return {};
  const size_t end = text.find(']');
  if (end == std::string_view::npos)
    return {};
  auto level = level_of(text.substr(1, end - 1));
  if (!level.empty())
    text.remove_prefix(end + 1);
  return level;
}

void set_request(text_log& log, std::string_view request_id, bool is_form) {
  if (request_id == "undefined") // Node's runtime, while it initialises
    return;
  log.request_id = request_id;
  log.is_request_certain = is_form && is_uuid(request_id);
}

/// `date time requestId LEVEL …`
text_log read_words(std::string_view front) {
  text_log log;
  const auto date = take_word(front);
  const auto time = take_word(front);
  if (date.empty() || time.empty() || date.front() < '0' || date.front() > '9')
    return log;
  const auto request_id = take_word(front);
  if (is_uuid(request_id)) {
    log.level = level_of(take_word(front));
    set_request(log, request_id, true);
  }
  return log;
}

} // namespace

text_log read_text_log(std::string_view message) {
  auto front = message.substr(0, front_bytes_max);
  text_log log;
  log.level = take_bracketed_level(front);
  if (!log.level.empty()) {
    if (front.empty() || front.front() != '\t')
      return log;
    front.remove_prefix(1);
    const bool is_form = bool{parse_rfc3339_us(take_field(front, '\t'))};
    set_request(log, take_field(front, '\t'), is_form);
    return log;
  }
  if (front.find('\t') == std::string_view::npos)
    return read_words(front);
  auto rest = front;
  const auto time = take_field(rest, '\t');
  const auto request_id = take_field(rest, '\t');
  const bool is_form = bool{parse_rfc3339_us(time)};
  if (is_form)
    log.level = level_of(take_field(rest, '\t'));
  set_request(log, request_id, is_form && !log.level.empty());
  return log;
}

std::string level_of(std::string_view name) {
  const auto lower = lower_case(name);
  for (const auto& [known, sent] : levels)
    if (lower == known)
      return std::string{sent};
  return {};
}

} // namespace apm

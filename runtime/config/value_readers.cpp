// Reading and showing values; see value_readers.hpp.
#include "runtime/config/value_readers.hpp"

#include "runtime/formats/ascii.hpp"
#include "runtime/formats/duration.hpp"
#include "runtime/formats/proxy_rules.hpp"

#include <algorithm>
#include <charconv>

namespace apm {

namespace {

using std::chrono::milliseconds;

bool is_blank_or_control(char x) {
  return static_cast<unsigned char>(x) <= ' ' || x == '\x7F';
}

bool is_control(char x) {
  return static_cast<unsigned char>(x) < ' ' || x == '\x7F';
}

/// Whether `authority`, `[user[:password]@]host[:port]`, has a host, and a port
/// that is one or none.
bool is_sound_authority(std::string_view authority) {
  // Without an @, npos + 1 is 0.
  authority.remove_prefix(authority.rfind('@') + 1);
  const auto bracket = authority.rfind(']'); // of an IPv6 address
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos
      || (bracket != std::string_view::npos && colon < bracket))
    return !authority.empty();
  return colon > 0 && read_number(authority.substr(colon + 1), 1, UINT16_MAX);
}

bool has_blanks(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_blank_or_control);
}

} // namespace

result<milliseconds> read_duration(std::string_view text, milliseconds least) {
  const auto parsed = parse_go_duration(text);
  if (!parsed)
    return parsed.error();
  const auto duration =
      std::chrono::duration_cast<milliseconds>(parsed.value());
  if (duration < least || duration > duration_max)
    return error{errc::bad_duration, "is no duration from "
                                         + format_go_duration(least) + " to "
                                         + format_go_duration(duration_max)};
  return duration;
}

std::string show_duration(milliseconds value) {
  return format_go_duration(value);
}

result<uint64_t> read_number(std::string_view text, uint64_t least,
                             uint64_t most) {
  uint64_t n = 0;
  const auto [end, ec] =
      std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size() || n < least
      || n > most)
    return error{errc::bad_number, "is no whole number from "
                                       + std::to_string(least) + " to "
                                       + std::to_string(most)};
  return n;
}

result<bool> read_bool(std::string_view text) {
  for (auto yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes)
      return true;
  for (auto no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no)
      return false;
  return error{errc::bad_value, "is neither true nor false"};
}

result<std::string> read_url(std::string_view text) {
  while (!text.empty() && text.back() == '/')
    text.remove_suffix(1);
  const auto mark = text.find("://");
  const auto scheme = lower_case(text.substr(0, mark));
  const auto rest = mark == std::string_view::npos ? std::string_view{}
                                                   : text.substr(mark + 3);
  const auto authority = rest.substr(0, rest.find('/'));
  if ((scheme != "http" && scheme != "https") || has_blanks(text)
      || !is_sound_authority(authority)
      || text.find_first_of("?#") != std::string_view::npos)
    return error{errc::bad_url, "is no URL of the form "
                                "https://host[:port][/path]"};
  return std::string{text};
}

result<std::string> read_proxy(std::string_view text) {
  const auto mark = text.find("://");
  const bool has_scheme = mark != std::string_view::npos;
  const auto scheme = lower_case(has_scheme ? text.substr(0, mark) : "http");
  const auto rest = has_scheme ? text.substr(mark + 3) : text;
  const auto authority = rest.substr(0, rest.find('/'));
  // Those that both Go and libcurl know.
  const bool is_known = scheme == "http" || scheme == "https"
                        || scheme == "socks5" || scheme == "socks5h";
  if (!is_known || has_blanks(text) || !is_sound_authority(authority))
    return error{errc::bad_url, "is no proxy of the form [http://]host:port"};
  return std::string{text};
}

result<std::string> read_credential(std::string_view text) {
  while (!text.empty() && is_blank_or_control(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank_or_control(text.back()))
    text.remove_suffix(1);
  if (text.empty())
    return error{errc::bad_value, "holds nothing but blanks"};
  if (std::any_of(text.begin(), text.end(), is_control))
    return error{errc::bad_value,
                 "has a newline or another control character inside, which no "
                 "HTTP header can carry"};
  return std::string{text};
}

result<std::string> read_pem(std::string_view text) {
  std::string pem{text};
  for (size_t at = 0; (at = pem.find("\\n", at)) != std::string::npos; ++at)
    pem.replace(at, 2, "\n");
  if (pem.find("-----BEGIN ") == std::string::npos)
    return error{errc::bad_value, "holds no certificate: PEM text begins with "
                                  "-----BEGIN CERTIFICATE-----"};
  return pem;
}

result<std::string> read_certificate_arn(std::string_view text) {
  if (text.substr(0, 4) != "arn:"
      || text.find(":acm:") == std::string_view::npos)
    return error{errc::bad_value, "is no certificate's ARN of the form "
                                  "arn:aws:acm:REGION:ACCOUNT:certificate/ID"};
  return std::string{text};
}

result<std::string> read_container_uri(std::string_view text) {
  const auto origin = origin_of(text);
  const bool is_sound = origin && !has_blanks(text)
                        && text.find_first_of("@#\\") == std::string_view::npos
                        && read_number(origin->port, 1, UINT16_MAX);
  if (!is_sound
      || (origin->scheme != "https"
          && (origin->scheme != "http" || !is_local_host(origin->host))))
    return error{errc::bad_url, "is neither an https URL nor an http URL on "
                                "loopback or 169.254.0.0/16, and AWS's keys "
                                "are sent nowhere else"};
  return std::string{text};
}

result<void> read_strategy(settings& to, std::string_view text) {
  const auto word = lower_case(text);
  if (word != "syncflush" && word != "background")
    return error{errc::bad_value, "is neither syncflush nor background"};
  to.strategy = word == "background" ? send_strategy::background
                                     : send_strategy::syncflush;
  return boost::outcome_v2::success();
}

std::string show_strategy(const settings& from) {
  return from.strategy == send_strategy::background ? "background"
                                                    : "syncflush";
}

result<void> read_delivery(settings& to, std::string_view text) {
  const auto word = lower_case(text);
  if (word != "at_least_once" && word != "at_most_once")
    return error{errc::bad_value, "is neither at_least_once nor at_most_once"};
  to.delivery = word == "at_most_once" ? delivery_policy::at_most_once
                                       : delivery_policy::at_least_once;
  return boost::outcome_v2::success();
}

std::string show_delivery(const settings& from) {
  return from.delivery == delivery_policy::at_most_once ? "at_most_once"
                                                        : "at_least_once";
}

namespace {

constexpr std::string_view trace_words[] = {"off", "ring", "missed", "all"};
constexpr std::string_view payload_words[] = {"digest", "shape", "full"};

/// Reads one of the words that an enumeration's values have, in their order.
template <class Enum, size_t N>
result<Enum> read_word(std::string_view text,
                       const std::string_view (&words)[N]) {
  const auto word = lower_case(text);
  std::string names;
  for (size_t i = 0; i < N; ++i) {
    if (words[i] == word)
      return static_cast<Enum>(i);
    names += (i == 0 ? "" : ", ") + std::string{words[i]};
  }
  return error{errc::bad_value, "is none of " + names};
}

} // namespace

result<void> read_trace(settings& to, std::string_view text) {
  return store(to.trace, read_word<trace::export_mode>(text, trace_words));
}

std::string show_trace(const settings& from) {
  return std::string{trace_words[static_cast<size_t>(from.trace)]};
}

result<void> read_trace_payload(settings& to, std::string_view text) {
  return store(to.trace_payload,
               read_word<trace::payload_mode>(text, payload_words));
}

std::string show_trace_payload(const settings& from) {
  return std::string{payload_words[static_cast<size_t>(from.trace_payload)]};
}

result<void> read_level(settings& to, std::string_view text) {
  return store(to.level, parse_log_level(lower_case(text)));
}

std::string show_level(const settings& from) {
  return std::string{to_string(from.level)};
}

result<void> read_memory(settings& to, std::string_view text) {
  // Lambda's own range today is 128 to 10,240 MB.
  return store(to.memory_mb, read_number(text, 1, 1024 * 1024));
}

std::string show_memory(const settings& from) {
  return from.memory_mb == 0 ? "" : std::to_string(from.memory_mb);
}

result<void> read_payload_count(settings&, std::string_view text) {
  const auto count = read_number(text, 1, 1'000'000);
  if (!count)
    return count.error();
  return boost::outcome_v2::success();
}

std::string show_payload_count(const settings&) {
  return "no limit";
}

} // namespace apm

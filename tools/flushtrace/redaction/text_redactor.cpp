#include "tools/flushtrace/redaction/text_redactor.hpp"

#include "runtime/formats/rfc3339.hpp"
#include "runtime/recording/masked_text.hpp"
#include "runtime/trace/wire.hpp"
#include "tools/flushtrace/filter/quantity.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace flushtrace {

namespace {

constexpr std::string_view hidden = "(hidden)";

/// What texts of messages can say that is nobody's.
const std::set<std::string_view>& protocol_words() {
  static const std::set<std::string_view> words = {
      "",
      // HTTP
      "GET", "POST", "PUT", "DELETE", "HEAD",
      // types of telemetry
      "function", "extension", "platform.initStart", "platform.initRuntimeDone",
      "platform.initReport", "platform.start", "platform.runtimeDone",
      "platform.report", "platform.end", "platform.fault", "platform.extension",
      "platform.telemetrySubscription", "platform.logsSubscription",
      "platform.logsDropped", "platform.restoreStart",
      "platform.restoreRuntimeDone", "platform.restoreReport",
      // bodies of events and telemetry
      "INVOKE", "SHUTDOWN", "init", "invoke", "restore", "on-demand",
      "snap-start", "provisioned-concurrency", "lambda-managed-instances",
      "X-Amzn-Trace-Id",
      // how invocations and sandboxes end
      "success", "failure", "error", "timeout", "spindown", "SIGTERM", "SIGINT",
      // our own listeners
      "agent", "telemetry"};
  return words;
}

/// What settings can be that is nobody's.
const std::set<std::string_view>& setting_words() {
  static const std::set<std::string_view> words = {"(present)",
                                                   "true",
                                                   "false",
                                                   "yes",
                                                   "no",
                                                   "on",
                                                   "off",
                                                   "syncflush",
                                                   "background",
                                                   "ring",
                                                   "missed",
                                                   "all",
                                                   "digest",
                                                   "shape",
                                                   "full",
                                                   "trace",
                                                   "debug",
                                                   "info",
                                                   "warning",
                                                   "warn",
                                                   "error",
                                                   "critical",
                                                   "on-demand",
                                                   "snap-start",
                                                   "provisioned-concurrency",
                                                   "lambda-managed-instances",
                                                   "at_least_once",
                                                   "at_most_once"};
  return words;
}

bool is_hexadecimal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
         || (c >= 'A' && c <= 'F');
}

constexpr size_t uuid_bytes = 36;

bool is_uuid(std::string_view x) {
  if (x.size() != uuid_bytes)
    return false;
  for (size_t i = 0; i < x.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? x[i] != '-' : !is_hexadecimal(x[i]))
      return false;
  }
  return true;
}

/// Paths of the APIs that we ask, behind whatever a proxy puts in front.
constexpr std::string_view known_paths[] = {
    "/intake/v2/events",
    "/2020-01-01/extension/register",
    "/2020-01-01/extension/event/next",
    "/2020-01-01/extension/init/error",
    "/2020-01-01/extension/exit/error",
    "/2020-08-15/logs",
    "/2022-07-01/telemetry",
    "/config/v1/agents",
};

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool is_port(std::string_view x) {
  constexpr size_t digits_max = 5;
  return !x.empty() && x.size() <= digits_max
         && x.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Of the sandbox itself: nobody's.
bool is_local(std::string_view host) {
  for (const std::string_view name :
       {"localhost", "127.0.0.1", "[::1]", "sandbox.localdomain"})
    if (begins_with(host, name))
      return host.size() == name.size()
             || (host[name.size()] == ':'
                 && is_port(host.substr(name.size() + 1)));
  return false;
}

/// A host alone, or a URL with nothing behind it.
bool is_local_address(std::string_view x) {
  const bool is_url = begins_with(x, "http://");
  if (is_url)
    x.remove_prefix(7);
  if (is_url && !x.empty() && x.back() == '/')
    x.remove_suffix(1);
  return is_local(x);
}

/// The end of a JSON string, which may be cut.
size_t string_end(std::string_view json, size_t begin) {
  while (begin < json.size() && json[begin] != '"')
    begin += json[begin] == '\\' ? 2 : 1;
  return std::min(begin, json.size());
}

/// Whether a string was a member's name, by what is behind it.
bool is_name(std::string_view json, size_t behind) {
  const auto at = json.find_first_not_of(" \t\n\r", behind);
  return at != std::string_view::npos && json[at] == ':';
}

/// *Source:* of error types `runtime/recording/known_names.hpp`.
bool is_protocol_word(std::string_view x) {
  return protocol_words().count(x) > 0 || begins_with(x, "Runtime.");
}

/// Masks the values that a recording leaves open and are no words of the
/// protocol. What is masked stays as it is.
void hide_names(std::string& in) {
  size_t end = 0;
  for (size_t open = in.find('"'); open < in.size();
       open = in.find('"', end + 1)) {
    end = string_end(in, open + 1);
    const auto size = end - (open + 1);
    if (!is_name(in, end + 1)
        && !is_protocol_word(std::string_view{in}.substr(open + 1, size)))
      apm::mask_text(&in[open + 1], size, false);
  }
}

/// A duration in one unit, `1m30s`, or a number.
bool is_number(std::string_view x) {
  if (parse_quantity(x))
    return true;
  return !x.empty() && x.front() >= '0' && x.front() <= '9' && x.size() <= 20
         && x.find_first_not_of("0123456789.hmsun") == std::string_view::npos;
}

} // namespace

text_redactor::text_redactor(uint64_t key, std::vector<kept_part> kept)
    : key_(key), kept_(std::move(kept)) {}

bool text_redactor::keeps(kept_part x) const noexcept {
  return std::find(kept_.begin(), kept_.end(), x) != kept_.end();
}

std::string text_redactor::shown(std::string_view text) const {
  if (is_uuid(text))
    return keeps(kept_part::ids) ? std::string{text} : pseudonym(text);
  if (keeps(kept_part::names) || protocol_words().count(text) > 0
      || apm::parse_rfc3339_us(text))
    return std::string{text};
  const auto colon = text.find("://");
  if (colon != std::string_view::npos
      && (text.substr(0, colon) == "http" || text.substr(0, colon) == "https"))
    return address(text);
  return text[0] == '/' ? address(text) : std::string{};
}

std::string text_redactor::shown_body(std::string_view masked) const {
  std::string made{masked};
  if (!keeps(kept_part::names))
    hide_names(made);
  if (!keeps(kept_part::ids))
    replace_ids(made);
  return made;
}

void text_redactor::replace_ids(std::string& in) const {
  for (size_t at = 0; at + uuid_bytes <= in.size();) {
    const auto part = std::string_view{in}.substr(at, uuid_bytes);
    if (!is_uuid(part)) {
      ++at;
      continue;
    }
    in.replace(at, uuid_bytes, pseudonym(part));
    at += uuid_bytes;
  }
}

uint32_t text_redactor::hash(std::string_view text) const {
  return apm::trace::keyed_hash(key_, text);
}

std::string text_redactor::shown_value(std::string_view value) const {
  if (keeps(kept_part::settings) || is_number(value) || is_local_address(value)
      || setting_words().count(value) > 0)
    return std::string{value};
  return std::string{hidden};
}

std::string text_redactor::pseudonym(std::string_view uuid) const {
  uint32_t parts[4];
  for (uint64_t i = 0; i < 4; ++i)
    parts[i] = apm::trace::keyed_hash(key_ + i + 1, uuid);
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-8%03x-%04x%08x", parts[0],
                parts[1] >> 16, parts[1] & 0xFFF, parts[2] >> 20,
                parts[2] & 0xFFFF, parts[3]);
  return text;
}

std::string text_redactor::address(std::string_view url) const {
  const auto colon = url.find("://");
  const auto begin = colon == std::string_view::npos ? 0 : colon + 3;
  const auto slash = std::min(url.find('/', begin), url.size());
  const auto host = url.substr(begin, slash - begin);
  auto path = url.substr(slash);
  std::string text{url.substr(0, begin)};
  char name[32];
  std::snprintf(name, sizeof name, "host-%08x",
                static_cast<unsigned>(hash(host)));
  if (!host.empty())
    text += is_local(host) ? std::string{host} : std::string{name};
  for (const auto known : known_paths)
    if (path.size() >= known.size()
        && path.substr(path.size() - known.size()) == known) {
      text += path.size() == known.size() ? "" : "/…";
      return text + std::string{known};
    }
  return path.size() <= 1 ? text + std::string{path} : text + "/…";
}

} // namespace flushtrace

#include "runtime/recording/message_inspector.hpp"

#include "runtime/formats/intake_scan.hpp"
#include "runtime/recording/masked_text.hpp"

#include <algorithm>
#include <array>

namespace apm {

namespace {

using trace::body_form;

/// Of what a protocol says: longer than any answer or record that we know, but
/// for those that quote what they refuse.
constexpr size_t protocol_bytes_max = 2048;

/// Of `full`, for one body.
constexpr size_t whole_bytes_max = 32 * 1024;

/// Lines of one body that are told apart; beyond it there are only its sizes.
constexpr uint64_t lines_max = 4096;

uint8_t line_letter(line_kind kind) noexcept {
  switch (kind) {
  case line_kind::metadata:
    return 1;
  case line_kind::transaction:
    return 2;
  case line_kind::span:
    return 3;
  case line_kind::error:
    return 4;
  case line_kind::metricset:
    return 5;
  case line_kind::log:
    return 6;
  case line_kind::other:
    break;
  }
  return 0;
}

/// Headers whose values say nothing of anybody.
constexpr std::string_view open_headers[] = {
    "accept-encoding", "connection", "content-encoding", "content-length",
    "content-type",    "date",       "retry-after",
};

/// Those that actors know by their names, while their values are nobody's
/// business. *Source:* the POLLER, and `runtime/delivery/relay.cpp`.
constexpr std::string_view named_headers[] = {
    "expect",
    "host",
    "keep-alive",
    "lambda-extension-identifier",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-forwarded-for",
};

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Most names differ in length, or else in how they begin.
template <size_t N>
bool is_header_of(const std::string_view (&names)[N],
                  std::string_view name) noexcept {
  const char first = name.empty() ? '\0' : lower(name.front());
  for (const auto& each : names)
    if (each.size() == name.size() && each.front() == first
        && std::equal(each.begin(), each.end(), name.begin(),
                      [](char x, char y) { return x == lower(y); }))
      return true;
  return false;
}

/// A URL without userinfo and query, in two parts.
struct open_url {
  std::string_view scheme; ///< with `://`
  std::string_view rest;
};

open_url without_secrets(std::string_view url) noexcept {
  const auto mark = url.find("://");
  const auto begin = mark == std::string_view::npos ? 0 : mark + 3;
  auto rest = url.substr(begin, url.find('?', begin) - begin);
  const auto at = rest.substr(0, rest.find('/')).rfind('@');
  if (at != std::string_view::npos)
    rest.remove_prefix(at + 1);
  return {url.substr(0, begin), rest};
}

/// Of the APIs that the extension asks on its own. What an agent has us relay
/// may have anything in its path.
bool is_known_path(std::string_view path) noexcept {
  static constexpr std::string_view ours[] = {
      "/2020-01-01/extension/", "/2020-08-15/logs", "/2022-07-01/telemetry"};
  static constexpr std::string_view of_server[] = {"/intake/v2/events",
                                                   "/config/v1/agents"};
  return std::any_of(std::begin(ours), std::end(ours),
                     [&](auto x) { return path.substr(0, x.size()) == x; })
         || std::any_of(std::begin(of_server), std::end(of_server),
                        [&](auto x) { // the server's URL may have a path
                          return path.size() >= x.size()
                                 && path.substr(path.size() - x.size()) == x;
                        });
}

} // namespace

char message_inspector::form_of(std::string_view type) noexcept {
  if (type == "function")
    return 'f';
  // Of the others nothing but their type is looked at.
  static constexpr std::string_view read[] = {
      "platform.start",      "platform.runtimeDone",   "platform.report",
      "platform.initReport", "platform.restoreReport", "platform.logsDropped"};
  return std::find(std::begin(read), std::end(read), type) != std::end(read)
             ? 'j'
             : 'd';
}

void message_inspector::put_kept(std::string_view x) {
  to_.u(x.size() << 2 | trace::kept_text);
  char* kept = to_.text(x);
  if (kept != nullptr && x.substr(0, 4) == "arn:") // the account is in it
    std::replace_if(
        kept, kept + x.size(), [](char c) { return c >= '0' && c <= '9'; },
        '1');
}

void message_inspector::put_address(std::string_view x) {
  const auto [scheme, rest] = without_secrets(x);
  const auto host = std::min(rest.find('/'), rest.size());
  const auto path = rest.substr(host);
  to_.u((scheme.size() + rest.size()) << 2 | trace::kept_text);
  to_.text(scheme);
  to_.text(rest.substr(0, host));
  if (char* kept = to_.text(path); kept != nullptr && !is_known_path(path))
    mask_text(kept, path.size(), false);
}

void message_inspector::put_hashed(std::string_view x) {
  if (!is_from_outside_) // it can be had again: what it was made of is there
    return to_.u(x.size() << 2 | trace::sized_text);
  to_.u(x.size() << 2 | trace::hashed_text);
  to_.number(of_.hash(x));
}

void message_inspector::put_object(const std::string& x) {
  const char how = policy_->text(text_++);
  const bool is_made = !is_from_outside_ && how != 'k' && how != 'w'
                       && of_.mode() != trace::payload_mode::full;
  if (is_made) // as most are
    return to_.u(x.size() << 2
                 | (x.empty() ? trace::kept_text : trace::sized_text));
  if (how == 'w')
    return put_address(x);
  const bool is_full = of_.mode() == trace::payload_mode::full && how != 'n';
  if (how == 'o' && !is_full && is_short_of_room() && x != "function")
    return to_.u(x.size() << 2 | trace::sized_text); // a record's time
  const bool is_kept =
      is_full || x.empty() || how == 'k'
      || (is_from_outside_ && (how == 'o' || (how == 'u' && is_uuid(x))));
  is_kept ? put_kept(x) : put_hashed(x);
}

/// Whatever the mode: credentials travel in headers.
void message_inspector::put_object(const http_header& x) {
  const bool is_open = is_header_of(open_headers, x.name);
  const bool is_named =
      is_open || (is_from_outside_ && is_header_of(named_headers, x.name));
  is_named ? put_kept(x.name) : put_hashed(x.name);
  is_open ? put_kept(x.value) : put_hashed(x.value);
}

void message_inspector::put_object(const steady_time& x) {
  to_.i(
      std::chrono::duration_cast<std::chrono::nanoseconds>(x.time_since_epoch())
          .count());
}

void message_inspector::put_object(const bytes& x) {
  const char how = policy_->body(body_++);
  const auto text = x.view();
  if (text.empty())
    return put_form(body_form::empty);
  const bool is_shape = of_.mode() == trace::payload_mode::shape;
  const bool is_made = how == 'L' && !is_from_outside_;
  if (how == 'L' && (is_shape || is_made)
      && of_.mode() != trace::payload_mode::digest)
    return put_lines(text);
  if (!is_from_outside_) {
    put_form(body_form::size_only);
    return to_.u(text.size());
  }
  // Of lines that are too many to be kept there is better than their beginning.
  const bool is_lines =
      (how == 'l' || how == 'L') && text.size() > whole_bytes_max;
  if (of_.mode() == trace::payload_mode::full && is_lines)
    return put_lines(text);
  if (of_.mode() == trace::payload_mode::full) {
    const auto kept = text.substr(0, std::min(whole_bytes_max, to_.room() / 2));
    put_form(body_form::whole);
    to_.u(text.size());
    to_.u(kept.size());
    to_.text(kept);
    return;
  }
  if (is_shape) {
    if (how == 'm' && text.size() <= protocol_bytes_max)
      return put_masked(text, false, protocol_bytes_max);
    if (how == 'l' || how == 'm')
      return put_lines(text);
    const char form = how == 'r' ? record_form_ : how;
    if (form == 'j')
      return put_masked(text, true, protocol_bytes_max);
    if (form == 'f' && is_short_of_room()) {
      put_form(body_form::size_only);
      return to_.u(text.size());
    }
    if (form == 'f')
      return put_masked(text, false, record_bytes_max);
  }
  put_form(body_form::hashed);
  to_.u(text.size());
  to_.number(of_.hash(text));
}

bool message_inspector::is_short_of_room() const noexcept {
  return record_form_ == 'f'
         && to_.room() < of_.ring().payload_bytes_max() / 4 * 3;
}

void message_inspector::put_lines(std::string_view x) {
  std::array<size_t, lines_max> sizes; // the body is gone through once
  size_t count = 0;
  for (auto rest = x; !rest.empty(); ++count) {
    if (count == lines_max) {
      put_form(body_form::size_only);
      return to_.u(x.size());
    }
    const auto newline = rest.find('\n'); // 20 times as fast as a loop
    sizes[count] =
        newline == std::string_view::npos ? rest.size() : newline + 1;
    rest.remove_prefix(sizes[count]);
  }
  put_form(body_form::lines);
  to_.u(x.size());
  to_.u(count);
  for (size_t i = 0; i < count; ++i) {
    to_.byte(line_letter(kind_of(x.substr(0, sizes[i]))));
    to_.u(sizes[i]);
    x.remove_prefix(sizes[i]);
  }
}

void message_inspector::put_masked(std::string_view x, bool is_protocol,
                                   size_t bytes_max) {
  put_form(body_form::masked);
  to_.u(x.size());
  const auto part = x.substr(0, std::min(bytes_max, to_.room() / 2));
  to_.u(part.size());
  if (char* kept = to_.text(part))
    mask_text(kept, part.size(), is_protocol);
}

} // namespace apm

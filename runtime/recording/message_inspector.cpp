#include "runtime/recording/message_inspector.hpp"

#include "runtime/formats/intake_scan.hpp"
#include "runtime/recording/masked_text.hpp"

#include <algorithm>

namespace apm {

namespace {

/// How a body stands in the trace: FORMAT.md, "Bodies".
enum body_form : uint8_t { empty, size_only, hashed, whole, lines, masked };

/// Of a function's log record: enough to tell JSON from text, and the request
/// id that runtimes write in front.
constexpr size_t record_bytes_max = 96;

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
    "accept-encoding",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "retry-after",
};

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_open_header(std::string_view name) noexcept {
  return std::any_of(std::begin(open_headers), std::end(open_headers),
                     [&](std::string_view open) {
                       return std::equal(
                           open.begin(), open.end(), name.begin(), name.end(),
                           [](char x, char y) { return x == lower(y); });
                     });
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
  to_.u((scheme.size() + rest.size()) << 2 | trace::kept_text);
  to_.text(scheme);
  to_.text(rest);
}

void message_inspector::put_hashed(std::string_view x) {
  if (!is_from_outside_) // it can be had again: what it was made of is there
    return to_.u(x.size() << 2 | trace::sized_text);
  to_.u(x.size() << 2 | trace::hashed_text);
  to_.number(of_.hash(x));
}

void message_inspector::put_object(const std::string& x) {
  const char how = policy_->text(text_++);
  if (how == 'w')
    return put_address(x);
  const bool is_full = of_.mode() == trace::payload_mode::full && how != 'n';
  const bool is_kept =
      is_full || x.empty() || how == 'k'
      || (is_from_outside_ && (how == 'o' || (how == 'u' && is_uuid(x))));
  is_kept ? put_kept(x) : put_hashed(x);
}

/// Whatever the mode: credentials travel in headers.
void message_inspector::put_object(const http_header& x) {
  const bool is_open = is_open_header(x.name);
  is_open ? put_kept(x.name) : put_hashed(x.name);
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
    return to_.byte(empty);
  if (!is_from_outside_) {
    to_.byte(size_only);
    return to_.u(text.size());
  }
  if (of_.mode() == trace::payload_mode::full) {
    const auto kept = text.substr(0, std::min(whole_bytes_max, to_.room() / 2));
    to_.byte(whole);
    to_.u(text.size());
    to_.u(kept.size());
    to_.text(kept);
    return;
  }
  if (of_.mode() == trace::payload_mode::shape) {
    if (how == 'l')
      return put_lines(text);
    const char form = how == 'r' ? record_form_ : how;
    if (form == 'j')
      return put_masked(text, true, protocol_bytes_max);
    if (form == 'f')
      return put_masked(text, false, record_bytes_max);
  }
  to_.byte(hashed);
  to_.u(text.size());
  to_.number(of_.hash(text));
}

void message_inspector::put_lines(std::string_view x) {
  uint64_t count = x.back() == '\n' ? 0 : 1;
  for (auto at = x.find('\n'); at != std::string_view::npos;
       at = x.find('\n', at + 1)) // 20 times as fast as std::count
    ++count;
  if (count > lines_max) {
    to_.byte(size_only);
    return to_.u(x.size());
  }
  to_.byte(lines);
  to_.u(x.size());
  to_.u(count);
  while (!x.empty()) {
    const auto line = x.substr(0, x.find('\n'));
    const auto size = std::min(line.size() + 1, x.size());
    to_.byte(line_letter(kind_of(line)));
    to_.u(size);
    x.remove_prefix(size);
  }
}

void message_inspector::put_masked(std::string_view x, bool is_protocol,
                                   size_t bytes_max) {
  to_.byte(masked);
  to_.u(x.size());
  const auto part = x.substr(0, std::min(bytes_max, to_.room() / 2));
  to_.u(part.size());
  if (char* kept = to_.text(part))
    mask_text(kept, part.size(), is_protocol);
}

} // namespace apm

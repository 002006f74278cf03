#include "runtime/recording/twin.hpp"

#include "runtime/recording/message_inspector.hpp"

#include <algorithm>

namespace apm {

namespace {

using trace::body_form;
using trace::value;

/// Longer than any body that the extension takes: a trace may lie.
constexpr uint64_t bytes_max = uint64_t{1} << 30;

constexpr std::string_view line_kinds[] = {
    "other", "metadata", "transaction", "span", "error", "metricset", "log"};

std::string of_hash(uint32_t hash, uint64_t size) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text(static_cast<size_t>(std::min(size, bytes_max)), '0');
  for (size_t i = 0; i < text.size(); ++i)
    text[i] = digits[hash >> (28 - 4 * (i % 8)) & 15];
  return text;
}

/// One intake line, newline included, of exactly so many bytes where they are
/// enough for its kind.
std::string twin_line(const trace::body_line& x, const std::string& id) {
  const auto kind = line_kinds[x.kind < std::size(line_kinds) ? x.kind : 0];
  std::string line = "{\"" + std::string{kind} + "\":{";
  if (!id.empty())
    line += "\"id\":\"" + id + "\",";
  line += "\"x\":\"";
  constexpr std::string_view end = "\"}}\n";
  const auto bytes = static_cast<size_t>(std::min(x.bytes, bytes_max));
  if (bytes > line.size() + end.size())
    line.append(bytes - line.size() - end.size(), 'x');
  return line += end;
}

std::string twin_lines(const value& x,
                       const std::vector<std::string>& transaction_ids) {
  constexpr uint8_t transaction = 2;
  std::string body;
  size_t transactions = 0;
  for (const auto& line : x.lines) {
    const bool has_id =
        line.kind == transaction && transactions++ < transaction_ids.size();
    body += twin_line(line, has_id ? transaction_ids[transactions - 1]
                                   : std::string{});
    if (body.size() > bytes_max)
      break;
  }
  return body;
}

/// What is hashed is metadata, as a rule.
std::string twin_metadata(const value& x) {
  constexpr std::string_view begin = R"({"metadata":{"service":{"name":")";
  constexpr std::string_view end = "\"}}}";
  const auto around = begin.size() + end.size();
  if (x.size <= around)
    return of_hash(x.hash, x.size);
  return std::string{begin} + of_hash(x.hash, x.size - around)
         + std::string{end};
}

/// A text that was cut, as long as it was: a JSON string is ended; of a
/// function's object nothing is left but that it has a message, since what was
/// kept may end anywhere.
std::string completed(std::string_view kept, uint64_t size) {
  constexpr std::string_view begin = "{\"message\":\"";
  constexpr std::string_view end = "\"}";
  std::string text{kept};
  if (text.size() >= size || text.empty())
    return text;
  const bool is_object = text.front() == '{' && text.size() <= record_bytes_max
                         && size >= begin.size() + end.size();
  if (is_object)
    text = begin;
  text.resize(static_cast<size_t>(std::min(size, bytes_max)), 'x');
  if (is_object)
    text.replace(text.size() - end.size(), end.size(), end);
  else if (text.front() == '"')
    text.back() = '"';
  return text;
}

} // namespace

std::string twin_text(const value& x) {
  if (x.how == trace::kept_text)
    return std::string{x.text};
  if (x.how == trace::hashed_text)
    return of_hash(x.hash, x.size);
  return std::string(static_cast<size_t>(std::min(x.size, bytes_max)), 'x');
}

std::string twin_body(const value& x,
                      const std::vector<std::string>& transaction_ids) {
  switch (x.form) {
  case body_form::empty:
    return {};
  case body_form::lines:
    return twin_lines(x, transaction_ids);
  case body_form::whole:
  case body_form::masked:
    return completed(x.text, x.size);
  case body_form::hashed:
    return twin_metadata(x);
  case body_form::size_only:
    break;
  }
  return std::string(static_cast<size_t>(std::min(x.size, bytes_max)), 'x');
}

} // namespace apm

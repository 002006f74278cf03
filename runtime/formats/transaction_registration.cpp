#include "runtime/formats/transaction_registration.hpp"

#include "runtime/formats/intake_scan.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/json_write.hpp"

#include <iterator>
#include <utility>

namespace apm {

namespace {

/// The line's stretch of the body, without blanks around it.
bytes part_of(const bytes& body, std::string_view line) {
  line = trim_json(line);
  return body.slice(static_cast<size_t>(line.data() - body.view().data()),
                    line.size());
}

/// The text of the transaction object, to its closing brace and beyond.
std::string_view transaction_of(std::string_view line) {
  json_walk envelope{line};
  return envelope.next() ? envelope.value_and_rest() : std::string_view{};
}

std::string member_text(std::string_view name, const transaction_end& end) {
  std::string text;
  if (name == "result")
    append_json_string(text, end.result);
  else if (name == "outcome")
    append_json_string(text, end.outcome);
  else
    append_json_number(text, end.duration_ms);
  return text;
}

} // namespace

result<registration_body> parse_registration(bytes body,
                                             std::string_view sound_metadata) {
  auto lines = split_lines(body.view());
  registration_body parsed;
  if (!lines.empty() && kind_of(lines.front()) == line_kind::metadata) {
    auto metadata = scan_intake(part_of(body, lines.front()), sound_metadata);
    if (!metadata)
      return metadata.error();
    parsed.metadata = std::move(metadata.value().metadata);
    lines.erase(lines.begin());
  }
  if (lines.empty() || kind_of(lines.front()) != line_kind::transaction)
    return error{errc::bad_shape,
                 "there is no line with a `transaction` where it should be"};
  // APM Server's limit for a line is the same as for metadata.
  if (lines.front().size() > metadata_bytes_max)
    return error{errc::too_large, "the transaction line has more than "
                                      + std::to_string(metadata_bytes_max)
                                      + " bytes"};
  parsed.line = part_of(body, lines.front());
  if (auto unsound = check_json(parsed.line.view()))
    return error{unsound->code, "the transaction: " + unsound->detail};
  for (json_walk member{transaction_of(parsed.line.view())}; member.next();)
    if (member.key() == "id")
      parsed.transaction_id = json_string(member.value()).value_or("");
  if (parsed.transaction_id.empty())
    return error{errc::bad_shape, "the transaction has no id"};
  return parsed;
}

std::string complete_transaction(std::string_view line,
                                 const transaction_end& end) {
  constexpr std::string_view names[] = {"result", "outcome", "duration"};
  std::string out;
  size_t copied = 0; // of `line`
  bool has[std::size(names)] = {};
  const auto transaction = transaction_of(line);
  json_walk member{transaction};
  while (member.next()) {
    for (size_t i = 0; i < std::size(names); ++i) {
      if (member.key() != names[i])
        continue;
      const auto value = member.value();
      const auto at = static_cast<size_t>(value.data() - line.data());
      out += line.substr(copied, at - copied);
      out += member_text(names[i], end);
      copied = at + value.size();
      has[i] = true;
    }
  }
  // The walk stands behind the closing brace of the transaction.
  const auto close = line.size() - member.rest().size() - 1;
  out += line.substr(copied, close - copied);
  for (size_t i = 0; i < std::size(names); ++i) {
    if (has[i])
      continue;
    out += ",\""; // an id stands before it
    out += names[i];
    out += "\":";
    out += member_text(names[i], end);
  }
  out += line.substr(close);
  return out;
}

} // namespace apm

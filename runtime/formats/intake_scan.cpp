// One pass over the body: lines are found, counted and told apart by their
// first key; only transactions are looked into, and only until both facts are
// known.
#include "runtime/formats/intake_scan.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"

#include <string>
#include <utility>

namespace apm {

namespace {

constexpr auto npos = std::string_view::npos;

/// A stretch of the body.
struct extent {
  size_t begin = 0;
  size_t end = 0; ///< without the line end

  std::string_view of(std::string_view text) const {
    return text.substr(begin, end - begin);
  }
};

/// Steps over the lines that are not blank.
class line_walk {
public:
  explicit line_walk(std::string_view text) : text_(text) {
    // nop
  }

  bool next() {
    while (next_ < text_.size()) {
      size_t newline = text_.find('\n', next_);
      line_ = {next_, newline == npos ? text_.size() : newline};
      next_ = newline == npos ? text_.size() : newline + 1;
      is_plain_ = newline != npos;
      while (line_.end > line_.begin && text_[line_.end - 1] == '\r') {
        --line_.end;
        is_plain_ = false;
      }
      if (line_.of(text_).find_first_not_of(" \t\r") != npos)
        return true;
    }
    return false;
  }

  extent line() const { return line_; }

  std::string_view text() const { return line_.of(text_); }

  /// Whether the line ends in `\n` and in nothing else.
  bool is_plain() const { return is_plain_; }

private:
  std::string_view text_;
  size_t next_ = 0;
  extent line_;
  bool is_plain_ = false;
};

/// Gathers event lines: as a stretch of the body for as long as they lie there
/// one behind the other in the form that they must have, else as a copy.
class event_lines {
public:
  explicit event_lines(const bytes& body) : body_(body) {
    // nop
  }

  void add(extent line, bool is_plain) {
    if (!is_copying_) {
      if (seen_.begin == seen_.end)
        seen_ = {line.begin, line.begin};
      if (is_plain && line.begin == seen_.end) {
        seen_.end = line.end + 1;
        return;
      }
      is_copying_ = true;
      copy_.reserve(body_.size() - seen_.begin + 1);
      copy_ = seen_.of(body_.view());
    }
    copy_ += line.of(body_.view());
    copy_ += '\n';
  }

  bytes take() {
    return is_copying_ ? bytes{std::move(copy_)}
                       : body_.slice(seen_.begin, seen_.end - seen_.begin);
  }

private:
  const bytes& body_;
  extent seen_; ///< with the last line end
  bool is_copying_ = false;
  std::string copy_;
};

/// The error that keeps a first line from being metadata, if any.
std::optional<error> check_metadata(std::string_view line) {
  if (line.size() > metadata_bytes_max)
    return error{errc::too_large, "the metadata line has "
                                      + std::to_string(line.size())
                                      + " bytes, more than the "
                                      + std::to_string(metadata_bytes_max)
                                      + " that APM Server takes"};
  if (auto unsound = check_json(line))
    return error{unsound->code, "the first line: " + unsound->detail};
  json_walk member{line};
  if (!member.next() || member.key() != "metadata")
    return error{errc::metadata_missing,
                 "the first line is no object with the member `metadata`"};
  if (json_kind_of(member.value()) != json_kind::object)
    return error{errc::bad_shape, "`metadata` is no object"};
  if (member.next())
    return error{errc::metadata_missing,
                 "the first line has more members than `metadata`"};
  return {};
}

/// The string member `name` of the object that `text` begins with.
std::string string_member(std::string_view text, std::string_view name) {
  for (json_walk member{text}; member.next();)
    if (member.key() == name)
      return json_string(member.value()).value_or("");
  return {};
}

/// What a transaction line says of itself; an empty id where it cannot be used.
/// A line that breaks off before both facts are found names nothing: the server
/// will refuse it, so its transaction is still to come.
transaction_seen read_transaction(std::string_view line) {
  transaction_seen seen;
  json_walk envelope{line};
  if (!envelope.next())
    return {};
  json_walk member{envelope.value_and_rest()};
  while (member.next()) {
    if (member.key() == "id")
      seen.id = json_string(member.value()).value_or("");
    else if (member.key() == "faas")
      seen.request_id = string_member(member.value_and_rest(), "execution");
    if (!seen.id.empty() && !seen.request_id.empty())
      return seen;
  }
  return member.is_whole() ? seen : transaction_seen{};
}

} // namespace

line_kind kind_of(std::string_view line) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  static constexpr std::pair<std::string_view, line_kind> kinds[] = {
      {"transaction", line_kind::transaction},
      {"span", line_kind::span},
      {"error", line_kind::error},
      {"metricset", line_kind::metricset},
      {"log", line_kind::log},
      {"metadata", line_kind::metadata},
  };
  size_t at = 1;
  if (line.substr(0, 2) != "{\"") { // as agents write it
    at = line.find_first_not_of(blanks);
    if (at == npos || line[at] != '{')
      return line_kind::other;
    at = line.find_first_not_of(blanks, at + 1);
    if (at == npos || line[at] != '"')
      return line_kind::other;
  }
  line.remove_prefix(at + 1);
  for (auto [name, kind] : kinds)
    if (name.size() < line.size() && line[name.size()] == '"'
        && line.substr(0, name.size()) == name)
      return kind;
  return line_kind::other;
}

result<intake_body> scan_intake(bytes body, std::string_view sound_metadata) {
  intake_body intake;
  line_walk walk{body.view()};
  if (!walk.next())
    return intake;
  std::string_view first = trim_json(walk.text());
  if (first != sound_metadata)
    if (auto unsound = check_metadata(first))
      return std::move(*unsound);
  auto offset = static_cast<size_t>(first.data() - body.view().data());
  intake.metadata = body.slice(offset, first.size());
  event_lines events{body};
  while (walk.next()) {
    ++intake.lines;
    events.add(walk.line(), walk.is_plain());
    if (kind_of(walk.text()) != line_kind::transaction)
      continue;
    transaction_seen seen = read_transaction(walk.text());
    if (!seen.id.empty())
      intake.transactions.push_back(std::move(seen));
  }
  intake.events = events.take();
  return intake;
}

bytes without_transaction(const bytes& events, std::string_view id) {
  std::string kept;
  for (const auto line : split_lines(events.view())) {
    if (kind_of(line) == line_kind::transaction
        && read_transaction(line).id == id)
      continue;
    kept += line;
    kept += '\n';
  }
  return bytes{std::move(kept)};
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (line_walk walk{text}; walk.next();)
    lines.push_back(walk.text());
  return lines;
}

uint64_t count_lines(std::string_view text) noexcept {
  uint64_t count = 0;
  for (size_t at = text.find('\n'); at != npos; at = text.find('\n', at + 1))
    ++count; // 20 times as fast as std::count: lines are long
  return count;
}

std::string_view whole_lines(std::string_view text) noexcept {
  return text.substr(0, text.rfind('\n') + 1);
}

} // namespace apm

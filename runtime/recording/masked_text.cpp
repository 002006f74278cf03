#include "runtime/recording/masked_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace apm {

namespace {

constexpr size_t uuid_bytes = 36;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// What a character is, for masking. Beyond ASCII every byte becomes a letter:
/// the text stays valid UTF-8.
enum class letter : uint8_t { mark, digit, lower, upper, beyond };

constexpr letter letter_of(unsigned char c) noexcept {
  if (c >= '0' && c <= '9')
    return letter::digit;
  if (c >= 'a' && c <= 'z')
    return letter::lower;
  if (c >= 'A' && c <= 'Z')
    return letter::upper;
  return c >= 0x80 ? letter::beyond : letter::mark;
}

/// Looked up, as every byte that is masked asks for it.
constexpr auto make_letters() noexcept {
  std::array<letter, 256> table{};
  for (size_t c = 0; c < table.size(); ++c)
    table[c] = letter_of(static_cast<unsigned char>(c));
  return table;
}

constexpr auto letters = make_letters();

letter look_up(char c) noexcept {
  return letters[static_cast<unsigned char>(c)];
}

bool is_word(letter x) noexcept {
  return x != letter::mark && x != letter::beyond;
}

/// Members that we read, of Lambda's answers and records and the APM Server's.
/// *Shape:* by length: of most lengths there are three.
constexpr std::string_view known_names[] = {
    "msg",
    "time",
    "type",
    "level",
    "phase",
    "spans",
    "value",
    "errors",
    "reason",
    "record",
    "status",
    "handler",
    "message",
    "metrics",
    "tracing",
    "accepted",
    "document",
    "initType",
    "errorType",
    "eventType",
    "log.level",
    "requestId",
    "timestamp",
    "deadlineMs",
    "durationMs",
    "buffer_size",
    "droppedBytes",
    "functionName",
    "memorySizeMB",
    "droppedRecords",
    "initDurationMs",
    "shutdownReason",
    "functionVersion",
    "maxMemoryUsedMB",
    "billedDurationMs",
    "restoreDurationMs",
    "initializationType",
    "invokedFunctionArn",
};

/// Those of them whose values are words of the protocol.
constexpr std::string_view word_names[] = {
    "type",
    "phase",
    "status",
    "initType",
    "eventType",
    "shutdownReason",
    "initializationType",
};

/// Of names by their length, the shorter ones first.
template <size_t N>
bool is_one_of(std::string_view name,
               const std::string_view (&names)[N]) noexcept {
  for (const auto& each : names) {
    if (each.size() > name.size())
      return false;
    if (each == name)
      return true;
  }
  return false;
}

/// Goes through a text from its begin to its end, once.
class masker {
public:
  masker(char* text, size_t size, bool is_protocol) noexcept
      : at_(text), end_(text + size), is_protocol_(is_protocol) {}

  void run_plain(const char* end) noexcept {
    while (at_ < end) {
      if (*at_ == '\\' && end - at_ > 1) // an escape keeps its length
        skip_escape(end);
      else if (!is_word(look_up(*at_)))
        mask_mark();
      else if (begins_uuid(end))
        at_ += uuid_bytes;
      else
        mask_word(end);
    }
  }

  void run_json() noexcept {
    while (at_ < end_) {
      if (*at_ == '"')
        string();
      else if (is_digit(*at_) && !is_protocol_)
        *at_++ = '1';
      else
        ++at_;
    }
  }

private:
  /// Most texts are told by their eighth character.
  bool begins_uuid(const char* end) const noexcept {
    return static_cast<size_t>(end - at_) >= uuid_bytes && at_[8] == '-'
           && is_uuid({at_, uuid_bytes});
  }

  void mask_mark() noexcept {
    if (look_up(*at_) == letter::beyond)
      *at_ = 'x';
    ++at_;
  }

  /// Of ids and keys: where in them the digits are tells something, too.
  void mask_word(const char* end) noexcept {
    static constexpr char shown[] = {'?', '1', 'x', 'X'};
    char* const begin = at_;
    unsigned seen = 0;
    for (; at_ < end; ++at_) {
      const auto x = look_up(*at_);
      if (!is_word(x))
        break;
      seen |= 1U << static_cast<unsigned>(x);
      *at_ = shown[static_cast<size_t>(x)];
    }
    constexpr unsigned digits = 1U << static_cast<unsigned>(letter::digit);
    if ((seen & digits) != 0 && seen != digits)
      std::fill(begin, at_, 'x');
  }

  void skip_escape(const char* end) noexcept {
    if (at_[1] != 'u') {
      at_ += 2;
      return;
    }
    at_ += 2;
    for (int i = 0; i < 4 && at_ < end && is_hexadecimal(*at_); ++i)
      *at_++ = '1'; // U+1111 is a letter
  }

  /// The quote that ends a string, or the text's end.
  char* find_close(char* begin) const noexcept {
    for (char* from = begin; from < end_;) {
      auto* close = static_cast<char*>(
          std::memchr(from, '"', static_cast<size_t>(end_ - from)));
      if (close == nullptr)
        return end_;
      size_t escapes = 0;
      while (close - escapes > begin
             && close[-1 - static_cast<long>(escapes)] == '\\')
        ++escapes;
      if (escapes % 2 == 0)
        return close;
      from = close + 1;
    }
    return end_;
  }

  void string() noexcept {
    char* begin = ++at_;
    char* close = find_close(begin);
    const std::string_view content{begin, static_cast<size_t>(close - begin)};
    const char* next = close + (close < end_ ? 1 : 0);
    while (next < end_ && (*next == ' ' || *next == '\n' || *next == '\t'))
      ++next;
    const bool is_name = next < end_ && *next == ':';
    if (is_name ? is_one_of(content, known_names)
                : is_protocol_ && is_word_value_)
      at_ = close;
    else
      run_plain(close);
    is_word_value_ = is_name && is_one_of(content, word_names);
    at_ = close + (close < end_ ? 1 : 0);
  }

  char* at_;
  char* end_;
  bool is_protocol_;
  bool is_word_value_ = false;
};

} // namespace

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != uuid_bytes)
    return false;
  for (const size_t dash : {8, 13, 18, 23})
    if (text[dash] != '-')
      return false;
  size_t digits = 0;
  for (const char c : text)
    digits += is_hexadecimal(c) ? 1 : 0;
  return digits == uuid_bytes - 4; // all but the dashes
}

void mask_text(char* text, size_t size, bool is_protocol) noexcept {
  masker all{text, size, is_protocol};
  const bool is_json =
      size > 0 && (*text == '{' || *text == '[' || *text == '"');
  if (is_json)
    all.run_json();
  else
    all.run_plain(text + size);
}

} // namespace apm

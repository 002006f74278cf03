#include "runtime/recording/masked_text.hpp"

#include <algorithm>
#include <array>

namespace apm {

namespace {

constexpr size_t uuid_bytes = 36;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_word(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char masked(char c) noexcept {
  if (is_digit(c))
    return '1';
  if (c >= 'A' && c <= 'Z')
    return 'X';
  // Beyond ASCII every byte becomes a letter: the text stays valid UTF-8.
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80 ? 'x'
                                                                         : c;
}

/// Members that we read, of Lambda's answers and records and the APM Server's.
constexpr std::string_view known_names[] = {
    "accepted",
    "billedDurationMs",
    "buffer_size",
    "deadlineMs",
    "document",
    "droppedBytes",
    "droppedRecords",
    "durationMs",
    "errorType",
    "errors",
    "eventType",
    "functionName",
    "functionVersion",
    "handler",
    "initDurationMs",
    "initType",
    "initializationType",
    "invokedFunctionArn",
    "level",
    "log.level",
    "maxMemoryUsedMB",
    "memorySizeMB",
    "message",
    "metrics",
    "msg",
    "phase",
    "reason",
    "record",
    "requestId",
    "restoreDurationMs",
    "shutdownReason",
    "spans",
    "status",
    "time",
    "timestamp",
    "tracing",
    "type",
    "value",
};

/// Those of them whose values are words of the protocol.
constexpr std::string_view word_names[] = {
    "eventType",      "initType", "initializationType", "phase", "status",
    "shutdownReason", "type",
};

template <size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Goes through a text from its begin to its end, once.
class masker {
public:
  masker(char* text, size_t size, bool is_protocol) noexcept
      : at_(text), end_(text + size), is_protocol_(is_protocol) {}

  void run_plain(char* end) noexcept {
    while (at_ < end) {
      if (*at_ == '\\' && end - at_ > 1) // an escape keeps its length
        skip_escape(end);
      else if (!is_word(*at_))
        mask_one();
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

  void mask_one() noexcept {
    *at_ = masked(*at_);
    ++at_;
  }

  /// Of ids and keys: where in them the digits are tells something, too.
  void mask_word(char* end) noexcept {
    char* const begin = at_;
    bool has_digit = false;
    bool has_letter = false;
    for (; at_ < end && is_word(*at_); ++at_) {
      const char c = masked(*at_);
      has_digit = has_digit || c == '1';
      has_letter = has_letter || c != '1';
      *at_ = c;
    }
    if (has_digit && has_letter)
      std::fill(begin, at_, 'x');
  }

  void skip_escape(char* end) noexcept {
    if (at_[1] != 'u') {
      at_ += 2;
      return;
    }
    at_ += 2;
    for (int i = 0; i < 4 && at_ < end && is_hexadecimal(*at_); ++i)
      *at_++ = '1'; // U+1111 is a letter
  }

  void string() noexcept {
    char* begin = ++at_;
    char* close = begin;
    while (close < end_ && *close != '"')
      close += *close == '\\' && end_ - close > 1 ? 2 : 1;
    close = std::min(close, end_);
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
  for (size_t i = 0; i < uuid_bytes; ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_hexadecimal(text[i]))
      return false;
  }
  return true;
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

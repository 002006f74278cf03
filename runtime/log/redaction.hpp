// Keeps secrets out of what people read: the log and --check-config.
//
//   redaction words;
//   words.hide(api_key);
//   log_line = words.apply(log_line);
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// Cuts `user:password@` out of every URL in a text, and out of the text itself
/// where it is a `user:password@host` without a scheme and without blanks, as
/// proxies may be written.
[[nodiscard]] std::string without_userinfo(std::string_view text);

class redaction {
public:
  /// Replaces `secret` from now on wherever it stands. What is shorter than 4
  /// bytes would be found in ordinary words, and is not looked for.
  void hide(std::string secret);

  /// A copy of a text that has neither a hidden secret nor a URL's userinfo.
  [[nodiscard]] std::string apply(std::string_view text) const;

private:
  std::vector<std::string> secrets_; ///< longest first: one may hold another
};

} // namespace apm

// Finding and replacing secrets; see redaction.hpp.
#include "runtime/log/redaction.hpp"

#include <algorithm>

namespace apm {

namespace {

constexpr size_t secret_bytes_min = 4;
constexpr std::string_view hidden = "***";

/// What ends a URL's authority, in a URL or in the text around it.
constexpr std::string_view authority_ends = " \t\r\n/?#\"'<>\\,;()[]{}";

/// The end of the userinfo in the authority that begins at `from`, @ included;
/// `from` where there is none.
size_t end_of_userinfo(std::string_view text, size_t from) {
  // An IPv6 address in brackets comes after the @, if there is one.
  const auto end =
      std::min(text.find_first_of(authority_ends, from), text.size());
  const auto at = text.substr(from, end - from).rfind('@');
  return at == std::string_view::npos ? from : from + at + 1;
}

bool is_one_word(std::string_view text) {
  return text.find_first_of(" \t\r\n") == std::string_view::npos;
}

} // namespace

std::string without_userinfo(std::string_view text) {
  if (text.find('@') == std::string_view::npos)
    return std::string{text};
  std::string result;
  size_t done = 0;
  if (text.find("://") == std::string_view::npos && is_one_word(text))
    done = end_of_userinfo(text, 0);
  for (size_t mark = text.find("://", done); mark != std::string_view::npos;
       mark = text.find("://", done)) {
    const auto from = mark + 3;
    result += text.substr(done, from - done);
    done = end_of_userinfo(text, from);
  }
  result += text.substr(done);
  return result;
}

void redaction::hide(std::string secret) {
  const bool is_known =
      std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end();
  if (is_known || secret.size() < secret_bytes_min)
    return;
  const auto place = std::lower_bound(
      secrets_.begin(), secrets_.end(), secret,
      [](const auto& x, const auto& y) { return x.size() > y.size(); });
  secrets_.insert(place, std::move(secret));
}

std::string redaction::apply(std::string_view text) const {
  auto result = without_userinfo(text);
  for (const auto& secret : secrets_)
    for (size_t at = 0; (at = result.find(secret, at)) != std::string::npos;
         at += hidden.size())
      result.replace(at, secret.size(), hidden);
  return result;
}

} // namespace apm

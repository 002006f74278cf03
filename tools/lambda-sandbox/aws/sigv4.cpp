// The signature, step by step as AWS describes it; see sigv4.hpp.
#include "tools/lambda-sandbox/aws/sigv4.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace sandbox {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// How far a request's time may be from AWS's. Source: AWS IAM user guide,
/// "Troubleshoot Signature Version 4 requests".
constexpr std::int64_t skew_s_max = 300;

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string hex(std::string_view raw) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : raw) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return hex({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::string hmac(std::string_view key, std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest,
       nullptr);
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts{""};
  for (const char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

bool is_unreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'
         || c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
      continue;
    }
    encoded += '%';
    encoded += digits[static_cast<unsigned char>(c) >> 4];
    encoded += digits[static_cast<unsigned char>(c) & 15];
  }
  return encoded;
}

std::string decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string digits{text.substr(i, 1) == "%" ? text.substr(i + 1, 2)
                                                      : std::string_view{}};
    if (digits.size() == 2
        && std::isxdigit(static_cast<unsigned char>(digits[0])) != 0
        && std::isxdigit(static_cast<unsigned char>(digits[1])) != 0) {
      decoded += static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// The path without `.`, `..` and empty steps, each step encoded. What is
/// encoded on the wire is so twice: that is what AWS wants.
std::string canonical_path(std::string_view path) {
  std::vector<std::string> steps;
  for (auto& step : split(path, '/')) {
    if (step == ".." && !steps.empty())
      steps.pop_back();
    else if (!step.empty() && step != "." && step != "..")
      steps.push_back(encode(step));
  }
  std::string canonical;
  for (const auto& step : steps)
    canonical += '/' + step;
  if (canonical.empty() || (path.size() > 1 && path.back() == '/'))
    canonical += '/';
  return canonical;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& part : split(query, '&')) {
    if (part.empty())
      continue;
    const auto equals = part.find('=');
    const auto value =
        equals == std::string::npos ? "" : part.substr(equals + 1);
    pairs.emplace_back(encode(decode(part.substr(0, equals))),
                       encode(decode(value)));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string canonical;
  for (const auto& [name, value] : pairs)
    canonical += (canonical.empty() ? "" : "&") + name + '=' + value;
  return canonical;
}

/// Blanks around a value go, several in a row become one.
std::string canonical_value(std::string_view value) {
  std::string canonical;
  for (const char c : value) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank)
      canonical += c;
    else if (!canonical.empty() && canonical.back() != ' ')
      canonical += ' ';
  }
  if (!canonical.empty() && canonical.back() == ' ')
    canonical.pop_back();
  return canonical;
}

std::string joined_values(const http_request& request,
                          const std::string& lower_name) {
  std::string joined;
  bool is_first = true;
  for (const auto& [name, value] : request.headers) {
    if (lower(name) != lower_name)
      continue;
    joined += (is_first ? "" : ",") + canonical_value(value);
    is_first = false;
  }
  return joined;
}

std::int64_t unix_s_of(const std::string& timestamp) {
  std::tm time{};
  const auto* end = strptime(timestamp.c_str(), "%Y%m%dT%H%M%SZ", &time);
  return end == nullptr || *end != '\0' ? 0 : timegm(&time);
}

/// What has to be signed and is not, or is signed and not there.
std::string check_signed_headers(const http_request& request,
                                 const std::vector<std::string>& names) {
  if (!std::is_sorted(names.begin(), names.end()))
    return "the signed headers are not in the order of their names";
  for (const auto& name : names)
    if (!request.has_header(name))
      return "the signed header " + name + " is not in the request";
  for (const auto& [name, value] : request.headers) {
    const auto small = lower(name);
    const bool must_be_signed = small == "host" || small == "content-type"
                                || small.compare(0, 6, "x-amz-") == 0;
    if (must_be_signed
        && std::find(names.begin(), names.end(), small) == names.end())
      return "the header " + name + " is not signed";
  }
  return {};
}

} // namespace

bool parse_sigv4(std::string_view header, sigv4_authorization& parsed) {
  if (header.substr(0, algorithm.size() + 1) != std::string{algorithm} + ' ')
    return false;
  header.remove_prefix(algorithm.size() + 1);
  for (const auto& part : split(header, ',')) {
    const auto begin = std::min(part.find_first_not_of(' '), part.size());
    const auto equals = std::min(part.find('='), part.size());
    const auto name = part.substr(begin, equals - begin);
    const auto value = part.substr(std::min(equals + 1, part.size()));
    if (name == "Credential") {
      const auto fields = split(value, '/');
      if (fields.size() != 5 || fields[4] != "aws4_request")
        return false;
      parsed.access_key_id = fields[0];
      parsed.date = fields[1];
      parsed.region = fields[2];
      parsed.service = fields[3];
    } else if (name == "SignedHeaders") {
      parsed.signed_headers = split(value, ';');
    } else if (name == "Signature") {
      parsed.signature = value;
    }
  }
  return !parsed.access_key_id.empty() && !parsed.signed_headers.empty()
         && !parsed.signature.empty();
}

std::string
sigv4_canonical_request(const http_request& request,
                        const std::vector<std::string>& signed_headers) {
  const std::string_view target = request.target;
  const auto question = target.find('?');
  const auto query = question == std::string_view::npos
                         ? std::string_view{}
                         : target.substr(question + 1);
  std::string text = request.method + '\n'
                     + canonical_path(target.substr(0, question)) + '\n'
                     + canonical_query(query) + '\n';
  std::string names;
  for (const auto& name : signed_headers) {
    text += name + ':' + joined_values(request, name) + '\n';
    names += (names.empty() ? "" : ";") + name;
  }
  return text + '\n' + names + '\n' + sha256_hex(request.body);
}

std::string sigv4_signature(const sigv4_authorization& scope,
                            std::string_view timestamp,
                            std::string_view canonical_request,
                            std::string_view secret_access_key) {
  const auto string_to_sign =
      std::string{algorithm} + '\n' + std::string{timestamp} + '\n' + scope.date
      + '/' + scope.region + '/' + scope.service + "/aws4_request\n"
      + sha256_hex(canonical_request);
  auto key = hmac("AWS4" + std::string{secret_access_key}, scope.date);
  key = hmac(key, scope.region);
  key = hmac(key, scope.service);
  key = hmac(key, "aws4_request");
  return hex(hmac(key, string_to_sign));
}

std::string check_sigv4(const http_request& request,
                        const aws_identity& identity, std::string_view service,
                        std::int64_t unix_now_s) {
  sigv4_authorization given;
  if (!parse_sigv4(request.header("Authorization"), given))
    return "there is no Authorization of the form AWS4-HMAC-SHA256";
  if (given.access_key_id != identity.access_key_id)
    return "the access key id is not the one in force";
  if (request.header("X-Amz-Security-Token") != identity.session_token)
    return "the session token is not the one in force";
  if (given.service != service)
    return "the scope's service is " + given.service + ", not "
           + std::string{service};
  const std::string timestamp{request.header("X-Amz-Date")};
  if (std::abs(unix_s_of(timestamp) - unix_now_s) > skew_s_max)
    return "X-Amz-Date is more than 5 minutes off";
  if (timestamp.substr(0, given.date.size()) != given.date)
    return "the scope's date is not that of X-Amz-Date";
  auto problem = check_signed_headers(request, given.signed_headers);
  if (!problem.empty())
    return problem;
  const auto canonical = sigv4_canonical_request(request, given.signed_headers);
  if (sigv4_signature(given, timestamp, canonical, identity.secret_access_key)
      != given.signature)
    return "the signature is wrong";
  return {};
}

} // namespace sandbox

#include "runtime/aws/aws_answer.hpp"

#include "runtime/aws/string_member.hpp"
#include "runtime/formats/base64.hpp"

#include <utility>

namespace apm {

namespace {

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The name of an error without its namespace: `com.amazon#Name:url`.
std::string error_type(const http_response& answer) {
  std::string type;
  for (const auto& h : answer.headers)
    if (h.name == "x-amzn-errortype")
      type = h.value;
  if (type.empty())
    type = string_member(answer.body.view(), {"__type", "code"}).value_or("");
  type = type.substr(0, type.find(':'));
  if (const auto hash = type.rfind('#'); hash != std::string::npos)
    type.erase(0, hash + 1);
  return type.empty() ? "status " + std::to_string(answer.status) : type;
}

std::string_view permission_for(aws_service service) {
  switch (service) {
  case aws_service::secrets_manager:
    return "secretsmanager:GetSecretValue";
  case aws_service::parameter_store:
    return "ssm:GetParameter";
  case aws_service::certificate_manager:
    break;
  }
  return "acm:GetCertificate";
}

/// What to do about an error of AWS's.
std::string advice_for(const aws_source& source, std::string_view type,
                       std::string_view message) {
  if (contains(message, "kms") || contains(message, "KMS")
      || contains(type, "Decryption") || contains(type, "KMS"))
    return "allow the function's role kms:Decrypt on the key that it is "
           "encrypted with";
  if (starts_with(type, "AccessDenied") || starts_with(type, "NotAuthorized"))
    return "allow the function's role "
           + std::string{permission_for(source.service)} + " on it";
  if (contains(type, "NotFound") || starts_with(type, "Validation")
      || contains(type, "Arn"))
    return "check its name and the region";
  if (contains(type, "Token") || contains(type, "Signature")
      || contains(type, "Expired"))
    return "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
           "AWS_SESSION_TOKEN, which Lambda sets";
  return "see AWS's documentation of this error";
}

bool is_passing(uint16_t status, std::string_view type) {
  return status == 429 || status >= 500 || contains(type, "Throttl")
         || contains(type, "LimitExceeded") || contains(type, "TooManyRequests")
         || contains(type, "Expired") || starts_with(type, "InvalidSignature")
         || starts_with(type, "RequestInProgress");
}

aws_answer failed(std::string problem) {
  return {fetch_outcome::failed, {}, std::move(problem)};
}

aws_answer read_failure(const http_response& answer) {
  // A certificate that is not trusted will not be so in a second.
  const bool is_passing = answer.failure != http_failure::tls;
  return {is_passing ? fetch_outcome::try_again : fetch_outcome::failed,
          {},
          "no answer (" + answer.detail
              + "); the function's network must reach AWS's API: in a VPC that "
                "takes an interface endpoint or a NAT gateway"};
}

aws_answer read_refusal(const aws_source& source, const http_response& answer) {
  const auto type = error_type(answer);
  const auto message = message_of(answer);
  auto problem = type + (message.empty() ? "" : ": " + message) + "; "
                 + advice_for(source, type, message);
  return {is_passing(answer.status, type) ? fetch_outcome::try_again
                                          : fetch_outcome::failed,
          {},
          std::move(problem)};
}

/// The secret as it is kept, before a member is taken out of it.
result<std::string> stored_value(const aws_source& source,
                                 std::string_view body) {
  const error none{errc::bad_shape, "the answer holds no value"};
  if (source.service == aws_service::secrets_manager) {
    if (auto text = string_member(body, {"SecretString"}))
      return *text;
    if (auto binary = string_member(body, {"SecretBinary"}))
      return decode_base64(*binary);
    return none;
  }
  for (json_walk member{body}; member.next();)
    if (member.key() == "Parameter")
      if (auto value = string_member(member.value(), {"Value"}))
        return *value;
  return none;
}

/// The member of a JSON secret that `id#member` names.
result<std::string> take_member(const std::string& secret,
                                const std::string& name) {
  if (check_json(secret)
      || json_kind_of(trim_json(secret)) != json_kind::object)
    return error{errc::bad_shape, "it is no JSON object, so that it has no "
                                  "member "
                                      + name};
  for (json_walk member{secret}; member.next();) {
    if (json_string('"' + std::string{member.key()} + '"') != name)
      continue;
    if (auto text = json_string(member.value()))
      return *text;
    if (json_kind_of(member.value()) == json_kind::number)
      return std::string{member.value()};
    return error{errc::bad_shape, "its member " + name + " is no text"};
  }
  return error{errc::bad_shape,
               "it has no member " + name + "; check what follows the #"};
}

aws_answer read_secret(const aws_source& source, std::string_view body) {
  auto stored = stored_value(source, body);
  if (!stored)
    return failed(stored.error().detail);
  auto secret = std::move(stored.value());
  if (!source.member.empty()) {
    auto member = take_member(secret, source.member);
    if (!member)
      return failed(member.error().detail);
    secret = std::move(member.value());
  } else if (json_kind_of(trim_json(secret)) == json_kind::object
             && !check_json(secret)) {
    return failed("it is a JSON object; name the member that is meant, as in "
                  + source.id + "#member");
  }
  const auto trimmed = trim_credential(secret);
  if (trimmed.empty())
    return failed("it is empty");
  if (!is_header_value(trimmed))
    return failed("it holds a line break or another control character, which "
                  "no credential can");
  return {fetch_outcome::got, std::string{trimmed}, {}};
}

aws_answer read_certificate(std::string_view body) {
  auto pem = string_member(body, {"Certificate"}).value_or("");
  if (!contains(pem, "-----BEGIN CERTIFICATE-----"))
    return failed("the answer holds no certificate");
  if (pem.back() != '\n')
    pem += '\n';
  pem += string_member(body, {"CertificateChain"}).value_or("");
  return {fetch_outcome::got, std::move(pem), {}};
}

} // namespace

aws_answer read_aws_answer(const aws_source& source,
                           const http_response& answer) {
  if (answer.failure != http_failure::none)
    return read_failure(answer);
  if (answer.status != 200)
    return read_refusal(source, answer);
  if (auto unsound = check_json(answer.body.view()))
    return failed("the answer is no JSON"); // its text may hold the secret
  if (source.service == aws_service::certificate_manager)
    return read_certificate(answer.body.view());
  return read_secret(source, answer.body.view());
}

} // namespace apm

#include "runtime/aws/container_credentials.hpp"

#include "runtime/aws/string_member.hpp"
#include "runtime/credentials/credential_store.hpp"

#include <utility>

namespace apm {

namespace {

/// The endpoint is on this machine or beside it: AWS's SDKs wait as long.
constexpr int64_t keys_timeout_ms = 1000;

/// An answer has 1 to 2 KB; session tokens have no limit that AWS would name.
constexpr uint64_t keys_bytes_max = 64 * 1024;

keys_answer no_keys(std::string problem) {
  return {fetch_outcome::failed, {}, std::move(problem)};
}

keys_answer read_refusal(const http_response& answer) {
  const auto message = message_of(answer);
  const bool is_passing = answer.status == 429 || answer.status >= 500;
  return {is_passing ? fetch_outcome::try_again : fetch_outcome::failed,
          {},
          "status " + std::to_string(answer.status)
              + (message.empty() ? "" : ": " + message)
              + "; check AWS_CONTAINER_CREDENTIALS_FULL_URI and "
                "AWS_CONTAINER_AUTHORIZATION_TOKEN, which Lambda sets"};
}

} // namespace

bool needs_container_keys(const settings& config) {
  return !config.aws_container_uri.empty()
         && (config.aws_access_key_id.empty()
             || config.aws_secret_access_key.empty());
}

result<aws_call> make_keys_call(const settings& config,
                                std::string_view token) {
  token = trim_credential(token);
  if (!is_header_value(token))
    return error{errc::bad_value, "the token for it holds a line break or "
                                  "another control character"};
  aws_call call;
  auto& request = call.request;
  request.method = "GET";
  request.url = config.aws_container_uri;
  request.headers = {{"Accept", "application/json"}};
  if (!token.empty())
    request.headers.push_back({"Authorization", std::string{token}});
  request.timeout_ms = keys_timeout_ms;
  request.response_bytes_max = keys_bytes_max;
  return call;
}

keys_answer read_keys_answer(const http_response& answer) {
  if (answer.failure != http_failure::none) {
    // A certificate that is not trusted will not be so in a second.
    const bool is_passing = answer.failure != http_failure::tls;
    return {is_passing ? fetch_outcome::try_again : fetch_outcome::failed,
            {},
            "no answer (" + answer.detail + ')'};
  }
  if (answer.status != 200)
    return read_refusal(answer);
  const auto body = answer.body.view();
  if (check_json(body))
    return no_keys("the answer is no JSON"); // its text may hold the keys
  aws_keys keys{string_member(body, {"AccessKeyId"}).value_or(""),
                string_member(body, {"SecretAccessKey"}).value_or(""),
                string_member(body, {"Token"}).value_or("")};
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return no_keys("the answer holds no AccessKeyId or no SecretAccessKey");
  if (!is_header_value(keys.access_key_id)
      || !is_header_value(keys.session_token))
    return no_keys(
        "the answer's keys hold a control character, which no header "
        "can");
  return {fetch_outcome::got, std::move(keys), {}};
}

} // namespace apm

// Requests, their signatures and their answers; see aws_server.hpp.
// Source: API references of AWS Secrets Manager (GetSecretValue), AWS Systems
// Manager (GetParameter) and AWS Certificate Manager (GetCertificate); AWS SDKs
// and Tools reference guide, "Container credential provider".
#include "tools/lambda-sandbox/aws/aws_server.hpp"

#include "tools/lambda-sandbox/aws/sigv4.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace sandbox {

namespace {

constexpr std::int64_t ns_per_s = 1000 * ns_per_ms;

/// What keys say of their end; Lambda's live for some hours.
constexpr std::int64_t keys_live_ns = 3600 * ns_per_s;

constexpr const char* json_type = "application/x-amz-json-1.1";

/// What a request may ask for, by its X-Amz-Target.
struct known_action {
  const char* target;
  const char* service;
  /// Of the body: what names the thing.
  const char* id_member;
};

constexpr known_action known_actions[] = {
    {"secretsmanager.GetSecretValue", "secretsmanager", "SecretId"},
    {"AmazonSSM.GetParameter", "ssm", "Name"},
    {"CertificateManager.GetCertificate", "acm", "CertificateArn"},
};

std::string error_text(const char* type, std::string_view message) {
  return json_object{}.add("__type", type).add("message", message).text();
}

/// What a client should have sent otherwise, besides its signature.
void check_head(const http_request& request, aws_request& record) {
  if (request.method != "POST")
    record.protocol_errors.push_back("the method is " + request.method
                                     + ", not POST");
  if (request.header("Content-Type") != json_type)
    record.protocol_errors.push_back(std::string{"the Content-Type is not "}
                                     + json_type);
}

} // namespace

aws_server::aws_server(boost::asio::io_context& io, aws_settings settings,
                       request_handler on_request)
    : io_{io},
      settings_{std::move(settings)},
      rules_{settings_.rules},
      on_request_{std::move(on_request)},
      // Of these keys nobody knows: the first must be fetched.
      identity_{settings_.has_container_credentials ? container_identity(0)
                                                    : aws_identity{}},
      server_{io, [this](const http_exchange_ptr& exchange) {
                on_exchange(exchange);
              }} {}

void aws_server::on_exchange(const http_exchange_ptr& exchange) {
  const auto& request = exchange->request();
  if (settings_.has_container_credentials && request.target == container_path)
    return on_keys_wanted(exchange);
  aws_request record;
  record.at_ns = request.arrived_ns;
  record.target = request.header("X-Amz-Target");
  check_head(request, record);
  std::string service;
  for (const auto& known : known_actions) {
    if (record.target != known.target)
      continue;
    service = known.service;
    if (const auto body = parse_json(request.body))
      record.id = string_member(*body, known.id_member).value_or("");
  }
  if (service.empty())
    record.protocol_errors.push_back("unknown X-Amz-Target " + record.target);
  const auto problem =
      check_sigv4(request, identity_, service, unix_now_ns() / ns_per_s);
  if (!problem.empty())
    record.protocol_errors.push_back(problem);
  if (!record.protocol_errors.empty()) {
    record.status = 403;
    on_request_(record);
    return exchange->answer(
        403,
        error_text("InvalidSignatureException", record.protocol_errors.back()),
        {{"Content-Type", json_type}});
  }
  const auto rule = rules_.take(now_ns());
  auto sound = find(record);
  record.status = rule.hang           ? 0
                  : rule.status < 300 ? sound.status
                                      : rule.status;
  on_request_(record);
  obey(rule, exchange, std::move(sound));
}

void aws_server::on_keys_wanted(const http_exchange_ptr& exchange) {
  const auto& request = exchange->request();
  aws_request record;
  record.at_ns = request.arrived_ns;
  record.target = "container credentials";
  if (request.method != "GET")
    record.protocol_errors.push_back("the method is " + request.method
                                     + ", not GET");
  if (request.header("Authorization") != container_token)
    record.protocol_errors.push_back(
        "the Authorization is not AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (!record.protocol_errors.empty()) {
    record.status = 401;
    on_request_(record);
    return exchange->answer(401,
                            json_object{}
                                .add("code", "Unauthorized")
                                .add("message", record.protocol_errors.back())
                                .text(),
                            {{"Content-Type", "application/json"}});
  }
  identity_ = container_identity(++keys_given_);
  record.id = identity_.access_key_id;
  record.status = 200;
  on_request_(record);
  exchange->answer(
      200,
      json_object{}
          .add("AccessKeyId", identity_.access_key_id)
          .add("SecretAccessKey", identity_.secret_access_key)
          .add("Token", identity_.session_token)
          .add("Expiration", rfc3339_ms(unix_now_ns() + keys_live_ns))
          .text(),
      {{"Content-Type", "application/json"}});
}

void aws_server::obey(const apm_server_rule& rule,
                      const http_exchange_ptr& exchange, reply sound) {
  if (rule.hang)
    return hanging_.push_back(exchange);
  if (rule.status >= 300)
    sound = {rule.status, rule.body};
  auto timer = std::make_shared<boost::asio::steady_timer>(
      io_, std::chrono::milliseconds{rule.delay_ms});
  timer->async_wait([timer, exchange, sound](boost::system::error_code error) {
    if (!error)
      exchange->answer(sound.status, sound.body, {{"Content-Type", json_type}});
  });
}

aws_server::reply aws_server::find(const aws_request& request) {
  if (settings_.denied.count(request.id) > 0)
    return {400, error_text("AccessDeniedException",
                            "the function's role is not authorized to perform "
                            "this on resource: "
                                + request.id)};
  if (request.target == known_actions[0].target)
    return next_value(settings_.secrets, request, "ResourceNotFoundException");
  if (request.target == known_actions[1].target)
    return next_value(settings_.parameters, request, "ParameterNotFound");
  const auto found = settings_.certificates.find(request.id);
  if (found == settings_.certificates.end())
    return {400,
            error_text("ResourceNotFoundException", "no such certificate")};
  return {200, json_object{}
                   .add("Certificate", found->second.certificate)
                   .add("CertificateChain", found->second.chain)
                   .text()};
}

aws_server::reply
aws_server::next_value(std::map<std::string, std::vector<aws_secret>>& values,
                       const aws_request& request, const char* not_found) {
  const auto found = values.find(request.id);
  if (found == values.end())
    return {400, error_text(not_found, "can't find it")};
  auto& kept = found->second;
  const auto given = kept.front();
  if (kept.size() > 1)
    kept.erase(kept.begin());
  if (request.target == known_actions[1].target)
    return {200, json_object{}
                     .add("Parameter", json_object{}
                                           .add("Name", request.id)
                                           .add("Type", "SecureString")
                                           .add("Value", given.value))
                     .text()};
  return {200, json_object{}
                   .add("Name", request.id)
                   .add(given.is_binary ? "SecretBinary" : "SecretString",
                        given.value)
                   .text()};
}

} // namespace sandbox

#include "runtime/aws/aws_request.hpp"

#include "runtime/formats/json_write.hpp"

namespace apm {

namespace {

/// For an answer, from connecting to its last byte. AWS answers in some 10 ms;
/// a TLS handshake on the slice of a core that the smallest function owns takes
/// a few hundred.
constexpr int64_t call_timeout_ms = 3000;

/// A secret has 64 KiB at most, a certificate's chain 2 MiB. *Source:* API
/// references, as above.
constexpr uint64_t answer_bytes_max = 4 * 1024 * 1024;

std::string_view target_of(aws_service service) {
  switch (service) {
  case aws_service::secrets_manager:
    return "secretsmanager.GetSecretValue";
  case aws_service::parameter_store:
    return "AmazonSSM.GetParameter";
  case aws_service::certificate_manager:
    break;
  }
  return "CertificateManager.GetCertificate";
}

std::string body_of(const aws_source& source) {
  std::string body;
  json_object object{body};
  switch (source.service) {
  case aws_service::secrets_manager:
    object.string("SecretId", source.id);
    break;
  case aws_service::parameter_store:
    object.string("Name", source.id);
    object.boolean("WithDecryption", true);
    break;
  case aws_service::certificate_manager:
    object.string("CertificateArn", source.id);
    break;
  }
  object.end();
  return body;
}

} // namespace

aws_keys keys_of(const settings& config) {
  return {config.aws_access_key_id, config.aws_secret_access_key,
          config.aws_session_token};
}

result<aws_call> make_aws_call(const aws_source& source, const settings& config,
                               const aws_keys& keys) {
  const auto region = region_of(source, config);
  if (region.empty())
    return error{errc::bad_value, "AWS_REGION is not set"};
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return error{
        errc::bad_value,
        "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set, nor is "
        "AWS_CONTAINER_CREDENTIALS_FULL_URI"};
  aws_call call;
  call.signing = aws_signing{"aws:amz:" + region + ':'
                                 + std::string{signing_name(source.service)},
                             keys.access_key_id, keys.secret_access_key};
  auto& request = call.request;
  request.method = "POST";
  request.url = endpoint_of(source, config) + '/';
  request.headers = {
      {"Content-Type", "application/x-amz-json-1.1"},
      {"X-Amz-Target", std::string{target_of(source.service)}},
  };
  if (!keys.session_token.empty())
    request.headers.push_back({"X-Amz-Security-Token", keys.session_token});
  request.body = bytes{body_of(source)};
  request.timeout_ms = call_timeout_ms;
  request.response_bytes_max = answer_bytes_max;
  return call;
}

} // namespace apm

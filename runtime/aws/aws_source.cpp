#include "runtime/aws/aws_source.hpp"

namespace apm {

namespace {

/// The fourth field of `arn:partition:service:region:account:…`; empty where it
/// is no ARN.
std::string_view region_of_arn(std::string_view id) {
  if (id.substr(0, 4) != "arn:")
    return {};
  constexpr int fields_before = 3;
  for (int i = 0; i < fields_before; ++i) {
    const auto colon = id.find(':');
    if (colon == std::string_view::npos)
      return {};
    id.remove_prefix(colon + 1);
  }
  return id.substr(0, id.find(':'));
}

const std::string& own_endpoint(aws_service service, const settings& config) {
  switch (service) {
  case aws_service::secrets_manager:
    return config.aws_endpoint_secrets_manager;
  case aws_service::parameter_store:
    return config.aws_endpoint_ssm;
  case aws_service::certificate_manager:
    break;
  }
  return config.aws_endpoint_acm;
}

} // namespace

std::vector<aws_source> aws_sources(const settings& config) {
  std::vector<aws_source> sources;
  if (config.server_url.empty())
    return sources;
  const auto add = [&](const std::string& named, const char* variable,
                       credential_kind kind, aws_service service) {
    if (named.empty())
      return;
    aws_source source;
    source.kind = kind;
    source.service = service;
    source.origin = service == aws_service::parameter_store
                        ? credential_origin::parameter_store
                        : credential_origin::secrets_manager;
    source.variable = variable;
    const auto hash = named.find('#');
    source.id = named.substr(0, hash);
    if (hash != std::string::npos)
      source.member = named.substr(hash + 1);
    sources.push_back(std::move(source));
  };
  add(config.secrets_manager_api_key_id,
      "ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID", credential_kind::api_key,
      aws_service::secrets_manager);
  add(config.secrets_manager_secret_token_id,
      "ELASTIC_APM_SECRETS_MANAGER_SECRET_TOKEN_ID",
      credential_kind::secret_token, aws_service::secrets_manager);
  add(config.ssm_api_key_name, "ELASTIC_APM_SSM_API_KEY_NAME",
      credential_kind::api_key, aws_service::parameter_store);
  add(config.ssm_secret_token_name, "ELASTIC_APM_SSM_SECRET_TOKEN_NAME",
      credential_kind::secret_token, aws_service::parameter_store);
  add(config.ca_acm_id, "ELASTIC_APM_SERVER_CA_CERT_ACM_ID",
      credential_kind::ca_pem, aws_service::certificate_manager);
  return sources;
}

std::string region_of(const aws_source& source, const settings& config) {
  const auto of_arn = region_of_arn(source.id);
  return of_arn.empty() ? config.region : std::string{of_arn};
}

std::string endpoint_of(const aws_source& source, const settings& config) {
  if (const auto& own = own_endpoint(source.service, config); !own.empty())
    return own;
  if (!config.aws_endpoint.empty())
    return config.aws_endpoint;
  const auto region = region_of(source, config);
  const bool is_china = region.compare(0, 3, "cn-") == 0;
  return "https://" + std::string{signing_name(source.service)} + '.' + region
         + (is_china ? ".amazonaws.com.cn" : ".amazonaws.com");
}

std::string_view signing_name(aws_service service) {
  switch (service) {
  case aws_service::secrets_manager:
    return "secretsmanager";
  case aws_service::parameter_store:
    return "ssm";
  case aws_service::certificate_manager:
    break;
  }
  return "acm";
}

} // namespace apm

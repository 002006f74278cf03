// Goes through the table and collects what is wrong; see settings.hpp.
#include "runtime/config/settings.hpp"

#include "runtime/config/settings_table.hpp"

#include <algorithm>

namespace apm {

namespace {

constexpr std::string_view server_variable = "ELASTIC_APM_LAMBDA_APM_SERVER";
constexpr std::string_view buffer_variable = "ELASTIC_APM_LAMBDA_BUFFER_BYTES";

/// What follows from a bad value, as a clause.
std::string consequence(const setting_row& row) {
  if (row.variable == server_variable)
    return "; nothing can be delivered";
  const auto otherwise = row.value.show(settings{});
  return otherwise.empty() ? "; it is not used"
                           : "; " + otherwise + " is used instead";
}

void read_row(const setting_row& row, std::string_view value,
              loaded_settings& loaded) {
  const std::string variable{row.variable};
  if (auto outcome = row.value.read(loaded.values, value); !outcome)
    loaded.problems.push_back({variable,
                               outcome.error().detail + consequence(row),
                               row.variable == server_variable, false});
  else if (row.is_deprecated)
    loaded.problems.push_back(
        {variable,
         "is deprecated: set " + std::string{row.superseded_by} + '='
             + row.value.show(loaded.values) + " in its place",
         false, true});
}

/// What is held must leave the function its memory. An eighth is twice the
/// default's share of Lambda's smallest sandbox, which has 128 MB.
constexpr uint64_t memory_share = 8;

void limit_to_share_of_memory(const environment& env, loaded_settings& loaded) {
  auto& values = loaded.values;
  constexpr uint64_t mib = 1024 * 1024;
  const uint64_t bytes_max = values.memory_mb * mib / memory_share;
  if (values.memory_mb == 0 || values.buffer_bytes <= bytes_max)
    return;
  values.buffer_bytes = bytes_max;
  const std::string variable{buffer_variable};
  if (!value_of(env, variable).empty())
    loaded.problems.push_back(
        {variable,
         "is more than an eighth of the function's memory; "
             + std::to_string(bytes_max) + " is used instead",
         false, false});
}

} // namespace

loaded_settings load_settings(const environment& env) {
  loaded_settings loaded;
  for (const auto& row : settings_table()) {
    const auto value = value_of(env, row.variable);
    if (!value.empty() && value_of(env, row.superseded_by).empty())
      read_row(row, value, loaded);
  }
  auto& values = loaded.values;
  if (values.service_name.empty())
    values.service_name = values.function_name;
  limit_to_share_of_memory(env, loaded);
  if (value_of(env, server_variable).empty())
    loaded.problems.insert(loaded.problems.begin(),
                           {std::string{server_variable},
                            "is not set: nothing can be delivered. Set it to "
                            "the URL of your APM Server",
                            true, false});
  return loaded;
}

std::vector<std::string> confidential_values(const settings& from) {
  std::vector<std::string> values{
      from.api_key,           from.secret_token,
      from.aws_access_key_id, from.aws_secret_access_key,
      from.aws_session_token, from.aws_container_token};
  for (const auto* url :
       {&from.server_url, &from.https_proxy, &from.http_proxy,
        &from.aws_endpoint, &from.aws_endpoint_secrets_manager,
        &from.aws_endpoint_acm, &from.aws_endpoint_ssm}) {
    const auto mark = url->find("://");
    const auto begin = mark == std::string::npos ? 0 : mark + 3;
    const auto authority = url->substr(begin, url->find('/', begin) - begin);
    const auto at = authority.rfind('@');
    if (at == std::string::npos)
      continue;
    const auto userinfo = authority.substr(0, at);
    values.push_back(userinfo);
    if (const auto colon = userinfo.find(':'); colon != std::string::npos)
      values.push_back(userinfo.substr(colon + 1)); // the password alone
  }
  values.erase(std::remove(values.begin(), values.end(), ""), values.end());
  return values;
}

} // namespace apm

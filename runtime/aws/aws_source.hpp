// What the settings say is to be fetched from AWS, and where it lies there.
//
//   for (const auto& source : aws_sources(config)) …
#pragma once

#include "runtime/config/settings.hpp"
#include "runtime/credentials/credential_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace apm {

enum class aws_service : uint8_t {
  secrets_manager,
  parameter_store, ///< of Systems Manager, "SSM"
  certificate_manager,
};

/// One secret or certificate.
struct aws_source {
  credential_kind kind = credential_kind::api_key;
  credential_origin origin = credential_origin::secrets_manager;
  aws_service service = aws_service::secrets_manager;
  std::string variable; ///< the setting that names it
  std::string id;       ///< ARN or name, as the service wants it
  std::string member;   ///< of a JSON secret; empty: the secret is the value
};

/// All that is to be fetched; none where there is no APM Server to show it to.
/// *Shape:* in the order of the settings. `id#member` is taken apart: neither
/// an ARN nor a name can hold a `#`.
std::vector<aws_source> aws_sources(const settings& config);

/// The region to ask: the ARN's own, where the id is one, else the function's.
std::string region_of(const aws_source& source, const settings& config);

/// The base URL to ask, without a trailing slash: as the variables of AWS's own
/// SDKs say, else AWS's own. *Source:* AWS SDKs and Tools reference guide,
/// "Service-specific endpoints"; AWS General Reference, "Service endpoints"
/// (regions in China are below amazonaws.com.cn).
std::string endpoint_of(const aws_source& source, const settings& config);

/// The service's name in a signature's scope and in AWS's host names.
std::string_view signing_name(aws_service service);

} // namespace apm

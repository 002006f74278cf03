// The machine as the configuration check looks at it: files, the agents' port,
// certificates as OpenSSL reads them, today's date.
#pragma once

#include "runtime/config/configuration_check.hpp"

namespace apm {

/// The machine as it is now.
outside_world make_outside_world();

/// Reads all certificates of a PEM text; other blocks are passed over.
/// *Errors:* `bad_value` where there is none, or one is damaged.
result<std::vector<certificate_facts>> read_certificates(std::string_view pem);

} // namespace apm

// What libcurl needs to sign a request with AWS Signature Version 4.
#pragma once

#include <string>

namespace apm {

struct aws_signing {
  std::string scope; ///< `aws:amz:REGION:SERVICE`
  std::string access_key_id;
  std::string secret_access_key;
};

} // namespace apm

// Certificates made on the spot: an authority of one's own, and what it issues.
//   const auto authority = make_authority("Sandbox CA");
//   const auto server = issue(authority, {{"localhost"}, {"127.0.0.1"}});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sandbox {

/// A certificate and its key, both PEM.
struct certificate {
  std::string certificate_pem;
  std::string key_pem;
};

/// What a server's certificate says.
struct certificate_wishes {
  std::vector<std::string> host_names;
  std::vector<std::string> addresses;
  /// Seconds from now; both below 0: it has expired.
  std::int64_t valid_from_s = -86'400;
  std::int64_t valid_until_s = 86'400;
  /// The first is the subject's common name, too, if there is one.
  bool is_authority = false;
};

/// Makes an authority with a new EC key that signs itself.
/// *Errors*: both texts are empty if OpenSSL refuses.
certificate make_authority(const std::string& name);

/// Makes a certificate with a new EC key, signed by `authority`.
/// *Errors*: both texts are empty if OpenSSL refuses.
certificate issue(const certificate& authority,
                  const certificate_wishes& wishes);

} // namespace sandbox

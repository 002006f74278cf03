// Looks through PEM text for certificates, as far as is needed to find one by
// the name of its subject. Parsing a system's 150 certificates in full takes
// OpenSSL 3.0 about 30 ms of CPU, this under one.
//
//   for (auto& c : scan_pem(text).certificates)
//     index.emplace(c.subject, c.der);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// A certificate that is known by its subject alone.
struct scanned_certificate {
  std::string der;     ///< all bytes of the block
  std::string subject; ///< as `fold_name` makes it
};

struct scanned_pem {
  std::vector<scanned_certificate> certificates; ///< in the text's order
  size_t damaged = 0; ///< blocks that are cut off, no base64 or no certificate
};

/// Finds all certificates of a PEM text. Line ends may be of any kind, or
/// blanks; what stands between the blocks is passed over, and so are keys.
/// *Source:* RFC 7468; the older labels are OpenSSL's.
scanned_pem scan_pem(std::string_view text);

/// Brings a distinguished name into a form that is the same for all names that
/// count as equal: whatever the strings' types, upper and lower case of ASCII
/// letters, and runs of blanks.
///
/// @param der the name as in a certificate
/// @returns a key to look up by, for no other use; nothing where the name is
///          damaged
/// *Source:* RFC 5280, 7.1; OpenSSL compares names so.
std::optional<std::string> fold_name(std::string_view der);

} // namespace apm

// Where a system keeps its certificate authorities, and reading them.
//
//   for (auto& text : read_system_cas(places, warn))
//     …
#pragma once

#include "runtime/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace apm {

/// Takes a sentence for the log.
using warning_sink = std::function<void(const std::string&)>;

struct ca_places {
  /// SSL_CERT_FILE: the bundle, in place of the usual ones. May be empty.
  std::string file;
  /// SSL_CERT_DIR: folders, with colons between them. May be empty.
  std::string directories;
  /// Bundles, of which the first that is there counts. *Source:* Debian's
  /// ca-certificates; Amazon Linux's and Fedora's ca-certificates; Alpine's.
  std::vector<std::string> usual_files = {
      "/etc/ssl/certs/ca-certificates.crt",
      "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
      "/etc/ssl/ca-bundle.pem",
      "/etc/pki/tls/cacert.pem",
      "/etc/ssl/cert.pem",
  };
  /// Folders, for systems without a bundle.
  std::vector<std::string> usual_directories = {"/etc/ssl/certs",
                                                "/etc/pki/tls/certs"};
};

/// Reads a file of certificates.
/// *Errors:* `io`; `too_large` for what cannot be one.
result<std::string> read_ca_file(const std::string& path);

/// Reads what the system trusts: SSL_CERT_FILE or the first usual bundle, and
/// all files of SSL_CERT_DIR; the usual folders only where there is no bundle.
/// *Shape:* PEM texts. *Errors:* each is a warning; what is there is read.
std::vector<std::string> read_system_cas(const ca_places& places,
                                         const warning_sink& warn);

} // namespace apm

// Which certificate authorities are trusted: the system's and those that the
// user adds. Costs nothing until the first TLS connection is made: only then
// the certificates are read, and they are indexed, not parsed. One that a
// server's chain asks for is parsed, and kept.
//
//   trust_store trust{sources, [&](const std::string& text) { log.warn(text);
//   }}; trust.add_pem(certificate_from_acm);   // at any time
//   trust.use_in(ssl_context);             // for each new connection
#pragma once

#include "runtime/tls/ca_places.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// OpenSSL's own names for these types; its headers are large.
struct ssl_ctx_st;
struct x509_lookup_st;
struct x509_store_st;
struct x509_st;

namespace apm {

struct trust_sources {
  ca_places system;
  std::string pem;  ///< ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM
  std::string file; ///< path, ELASTIC_APM_SERVER_CA_CERT_FILE
};

/// *Ownership:* contexts that use it may outlive it; they trust nobody new
/// then.
class trust_store {
public:
  /// @param warn told once of each source that is of no use; the others hold
  trust_store(trust_sources sources, warning_sink warn);
  ~trust_store();

  trust_store(const trust_store&) = delete;
  trust_store& operator=(const trust_store&) = delete;

  /// Adds certificates that became known later, of AWS Certificate Manager for
  /// instance. They hold for connections made from now on.
  void add_pem(std::string pem);

  /// Has the connections of `context` trust what is trusted here, and nothing
  /// else. The first call reads the certificates.
  /// *Errors:* false: OpenSSL is out of memory.
  [[nodiscard]] bool use_in(ssl_ctx_st* context);

  /// Certificates in the index; 0 before the first connection.
  size_t known() const noexcept { return by_subject_.size(); }

  /// Those of them that were parsed, because a chain asked for them.
  size_t parsed() const noexcept { return parsed_; }

  /// Answers OpenSSL's question for a subject: for the lookup method alone.
  /// *Ownership:* of the store. *Errors:* null where there is none.
  x509_st* find(std::string_view subject_der);

private:
  struct indexed {
    std::string der;
    bool is_in_store = false;
  };

  void load();
  size_t add(std::string_view pem, const std::string& source);
  void add_user_pem(std::string_view pem, const std::string& source);
  x509_st* parse(indexed& certificate);

  trust_sources sources_;
  warning_sink warn_;
  std::vector<std::string> later_pems_; ///< that came before the first use
  std::multimap<std::string, indexed> by_subject_;
  size_t parsed_ = 0;
  x509_lookup_st* lookup_ = nullptr; ///< the store's
  x509_store_st* store_ = nullptr;
};

} // namespace apm

#include "runtime/tls/trust_store.hpp"

#include "runtime/tls/certificate_scan.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

namespace apm {

namespace {

constexpr auto acm_source = "ELASTIC_APM_SERVER_CA_CERT_ACM_ID";
constexpr auto pem_source = "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM";
constexpr auto file_source = "ELASTIC_APM_SERVER_CA_CERT_FILE";

/// OpenSSL asks here for an issuer that is not in its store yet.
int get_by_subject(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type,
                   const X509_NAME* name, X509_OBJECT* answer) noexcept {
  if (type != X509_LU_X509)
    return 0;
  auto* trust = static_cast<trust_store*>(X509_LOOKUP_get_method_data(lookup));
  const unsigned char* der = nullptr;
  size_t size = 0;
  if (trust == nullptr)
    return 0; // it is gone
  if (X509_NAME_get0_der(name, &der, &size) != 1)
    return 0;
  auto* found = trust->find({reinterpret_cast<const char*>(der), size});
  if (found == nullptr || X509_OBJECT_set1_X509(answer, found) != 1)
    return 0;
  // The caller borrows it, as of OpenSSL's own methods: the store keeps it.
  X509_free(found);
  return 1;
}

/// One for the process, as OpenSSL's own methods are: stores may live on.
X509_LOOKUP_METHOD* index_method() {
  static auto* method = [] {
    auto* made = X509_LOOKUP_meth_new("subject index");
    if (made != nullptr)
      X509_LOOKUP_meth_set_get_by_subject(made, get_by_subject);
    return made;
  }();
  return method;
}

} // namespace

trust_store::trust_store(trust_sources sources, warning_sink warn)
    : sources_(std::move(sources)), warn_(std::move(warn)) {
  // nop
}

trust_store::~trust_store() {
  if (lookup_ != nullptr)
    X509_LOOKUP_set_method_data(lookup_, nullptr);
  X509_STORE_free(store_);
}

void trust_store::add_pem(std::string pem) {
  if (store_ == nullptr)
    later_pems_.push_back(std::move(pem));
  else
    add_user_pem(pem, acm_source);
}

bool trust_store::use_in(ssl_ctx_st* context) {
  if (store_ == nullptr)
    load();
  if (store_ == nullptr)
    return false;
  SSL_CTX_set1_cert_store(context, store_);
  return true;
}

void trust_store::load() {
  auto* method = index_method();
  auto* store = method != nullptr ? X509_STORE_new() : nullptr;
  if (store == nullptr)
    return;
  lookup_ = X509_STORE_add_lookup(store, method);
  if (lookup_ == nullptr) {
    X509_STORE_free(store);
    return;
  }
  X509_LOOKUP_set_method_data(lookup_, this);
  // As libcurl sets its own: an intermediate that a user gives is an anchor.
  X509_STORE_set_flags(store,
                       X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  store_ = store;
  for (const auto& text : read_system_cas(sources_.system, warn_))
    add(text, {});
  if (!sources_.pem.empty())
    add_user_pem(sources_.pem, pem_source);
  if (!sources_.file.empty()) {
    if (auto text = read_ca_file(sources_.file))
      add_user_pem(text.value(), file_source);
    else
      warn_(std::string{file_source} + ": " + text.error().detail
            + "; going on without it");
  }
  for (const auto& pem : later_pems_)
    add_user_pem(pem, acm_source);
  later_pems_.clear();
  if (by_subject_.empty())
    warn_("no CA certificates were found, so no server can be trusted: set "
          "SSL_CERT_FILE to the system's bundle");
}

void trust_store::add_user_pem(std::string_view pem,
                               const std::string& source) {
  if (add(pem, source) == 0)
    warn_(source
          + " holds no usable certificate; going on without it. It "
            "must be PEM: -----BEGIN CERTIFICATE-----, base64, -----END "
            "CERTIFICATE-----");
}

/// @param source of the user's; empty: the system's, whose flaws are not news
/// @returns how many certificates it has
size_t trust_store::add(std::string_view pem, const std::string& source) {
  auto scanned = scan_pem(pem);
  for (auto& each : scanned.certificates) {
    const auto [begin, end] = by_subject_.equal_range(each.subject);
    const bool is_known = std::any_of(
        begin, end, [&](const auto& x) { return x.second.der == each.der; });
    if (is_known)
      continue;
    // Its name may have been asked for before: then OpenSSL looks into the
    // store alone.
    const bool was_asked_for = std::any_of(
        begin, end, [](const auto& x) { return x.second.is_in_store; });
    auto added = by_subject_.emplace(std::move(each.subject),
                                     indexed{std::move(each.der)});
    if (was_asked_for)
      parse(added->second);
  }
  const auto count = scanned.certificates.size();
  if (!source.empty() && count > 0 && scanned.damaged > 0)
    warn_(source + ": " + std::to_string(scanned.damaged) + " of "
          + std::to_string(scanned.damaged + count)
          + " certificates are damaged and left out");
  return count;
}

x509_st* trust_store::parse(indexed& certificate) {
  const auto* at =
      reinterpret_cast<const unsigned char*>(certificate.der.data());
  // With what OpenSSL's own "TRUSTED CERTIFICATE" has behind it.
  auto* parsed =
      d2i_X509_AUX(nullptr, &at, static_cast<long>(certificate.der.size()));
  if (parsed == nullptr) {
    ERR_clear_error();
    return nullptr;
  }
  ++parsed_;
  certificate.is_in_store = X509_STORE_add_cert(store_, parsed) == 1;
  X509_free(parsed);
  return certificate.is_in_store ? parsed : nullptr;
}

x509_st* trust_store::find(std::string_view subject_der) {
  const auto subject = fold_name(subject_der);
  if (!subject)
    return nullptr;
  // All of that name: the store is asked for the others.
  X509* first = nullptr;
  const auto [begin, end] = by_subject_.equal_range(*subject);
  for (auto i = begin; i != end; ++i) {
    auto* parsed = i->second.is_in_store ? nullptr : parse(i->second);
    if (first == nullptr)
      first = parsed;
  }
  return first;
}

} // namespace apm

// Certificates by OpenSSL's API; see certificates.hpp.
#include "tools/lambda-sandbox/network/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace sandbox {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using extension_ptr =
    std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;

/// Version 3 has extensions, and is counted from 0.
constexpr long version_3 = 2;
/// As long as RFC 5280 allows, but for the sign bit.
constexpr int serial_bits = 127;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : "";
}

std::string pem_of(X509* x) {
  const bio_ptr bio{BIO_new(BIO_s_mem())};
  return PEM_write_bio_X509(bio.get(), x) == 1 ? text_of(bio.get()) : "";
}

std::string pem_of(EVP_PKEY* key) {
  const bio_ptr bio{BIO_new(BIO_s_mem())};
  return PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                                  nullptr)
                 == 1
             ? text_of(bio.get())
             : "";
}

bool add_extension(X509* x, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  const extension_ptr made{
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
  return made && X509_add_ext(x, made.get(), -1) == 1;
}

bool set_serial(X509* x) {
  BIGNUM* number = BN_new();
  const bool is_set =
      BN_rand(number, serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
      && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != nullptr;
  BN_free(number);
  return is_set;
}

bool set_name(X509* x, const std::string& common_name) {
  auto* name = X509_get_subject_name(x);
  const auto add = [name](const char* type, const std::string& value) {
    return X509_NAME_add_entry_by_txt(
               name, type, MBSTRING_UTF8,
               reinterpret_cast<const unsigned char*>(value.data()),
               static_cast<int>(value.size()), -1, 0)
           == 1;
  };
  return add("O", "lambda-sandbox") && add("CN", common_name);
}

std::string alternative_names(const certificate_wishes& wishes) {
  std::string names;
  const auto add = [&names](const char* kind, const std::string& name) {
    names += (names.empty() ? "" : ",") + std::string{kind} + name;
  };
  for (const auto& name : wishes.host_names)
    add("DNS:", name);
  for (const auto& address : wishes.addresses)
    add("IP:", address);
  return names;
}

/// A certificate with all but issuer and signature.
x509_ptr begin_certificate(EVP_PKEY* key, const std::string& common_name,
                           const certificate_wishes& wishes) {
  x509_ptr x{X509_new()};
  const bool is_good =
      x && key != nullptr && X509_set_version(x.get(), version_3) == 1
      && set_serial(x.get()) && set_name(x.get(), common_name)
      && X509_gmtime_adj(X509_getm_notBefore(x.get()), wishes.valid_from_s)
             != nullptr
      && X509_gmtime_adj(X509_getm_notAfter(x.get()), wishes.valid_until_s)
             != nullptr
      && X509_set_pubkey(x.get(), key) == 1;
  return is_good ? std::move(x) : nullptr;
}

bool make_it_an_authority(X509* x, X509* issuer) {
  return add_extension(x, issuer, NID_basic_constraints, "critical,CA:TRUE")
         && add_extension(x, issuer, NID_key_usage,
                          "critical,keyCertSign,cRLSign")
         && add_extension(x, issuer, NID_subject_key_identifier, "hash");
}

bool make_it_a_servers(X509* x, X509* issuer,
                       const certificate_wishes& wishes) {
  const auto names = alternative_names(wishes);
  return add_extension(x, issuer, NID_ext_key_usage, "serverAuth")
         && (names.empty()
             || add_extension(x, issuer, NID_subject_alt_name, names));
}

x509_ptr read_certificate(const std::string& pem) {
  const bio_ptr bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  return x509_ptr{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

key_ptr read_key(const std::string& pem) {
  const bio_ptr bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  return key_ptr{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)};
}

certificate finish(X509* x, EVP_PKEY* own_key, EVP_PKEY* signing_key) {
  if (X509_sign(x, signing_key, EVP_sha256()) == 0)
    return {};
  return {pem_of(x), pem_of(own_key)};
}

} // namespace

certificate make_authority(const std::string& name) {
  const key_ptr key{EVP_EC_gen("P-256")};
  const auto x = begin_certificate(key.get(), name, {});
  if (!x || X509_set_issuer_name(x.get(), X509_get_subject_name(x.get())) != 1
      || !make_it_an_authority(x.get(), x.get()))
    return {};
  return finish(x.get(), key.get(), key.get());
}

certificate issue(const certificate& authority,
                  const certificate_wishes& wishes) {
  const auto issuer = read_certificate(authority.certificate_pem);
  const auto issuer_key = read_key(authority.key_pem);
  if (!issuer || !issuer_key)
    return {};
  const key_ptr key{EVP_EC_gen("P-256")};
  const auto x = begin_certificate(
      key.get(),
      wishes.host_names.empty() ? "server" : wishes.host_names.front(), wishes);
  if (!x
      || X509_set_issuer_name(x.get(), X509_get_subject_name(issuer.get()))
             != 1)
    return {};
  const bool is_made = wishes.is_authority
                           ? make_it_an_authority(x.get(), issuer.get())
                           : make_it_a_servers(x.get(), issuer.get(), wishes);
  // Of several authorities of one name OpenSSL takes the one that this names.
  return is_made
                 && add_extension(x.get(), issuer.get(),
                                  NID_authority_key_identifier, "keyid")
             ? finish(x.get(), key.get(), issuer_key.get())
             : certificate{};
}

} // namespace sandbox

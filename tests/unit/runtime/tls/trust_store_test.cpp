// Which chains OpenSSL takes when it asks the trust store, what is parsed for
// it, and what is said of sources that are of no use.
#include "runtime/tls/trust_store.hpp"
#include "tools/lambda-sandbox/network/certificates.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

namespace apm {

namespace {

using sandbox::certificate;
using sandbox::issue;
using sandbox::make_authority;

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;

x509_ptr read_certificate(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  x509_ptr x{PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)};
  BIO_free(bio);
  return x;
}

/// The authority under another name: same key, signed anew by itself.
std::string renamed(const certificate& authority, const char* common_name) {
  const auto x = read_certificate(authority.certificate_pem);
  auto* name = X509_NAME_dup(X509_get_subject_name(x.get()));
  X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, 1));
  X509_NAME_add_entry_by_txt(
      name, "CN", V_ASN1_PRINTABLESTRING,
      reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  X509_set_subject_name(x.get(), name);
  X509_set_issuer_name(x.get(), name);
  X509_NAME_free(name);
  BIO* in = BIO_new_mem_buf(authority.key_pem.data(),
                            static_cast<int>(authority.key_pem.size()));
  auto* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  X509_sign(x.get(), key, EVP_sha256());
  EVP_PKEY_free(key);
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, x.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem{text, static_cast<size_t>(size)};
  BIO_free(out);
  return pem;
}

class trust_store_test : public ::testing::Test {
protected:
  trust_store_test() {
    auto pattern = std::string{::testing::TempDir()} + "/trust-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    sources_.system.usual_files.clear();
    sources_.system.usual_directories.clear();
  }

  ~trust_store_test() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& text) {
    const auto path = directory_ + '/' + name;
    std::filesystem::create_directories(
        std::filesystem::path{path}.parent_path());
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }

  trust_store& trust() {
    if (!trust_)
      trust_ = std::make_unique<trust_store>(
          sources_,
          [this](const std::string& text) { warnings_.push_back(text); });
    return *trust_;
  }

  /// As a new connection would see it.
  bool trusts(const certificate& server, const std::string& between = {}) {
    auto* context = SSL_CTX_new(TLS_client_method());
    EXPECT_TRUE(trust().use_in(context));
    const auto leaf = read_certificate(server.certificate_pem);
    auto* others = sk_X509_new_null();
    const auto middle = between.empty() ? nullptr : read_certificate(between);
    if (middle)
      sk_X509_push(others, middle.get());
    auto* check = X509_STORE_CTX_new();
    X509_STORE_CTX_init(check, SSL_CTX_get_cert_store(context), leaf.get(),
                        others);
    const bool is_good = X509_verify_cert(check) == 1;
    X509_STORE_CTX_free(check);
    sk_X509_free(others);
    SSL_CTX_free(context);
    return is_good;
  }

  certificate ca_ = make_authority("Test CA");
  certificate server_ = issue(ca_, {{"apm.example"}, {}});
  std::string directory_;
  trust_sources sources_;
  std::vector<std::string> warnings_;

private:
  std::unique_ptr<trust_store> trust_;
};

} // namespace

TEST_F(trust_store_test, reads_nothing_before_the_first_connection) {
  sources_.pem = ca_.certificate_pem;
  sources_.file = "/there/is/none";
  EXPECT_EQ(trust().known(), 0u);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(trust_store_test, finds_one_of_many_and_parses_only_that) {
  std::string bundle;
  for (int i = 0; i < 50; ++i) {
    bundle += make_authority("CA " + std::to_string(i)).certificate_pem;
    if (i == 25)
      bundle += ca_.certificate_pem;
  }
  sources_.system.file = write("bundle.pem", bundle);
  EXPECT_TRUE(trusts(server_));
  EXPECT_EQ(trust().known(), 51u);
  EXPECT_EQ(trust().parsed(), 1u);
  EXPECT_TRUE(trusts(server_)); // the second connection parses nothing
  EXPECT_EQ(trust().parsed(), 1u);
  EXPECT_FALSE(trusts(issue(make_authority("Stranger"), {})));
  EXPECT_EQ(trust().parsed(), 1u);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(trust_store_test, finds_the_root_behind_an_intermediate) {
  sandbox::certificate_wishes wishes;
  wishes.host_names = {"Intermediate"};
  wishes.is_authority = true;
  const auto middle = issue(ca_, wishes);
  sources_.pem = ca_.certificate_pem;
  EXPECT_TRUE(trusts(issue(middle, {}), middle.certificate_pem));
}

TEST_F(trust_store_test, takes_an_intermediate_for_an_anchor) {
  sandbox::certificate_wishes wishes;
  wishes.host_names = {"Intermediate"};
  wishes.is_authority = true;
  const auto middle = issue(ca_, wishes);
  sources_.pem = middle.certificate_pem; // its root is nowhere
  EXPECT_TRUE(trusts(issue(middle, {})));
}

TEST_F(trust_store_test, matches_names_as_openssl_does) {
  // Not byte by byte: other case, other blanks, another string type.
  sources_.pem = renamed(ca_, "TEST  ca");
  EXPECT_TRUE(trusts(server_));
}

TEST_F(trust_store_test, tries_all_of_one_name) {
  const auto other = make_authority("Test CA");
  sources_.pem = other.certificate_pem + ca_.certificate_pem;
  EXPECT_TRUE(trusts(server_));
  EXPECT_TRUE(trusts(issue(other, {})));
}

TEST_F(trust_store_test, a_name_alone_is_not_enough) {
  sources_.pem = make_authority("Test CA").certificate_pem;
  EXPECT_FALSE(trusts(server_));
}

TEST_F(trust_store_test, adds_the_users_to_the_systems) {
  const auto second = make_authority("Second CA");
  const auto third = make_authority("Third CA");
  sources_.system.usual_files = {"/there/is/none",
                                 write("system.pem", ca_.certificate_pem)};
  sources_.pem = second.certificate_pem;
  sources_.file = write("user.pem", third.certificate_pem);
  EXPECT_TRUE(trusts(server_));
  EXPECT_TRUE(trusts(issue(second, {})));
  EXPECT_TRUE(trusts(issue(third, {})));
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(trust_store_test, takes_what_comes_before_the_first_connection) {
  sources_.pem = make_authority("Other CA").certificate_pem;
  trust().add_pem(ca_.certificate_pem);
  EXPECT_TRUE(trusts(server_));
}

TEST_F(trust_store_test, takes_what_comes_after_the_first_connection) {
  sources_.pem = make_authority("Other CA").certificate_pem;
  EXPECT_FALSE(trusts(server_));
  trust().add_pem(ca_.certificate_pem);
  EXPECT_TRUE(trusts(server_));
}

TEST_F(trust_store_test, takes_a_later_one_of_a_name_that_is_in_use) {
  const auto renewed = make_authority("Test CA");
  sources_.pem = ca_.certificate_pem;
  EXPECT_TRUE(trusts(server_));
  EXPECT_FALSE(trusts(issue(renewed, {})));
  trust().add_pem(renewed.certificate_pem);
  EXPECT_TRUE(trusts(issue(renewed, {})));
}

TEST_F(trust_store_test, says_once_what_is_of_no_use_and_goes_on) {
  sources_.system.usual_files = {write("system.pem", ca_.certificate_pem)};
  sources_.pem = "not PEM";
  sources_.file = directory_ + "/absent.pem";
  trust().add_pem("neither");
  EXPECT_TRUE(trusts(server_));
  EXPECT_TRUE(trusts(server_));
  ASSERT_EQ(warnings_.size(), 3u);
  EXPECT_EQ(warnings_[0].find("ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM holds no"),
            0u)
      << warnings_[0];
  EXPECT_EQ(warnings_[1], "ELASTIC_APM_SERVER_CA_CERT_FILE: cannot read "
                              + directory_
                              + "/absent.pem: No such file or directory; "
                                "going on without it");
  EXPECT_EQ(warnings_[2].find("ELASTIC_APM_SERVER_CA_CERT_ACM_ID holds no"), 0u)
      << warnings_[2];
}

TEST_F(trust_store_test, counts_the_damaged_among_good_ones) {
  const auto& pem = ca_.certificate_pem;
  sources_.pem = pem.substr(0, pem.size() / 2) + '\n' + pem;
  EXPECT_TRUE(trusts(server_));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0],
            "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM: 1 of 2 certificates are "
            "damaged and left out");
}

TEST_F(trust_store_test, a_folder_is_no_file_of_certificates) {
  sources_.pem = ca_.certificate_pem;
  sources_.file = directory_;
  EXPECT_TRUE(trusts(server_));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("Is a directory"), std::string::npos);
}

TEST_F(trust_store_test, ssl_cert_file_takes_the_place_of_the_usual_bundles) {
  const auto other = make_authority("Other CA");
  sources_.system.file = write("own.pem", other.certificate_pem);
  sources_.system.usual_files = {write("system.pem", ca_.certificate_pem)};
  EXPECT_TRUE(trusts(issue(other, {})));
  EXPECT_FALSE(trusts(server_));
}

TEST_F(trust_store_test, without_ssl_cert_file_the_usual_bundles_hold) {
  sources_.system.file = directory_ + "/absent.pem";
  sources_.system.usual_files = {write("system.pem", ca_.certificate_pem)};
  EXPECT_TRUE(trusts(server_));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0].find("SSL_CERT_FILE: cannot read "), 0u);
}

TEST_F(trust_store_test, ssl_cert_dir_adds_all_files_of_its_folders) {
  const auto second = make_authority("Second CA");
  write("a/ca.pem", ca_.certificate_pem);
  write("b/no-hash.crt", second.certificate_pem);
  write("b/README", "no certificate");
  sources_.system.directories = directory_ + "/a:" + directory_ + "/b:/none";
  EXPECT_TRUE(trusts(server_));
  EXPECT_TRUE(trusts(issue(second, {})));
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(trust_store_test, usual_folders_hold_where_there_is_no_bundle) {
  write("certs/ca.pem", ca_.certificate_pem);
  sources_.system.usual_files = {directory_ + "/absent.pem"};
  sources_.system.usual_directories = {directory_ + "/certs"};
  EXPECT_TRUE(trusts(server_));
}

TEST_F(trust_store_test, a_context_may_outlive_it) {
  auto* context = SSL_CTX_new(TLS_client_method());
  sources_.pem = ca_.certificate_pem;
  {
    trust_store gone{sources_, [](const std::string&) {}};
    EXPECT_TRUE(gone.use_in(context));
  }
  const auto leaf = read_certificate(server_.certificate_pem);
  auto* check = X509_STORE_CTX_new();
  X509_STORE_CTX_init(check, SSL_CTX_get_cert_store(context), leaf.get(),
                      nullptr);
  EXPECT_NE(X509_verify_cert(check), 1);
  X509_STORE_CTX_free(check);
  SSL_CTX_free(context);
}

TEST_F(trust_store_test, says_where_nothing_was_found) {
  EXPECT_FALSE(trusts(server_));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0].find("no CA certificates were found"), 0u);
}

} // namespace apm

// PEM texts of all kinds, and names: whether two are equal is OpenSSL's word.
#include "runtime/tls/certificate_scan.hpp"
#include "tools/lambda-sandbox/network/certificates.hpp"

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

namespace apm {

namespace {

struct name_deleter {
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
};

using name_ptr = std::unique_ptr<X509_NAME, name_deleter>;

struct part {
  const char* type;
  int string_type;
  std::string value;
  int set = 0; ///< 0: a set of its own; -1: joins the one before
};

name_ptr make_name(const std::vector<part>& parts) {
  name_ptr name{X509_NAME_new()};
  for (const auto& p : parts)
    EXPECT_EQ(X509_NAME_add_entry_by_txt(
                  name.get(), p.type, p.string_type,
                  reinterpret_cast<const unsigned char*>(p.value.data()),
                  static_cast<int>(p.value.size()), -1, p.set),
              1)
        << p.type << ' ' << p.string_type;
  return name;
}

std::optional<std::string> folded(X509_NAME* name) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_NAME(name, &der);
  auto key = fold_name(
      {reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return key;
}

std::string replaced(std::string text, const std::string& from,
                     const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

const std::string& ca_pem() {
  static const auto pem = sandbox::make_authority("Test CA").certificate_pem;
  return pem;
}

} // namespace

TEST(fold_name_test, says_what_openssl_says) {
  const std::vector<std::vector<part>> names = {
      {{"CN", V_ASN1_UTF8STRING, "Test CA"}},
      {{"CN", V_ASN1_PRINTABLESTRING, "test ca"}},
      {{"CN", V_ASN1_IA5STRING, "  TEST \t CA "}},
      {{"CN", V_ASN1_T61STRING, "Test CA"}},
      {{"CN", V_ASN1_BMPSTRING, std::string{"\0T\0e\0s\0t\0 \0C\0A", 14}}},
      {{"CN", V_ASN1_UNIVERSALSTRING,
        std::string{"\0\0\0T\0\0\0e\0\0\0s\0\0\0t\0\0\0 \0\0\0C\0\0\0A", 28}}},
      {{"CN", V_ASN1_UTF8STRING, "TestCA"}},
      {{"O", V_ASN1_UTF8STRING, "Test CA"}},
      {{"CN", V_ASN1_UTF8STRING, "J\xc3\xb6rg"}},
      {{"CN", V_ASN1_T61STRING, "j\xf6rg"}},
      {{"CN", V_ASN1_BMPSTRING, std::string{"\0J\0\xf6\0r\0g", 8}}},
      {{"CN", V_ASN1_UTF8STRING, "J\xc3\x96rg"}}, // only ASCII has cases
      {{"CN", V_ASN1_BMPSTRING, "\x20\xac"}},     // the euro sign
      {{"CN", V_ASN1_UTF8STRING, "\xe2\x82\xac"}},
      {{"CN", V_ASN1_NUMERICSTRING, "1 2"}},
      {{"CN", V_ASN1_NUMERICSTRING, "1  2"}}, // no type that is folded
      {{"O", V_ASN1_UTF8STRING, "A"}, {"CN", V_ASN1_UTF8STRING, "B"}},
      {{"CN", V_ASN1_UTF8STRING, "B"}, {"O", V_ASN1_UTF8STRING, "A"}},
      {{"O", V_ASN1_UTF8STRING, "A"}, {"CN", V_ASN1_UTF8STRING, "B", -1}},
      {{"CN", V_ASN1_UTF8STRING, "b"}, {"O", V_ASN1_UTF8STRING, "a", -1}},
      {},
  };
  for (size_t i = 0; i < names.size(); ++i)
    for (size_t j = 0; j < names.size(); ++j) {
      const auto a = make_name(names[i]);
      const auto b = make_name(names[j]);
      ASSERT_TRUE(folded(a.get()));
      EXPECT_EQ(folded(a.get()) == folded(b.get()),
                X509_NAME_cmp(a.get(), b.get()) == 0)
          << "names " << i << " and " << j;
    }
}

TEST(fold_name_test, refuses_what_is_cut_off) {
  const auto name = make_name({{"O", V_ASN1_UTF8STRING, "Some Company"},
                               {"CN", V_ASN1_UTF8STRING, "Test CA"}});
  unsigned char* der = nullptr;
  const int size = i2d_X509_NAME(name.get(), &der);
  const std::string whole{reinterpret_cast<const char*>(der),
                          static_cast<size_t>(size)};
  OPENSSL_free(der);
  ASSERT_TRUE(fold_name(whole));
  for (size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_FALSE(fold_name(whole.substr(0, cut))) << cut;
}

TEST(scan_pem_test, takes_certificates_in_any_writing) {
  const auto& pem = ca_pem();
  const std::string key = sandbox::make_authority("x").key_pem;
  const struct {
    const char* what;
    std::string text;
    size_t certificates;
    size_t damaged;
  } rows[] = {
      {"plain", pem, 1, 0},
      {"two", pem + pem, 2, 0},
      {"CRLF", replaced(pem, "\n", "\r\n"), 1, 0},
      {"one line with blanks", replaced(pem, "\n", " "), 1, 0},
      {"one line without", replaced(pem, "\n", ""), 1, 0},
      {"comments around", "# Test CA\n===\n" + pem + "\nthe end", 1, 0},
      {"a key before", key + pem, 1, 0},
      {"OpenSSL's labels",
       replaced(pem, "CERTIFICATE", "X509 CERTIFICATE")
           + replaced(pem, "CERTIFICATE", "TRUSTED CERTIFICATE"),
       2, 0},
      {"nothing", "", 0, 0},
      {"no PEM", "certificate", 0, 0},
      {"a key alone", key, 0, 0},
      {"cut off", pem.substr(0, pem.size() / 2), 0, 1},
      {"cut off, then whole", pem.substr(0, pem.size() / 2) + '\n' + pem, 1, 1},
      {"no base64", replaced(pem, "MII", "M%I"), 0, 1},
      {"base64 of something else",
       "-----BEGIN CERTIFICATE-----\nc29tZXRoaW5n\n-----END CERTIFICATE-----",
       0, 1},
      {"an empty block",
       "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", 0, 1},
      {"a label without end", "-----BEGIN CERTIFICATE", 0, 0},
  };
  for (const auto& row : rows) {
    const auto found = scan_pem(row.text);
    EXPECT_EQ(found.certificates.size(), row.certificates) << row.what;
    EXPECT_EQ(found.damaged, row.damaged) << row.what;
    for (const auto& c : found.certificates)
      EXPECT_EQ(c.der, scan_pem(pem).certificates.at(0).der) << row.what;
  }
}

TEST(scan_pem_test, finds_the_subject_that_openssl_finds) {
  const auto found = scan_pem(ca_pem());
  ASSERT_EQ(found.certificates.size(), 1u);
  const auto& der = found.certificates[0].der;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  auto* parsed = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  ASSERT_NE(parsed, nullptr);
  EXPECT_EQ(found.certificates[0].subject,
            folded(X509_get_subject_name(parsed)));
  X509_free(parsed);
}

TEST(scan_pem_test, survives_a_certificate_cut_off_anywhere) {
  // Whole characters of base64 are taken away at the end: what is left is
  // base64 still, and the certificate's own lengths no longer hold.
  auto pem = ca_pem();
  const std::string end = "-----END CERTIFICATE-----\n";
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  const auto body =
      pem.substr(begin.size(), pem.size() - begin.size() - end.size());
  for (size_t length = 0; length + 8 < body.size(); ++length) {
    const auto found = scan_pem(begin + body.substr(0, length) + end);
    EXPECT_EQ(found.certificates.size(), 0u) << length;
    EXPECT_EQ(found.damaged, 1u) << length;
  }
}

} // namespace apm

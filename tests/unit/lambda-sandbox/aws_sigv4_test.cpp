// The sandbox's Signature Version 4 against AWS's published test suite.
// Source: awslabs/aws-c-auth, tests/aws-signing-test-suite/v4, whose requests
// and signatures these are (commit 495329c).
#include "tools/lambda-sandbox/aws/sigv4.hpp"

#include <gtest/gtest.h>

namespace sandbox {
namespace {

constexpr const char* timestamp = "20150830T123600Z";
constexpr std::int64_t timestamp_s = 1'440'938'160; // the same, since 1970

const aws_identity identity{"AKIDEXAMPLE",
                            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};

struct published_case {
  const char* name;
  http_request request; ///< without Host and X-Amz-Date, which all have
  std::vector<std::string> signed_headers;
  const char* signature;
};

const std::string unreserved =
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const std::vector<std::string> least{"host", "x-amz-date"};
const std::vector<std::string> with_my_header{"host", "my-header1",
                                              "x-amz-date"};

const published_case published_cases[] = {
    {"get-vanilla",
     {"GET", "/", {}, "", 0, false},
     least,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla",
     {"POST", "/", {}, "", 0, false},
     least,
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"get-relative-relative-normalized",
     {"GET", "/example1/example2/../..", {}, "", 0, false},
     least,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slashes-normalized",
     {"GET", "//example//", {}, "", 0, false},
     least,
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-space-normalized",
     {"GET", "/example space/", {}, "", 0, false},
     least,
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-unreserved",
     {"GET", "/" + unreserved, {}, "", 0, false},
     least,
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-vanilla-query-order-key-case",
     {"GET", "/?Param2=value2&Param1=value1", {}, "", 0, false},
     least,
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-unreserved",
     {"GET", "/?" + unreserved + '=' + unreserved, {}, "", 0, false},
     least,
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-vanilla-utf8-query",
     {"GET", "/?\u1234=bar", {}, "", 0, false},
     least,
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-header-key-duplicate",
     {"GET",
      "/",
      {{"My-Header1", "value2"},
       {"My-Header1", "value2"},
       {"My-Header1", "value1"}},
      "",
      0,
      false},
     with_my_header,
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-trim",
     {"GET",
      "/",
      {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
      "",
      0,
      false},
     {"host", "my-header1", "my-header2", "x-amz-date"},
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-header-key-sort",
     {"POST", "/", {{"My-Header1", "value1"}}, "", 0, false},
     with_my_header,
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"get-vanilla-with-session-token",
     {"GET",
      "/",
      {{"X-Amz-Security-Token",
        "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}},
      "",
      0,
      false},
     {"host", "x-amz-date", "x-amz-security-token"},
     "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
    {"post-x-www-form-urlencoded",
     {"POST",
      "/",
      {{"Content-Type", "application/x-www-form-urlencoded"},
       {"Content-Length", "13"},
       {"x-amz-content-sha256",
        "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"}},
      "Param1=value1",
      0,
      false},
     {"content-length", "content-type", "host", "x-amz-content-sha256",
      "x-amz-date"},
     "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"},
};

http_request whole(http_request request) {
  request.headers.emplace_back("Host", "example.amazonaws.com");
  request.headers.emplace_back("X-Amz-Date", timestamp);
  return request;
}

/// The request with the header that the suite's signed requests have.
http_request signed_as(const published_case& c) {
  auto request = whole(c.request);
  std::string names;
  for (const auto& name : c.signed_headers)
    names += (names.empty() ? "" : ";") + name;
  request.headers.emplace_back(
      "Authorization",
      "AWS4-HMAC-SHA256 "
      "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders="
          + names + ", Signature=" + c.signature);
  return request;
}

aws_identity identity_of(const http_request& request) {
  auto who = identity;
  who.session_token = request.header("X-Amz-Security-Token");
  return who;
}

TEST(sigv4, finds_the_published_signatures_right) {
  for (const auto& c : published_cases) {
    const auto request = signed_as(c);
    EXPECT_EQ(
        check_sigv4(request, identity_of(request), "service", timestamp_s), "")
        << c.name;
  }
}

// The suite's "get-vanilla", header-canonical-request.txt.
TEST(sigv4, makes_the_published_canonical_request) {
  EXPECT_EQ(
      sigv4_canonical_request(whole(published_cases[0].request), least),
      "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
      "host;x-amz-date\n"
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

struct wrong_case {
  const char* says;
  void (*spoil)(http_request&);
};

void set_header(http_request& request, const std::string& name,
                const std::string& value) {
  for (auto& [known, old] : request.headers)
    if (known == name)
      old = value;
}

const wrong_case wrong_cases[] = {
    {"signature is wrong", [](http_request& r) { r.method = "PUT"; }},
    {"signature is wrong", [](http_request& r) { r.target = "/x"; }},
    {"signature is wrong", [](http_request& r) { r.body = "x"; }},
    {"signature is wrong", [](http_request& r) { set_header(r, "Host", "x"); }},
    {"no Authorization", [](http_request& r) { r.headers.pop_back(); }},
    {"is not signed",
     [](http_request& r) { r.headers.emplace_back("X-Amz-Target", "t"); }},
    {"is not in the request",
     [](http_request& r) { r.headers.erase(r.headers.begin()); }},
    {"5 minutes off",
     [](http_request& r) { set_header(r, "X-Amz-Date", "20150830T124200Z"); }},
    {"session token",
     [](http_request& r) {
       r.headers.emplace_back("X-Amz-Security-Token", "t");
     }},
};

TEST(sigv4, says_what_is_wrong_with_a_request) {
  for (const auto& c : wrong_cases) {
    auto request = signed_as(published_cases[1]); // post-vanilla
    c.spoil(request);
    const auto problem = check_sigv4(request, identity, "service", timestamp_s);
    EXPECT_NE(problem.find(c.says), std::string::npos) << problem;
  }
  const auto sound = signed_as(published_cases[1]);
  auto other = identity;
  other.secret_access_key = "another";
  EXPECT_EQ(check_sigv4(sound, other, "service", timestamp_s),
            "the signature is wrong");
  EXPECT_NE(check_sigv4(sound, identity, "ssm", timestamp_s), "");
  EXPECT_NE(check_sigv4(sound, identity, "service", timestamp_s + 301), "");
}

} // namespace
} // namespace sandbox

// Tests of aws_answer.hpp. Answers are as the services' API references show
// them.
#include "runtime/aws/aws_answer.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

constexpr auto secrets = aws_service::secrets_manager;
constexpr auto parameters = aws_service::parameter_store;
constexpr auto certificates = aws_service::certificate_manager;

aws_answer read(aws_service service, const std::string& member, uint16_t status,
                const std::string& body) {
  aws_source source;
  source.service = service;
  source.id = "apm";
  source.member = member;
  http_response answer;
  answer.status = status;
  answer.body = bytes{body};
  return read_aws_answer(source, answer);
}

struct value_case {
  std::string name;
  aws_service service;
  std::string member, body, value;
};

const value_case value_cases[] = {
    {"text", secrets, "", R"({"ARN":"a","SecretString":"s3cr3t"})", "s3cr3t"},
    {"escapes", secrets, "", R"({"SecretString":"a\u0062\\"})", "ab\\"},
    {"binary", secrets, "", R"({"SecretBinary":"czNjcjN0"})", "s3cr3t"},
    {"binary, padded", secrets, "", R"({"SecretBinary":"czNjcjM="})", "s3cr3"},
    {"a newline at its end", secrets, "", R"({"SecretString":" k\n"})", "k"},
    {"a member", secrets, "key",
     R"({"SecretString":"{\"x\":1,\"key\":\"k\"}"})", "k"},
    {"a member of a binary", secrets, "key",
     R"({"SecretBinary":"eyJrZXkiOiJrIn0="})", "k"},
    {"a member whose name is escaped", secrets, "a\"b",
     R"({"SecretString":"{\"a\\\"b\":\"k\"}"})", "k"},
    {"a number", secrets, "key", R"({"SecretString":"{\"key\":12}"})", "12"},
    {"a parameter", parameters, "",
     R"({"Parameter":{"Name":"apm","Type":"SecureString","Value":"p"}})", "p"},
    {"a parameter's member", parameters, "key",
     R"({"Parameter":{"Value":"{\"key\":\"k\"}"}})", "k"},
    {"a certificate with its chain", certificates, "",
     R"({"Certificate":"-----BEGIN CERTIFICATE-----\nA","CertificateChain":)"
     R"("-----BEGIN CERTIFICATE-----\nB"})",
     "-----BEGIN CERTIFICATE-----\nA\n-----BEGIN CERTIFICATE-----\nB"},
    {"a certificate alone", certificates, "",
     R"({"Certificate":"-----BEGIN CERTIFICATE-----\nA\n"})",
     "-----BEGIN CERTIFICATE-----\nA\n"},
};

TEST(aws_answer, holds_the_value) {
  for (const auto& c : value_cases) {
    const auto answer = read(c.service, c.member, 200, c.body);
    EXPECT_EQ(answer.outcome, fetch_outcome::got)
        << c.name << ": " << answer.problem;
    EXPECT_EQ(answer.value, c.value) << c.name;
    EXPECT_EQ(answer.problem, "") << c.name;
  }
}

struct problem_case {
  std::string name;
  aws_service service;
  std::string member;
  uint16_t status;
  std::string body;
  fetch_outcome outcome;
  std::string says;
};

constexpr auto failed = fetch_outcome::failed;
constexpr auto try_again = fetch_outcome::try_again;

const problem_case problem_cases[] = {
    {"no JSON", secrets, "", 200, "hush-hush", failed, "no JSON"},
    {"no value", secrets, "", 200, R"({"ARN":"a"})", failed, "holds no value"},
    {"empty", secrets, "", 200, R"({"SecretString":" "})", failed, "is empty"},
    {"bad base64", secrets, "", 200, R"({"SecretBinary":"hush-hush"})", failed,
     "no base64"},
    {"a newline within", secrets, "", 200, R"({"SecretString":"hush\r\nhush"})",
     failed, "line break"},
    {"JSON without a member named", secrets, "", 200,
     R"({"SecretString":"{\"key\":\"hush\"}"})", failed, "apm#member"},
    {"another member", secrets, "other", 200,
     R"({"SecretString":"{\"key\":\"hush\"}"})", failed, "no member other"},
    {"a member that is no text", secrets, "key", 200,
     R"({"SecretString":"{\"key\":[\"hush\"]}"})", failed, "no text"},
    {"a member of no JSON", secrets, "key", 200, R"({"SecretString":"hush"})",
     failed, "no JSON object"},
    {"no certificate", certificates, "", 200, R"({"Certificate":"x"})", failed,
     "no certificate"},
    {"denied", secrets, "", 400,
     R"({"__type":"AccessDeniedException","Message":"User: x is not"})", failed,
     "AccessDeniedException: User: x is not; allow the function's role "
     "secretsmanager:GetSecretValue"},
    {"denied, SSM", parameters, "", 400,
     R"({"__type":"AccessDeniedException","message":"m"})", failed,
     "ssm:GetParameter"},
    {"denied, ACM", certificates, "", 400,
     R"({"__type":"AccessDeniedException"})", failed, "acm:GetCertificate"},
    {"no key", secrets, "", 400,
     R"({"__type":"AccessDeniedException","Message":"Access to KMS is not"})",
     failed, "kms:Decrypt"},
    {"not there", secrets, "", 400,
     R"({"__type":"com.amazonaws#ResourceNotFoundException","Message":"m"})",
     failed, "ResourceNotFoundException: m; check its name and the region"},
    {"not there, SSM", parameters, "", 400, R"({"__type":"ParameterNotFound"})",
     failed, "check its name"},
    {"bad credentials", secrets, "", 400,
     R"({"__type":"UnrecognizedClientException","message":"security token"})",
     failed, "UnrecognizedClientException"},
    {"throttled", secrets, "", 400, R"({"__type":"ThrottlingException"})",
     try_again, "Throttling"},
    {"too many", secrets, "", 429, "", try_again, "status 429"},
    {"unwell", secrets, "", 503, "<html>", try_again, "status 503"},
    {"signed before a freeze", secrets, "", 403,
     R"({"__type":"InvalidSignatureException","message":"Signature expired"})",
     try_again, "Signature expired"},
};

TEST(aws_answer, says_what_is_wrong_and_nothing_secret) {
  for (const auto& c : problem_cases) {
    const auto answer = read(c.service, c.member, c.status, c.body);
    EXPECT_EQ(answer.outcome, c.outcome) << c.name;
    EXPECT_EQ(answer.value, "") << c.name;
    EXPECT_NE(answer.problem.find(c.says), std::string::npos)
        << c.name << ": " << answer.problem;
    EXPECT_EQ(answer.problem.find("hush"), std::string::npos)
        << c.name << ": " << answer.problem;
  }
}

TEST(aws_answer, a_header_may_name_the_error) {
  http_response answer;
  answer.status = 400;
  answer.headers = {{"x-amzn-errortype", "AccessDeniedException:http://x/"}};
  EXPECT_EQ(read_aws_answer({}, answer).problem.substr(0, 22),
            "AccessDeniedException;");
}

TEST(aws_answer, no_answer_is_worth_another_try) {
  http_response answer;
  for (const auto failure : {http_failure::resolve, http_failure::connect,
                             http_failure::timeout, http_failure::closed}) {
    answer.failure = failure;
    answer.detail = "why";
    const auto read = read_aws_answer({}, answer);
    EXPECT_EQ(read.outcome, fetch_outcome::try_again);
    EXPECT_NE(read.problem.find("why"), std::string::npos);
    EXPECT_NE(read.problem.find("VPC"), std::string::npos);
  }
  answer.failure = http_failure::tls; // it will not be trusted in a second
  EXPECT_EQ(read_aws_answer({}, answer).outcome, fetch_outcome::failed);
}

// RFC 4648, section 10.
} // namespace
} // namespace apm

// The Runtime API's state machine, against the table in AWS's emulator (its
// status codes and bodies).
#include "tests/unit/lambda-sandbox/lambda_support.hpp"
#include "tools/lambda-sandbox/lambda/runtime_api.hpp"

#include <gtest/gtest.h>

namespace sandbox {

namespace {

class runtime_api_test : public testing::Test {
protected:
  fake_exchange_ptr send(const std::string& method, const std::string& path,
                         http_headers headers = {}, std::string body = {}) {
    auto exchange = make_request(method, "/2018-06-01/runtime/" + path,
                                 std::move(headers), std::move(body));
    is_known_ = api_.handle(exchange);
    return exchange;
  }
  fake_exchange_ptr next() { return send("GET", "invocation/next"); }
  fake_exchange_ptr respond(const std::string& id, std::string body = "{}") {
    return send("POST", "invocation/" + id + "/response", {}, std::move(body));
  }
  void invoke(const std::string& id) {
    api_.hand_out({id, 1'795'345'203'000, "arn:x", "Root=1", "{\"a\":1}"});
  }

  run_record record_;
  observer observer_{record_, nullptr};
  int nexts_ = 0;
  std::vector<runtime_outcome> outcomes_;
  std::string init_error_;
  runtime_api api_{
      observer_,
      {[this](std::int64_t) { ++nexts_; },
       [this](const runtime_outcome& said) { outcomes_.push_back(said); },
       [this](std::int64_t, std::string type) {
         init_error_ = std::move(type);
       }}};
  bool is_known_ = false;
};

} // namespace

TEST_F(runtime_api_test, an_invocation_goes_round) {
  const auto first = next();
  EXPECT_EQ(first->status, 0);
  EXPECT_TRUE(api_.is_waiting());
  invoke("id-1");
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(first->body, "{\"a\":1}");
  EXPECT_EQ(first->header("Lambda-Runtime-Aws-Request-Id"), "id-1");
  EXPECT_EQ(first->header("Lambda-Runtime-Deadline-Ms"), "1795345203000");
  EXPECT_EQ(first->header("Lambda-Runtime-Invoked-Function-Arn"), "arn:x");
  EXPECT_EQ(first->header("Lambda-Runtime-Trace-Id"), "Root=1");
  const auto response = respond("id-1", "12345");
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, "{\"status\":\"OK\"}\n");
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].bytes, 5u);
  EXPECT_EQ(outcomes_[0].error_type, "");
  next();
  EXPECT_EQ(nexts_, 2);
}

TEST_F(runtime_api_test, several_hanging_nexts_get_the_same_invocation) {
  const auto one = next();
  const auto two = next();
  EXPECT_EQ(nexts_, 1);
  invoke("id-1");
  EXPECT_EQ(one->header("Lambda-Runtime-Aws-Request-Id"), "id-1");
  EXPECT_EQ(two->header("Lambda-Runtime-Aws-Request-Id"), "id-1");
  // Asked again while it runs: the same once more.
  EXPECT_EQ(next()->header("Lambda-Runtime-Aws-Request-Id"), "id-1");
  EXPECT_EQ(nexts_, 1);
}

TEST_F(runtime_api_test, wrong_moments_are_refused) {
  EXPECT_EQ(respond("id-0")->status, 403); // before any invocation
  next();
  invoke("id-1");
  const auto wrong = respond("id-2");
  EXPECT_EQ(wrong->status, 400);
  EXPECT_EQ(wrong->body, "{\"errorMessage\":\"Invalid request ID\","
                         "\"errorType\":\"InvalidRequestID\"}\n");
  EXPECT_EQ(respond("id-1")->status, 202);
  const auto again = respond("id-1");
  EXPECT_EQ(again->status, 403);
  EXPECT_NE(again->body.find("State transition from RuntimeResponseSent to "
                             "InvocationResponse failed for runtime. Error: "
                             "State transition is not allowed"),
            std::string::npos);
  EXPECT_EQ(send("POST", "init/error")->status, 403);
  EXPECT_EQ(record_.refused.size(), 4u);
}

TEST_F(runtime_api_test, bad_responses_are_refused) {
  next();
  invoke("id-1");
  EXPECT_EQ(send("POST", "invocation/id-1/response",
                 {{"Lambda-Runtime-Function-Response-Mode", "odd"}})
                ->status,
            400);
  auto cut =
      make_request("POST", "/2018-06-01/runtime/invocation/id-1/response");
  cut->truncate();
  api_.handle(cut);
  EXPECT_EQ(cut->status, 400);
  EXPECT_NE(cut->body.find("TruncatedHTTPRequest"), std::string::npos);
  // 6 MiB and 100 bytes are the limit; the runtime goes on.
  const auto large = respond("id-1", std::string(response_bytes_max + 1, 'x'));
  EXPECT_EQ(large->status, 413);
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].error_type, "Function.ResponseSizeTooLarge");
  next();
  EXPECT_EQ(nexts_, 2);
}

TEST_F(runtime_api_test, error_types_are_named_as_lambda_names_them) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"Runtime.MyError", "Runtime.MyError"},
      {"Function.MyError", "Function.MyError"},
      {"Function.mine", "Function.Unknown"},
      {"whatever", "Runtime.Unknown"}};
  for (const auto& [claimed, known] : table) {
    api_.begin();
    next();
    invoke("id-1");
    send("POST", "invocation/id-1/error",
         {{"Lambda-Runtime-Function-Error-Type", claimed}});
    EXPECT_EQ(outcomes_.back().error_type, known);
  }
  api_.begin();
  next();
  invoke("id-1");
  send("POST", "invocation/id-1/error", {}, "{\"errorType\":\"TypeError\"}");
  EXPECT_EQ(outcomes_.back().error_type, "TypeError");
}

TEST_F(runtime_api_test, init_error_ends_the_runtime) {
  EXPECT_EQ(send("POST", "init/error",
                 {{"Lambda-Runtime-Function-Error-Type",
                   "Runtime.ImportModuleError"}})
                ->status,
            202);
  EXPECT_EQ(init_error_, "Runtime.ImportModuleError");
  EXPECT_EQ(next()->status, 403);
}

TEST_F(runtime_api_test, other_paths_are_not_its_own) {
  send("GET", "invocation/id/response");
  EXPECT_FALSE(is_known_);
  send("POST", "invocation/next");
  EXPECT_FALSE(is_known_);
  EXPECT_FALSE(api_.handle(make_request("GET", "/")));
}

} // namespace sandbox

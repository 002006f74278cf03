// The Runtime API under Managed Instances: several workers ask, run and answer
// side by side.
#include "tests/unit/lambda-sandbox/lambda_support.hpp"
#include "tools/lambda-sandbox/lambda/concurrent_runtime.hpp"

#include <gtest/gtest.h>

namespace sandbox {

namespace {

class concurrent_runtime_test : public testing::Test {
protected:
  fake_exchange_ptr send(const std::string& method, const std::string& path,
                         std::string body = {}) {
    auto exchange = make_request(method, "/2018-06-01/runtime/" + path, {},
                                 std::move(body));
    EXPECT_TRUE(api_.handle(exchange));
    return exchange;
  }
  fake_exchange_ptr next() { return send("GET", "invocation/next"); }
  fake_exchange_ptr respond(const std::string& id) {
    return send("POST", "invocation/" + id + "/response", "{}");
  }
  void invoke(const std::string& id) {
    api_.hand_out({id, 1'795'345'203'000, "arn:x", "Root=1", "{}"});
  }

  run_record record_;
  observer observer_{record_, nullptr};
  int nexts_ = 0;
  std::vector<runtime_outcome> outcomes_;
  std::string init_error_;
  concurrent_runtime api_{
      observer_,
      {[this](std::int64_t) { ++nexts_; },
       [this](const runtime_outcome& said) { outcomes_.push_back(said); },
       [this](std::int64_t, std::string type) {
         init_error_ = std::move(type);
       }}};
};

} // namespace

TEST_F(concurrent_runtime_test, each_worker_has_an_invocation_of_its_own) {
  const auto first = next();
  const auto second = next();
  EXPECT_EQ(nexts_, 2);
  invoke("one");
  EXPECT_TRUE(api_.is_waiting());
  invoke("two");
  EXPECT_FALSE(api_.is_waiting());
  EXPECT_EQ(first->header("Lambda-Runtime-Aws-Request-Id"), "one");
  EXPECT_EQ(second->header("Lambda-Runtime-Aws-Request-Id"), "two");
  EXPECT_EQ(respond("two")->status, 202); // in any order
  EXPECT_EQ(
      send("POST", "invocation/one/error", R"({"errorType":"Error"})")->status,
      202);
  ASSERT_EQ(outcomes_.size(), 2u);
  EXPECT_EQ(outcomes_[0].request_id, "two");
  EXPECT_EQ(outcomes_[0].error_type, "");
  EXPECT_EQ(outcomes_[1].request_id, "one");
  EXPECT_EQ(outcomes_[1].error_type, "Error");
}

TEST_F(concurrent_runtime_test, an_answer_counts_once_and_in_time) {
  next();
  next();
  EXPECT_EQ(respond("none")->status, 400);
  invoke("one");
  invoke("late");
  EXPECT_EQ(respond("one")->status, 202);
  EXPECT_EQ(respond("one")->status, 400);
  api_.time_out("late");
  const auto late = respond("late");
  EXPECT_EQ(late->status, 410);
  EXPECT_NE(late->body.find("InvokeTimeout"), std::string::npos);
  EXPECT_EQ(outcomes_.size(), 1u);
}

TEST_F(concurrent_runtime_test, a_worker_that_has_died_gets_none) {
  const auto dead = next();
  const auto alive = next();
  dead->abandon();
  EXPECT_TRUE(api_.is_waiting());
  invoke("one");
  EXPECT_EQ(dead->status, 0);
  EXPECT_EQ(alive->status, 200);
  EXPECT_FALSE(api_.is_waiting());
}

TEST_F(concurrent_runtime_test, init_error_comes_before_the_first_next) {
  EXPECT_EQ(send("POST", "init/error", R"({"errorType":"X"})")->status, 202);
  EXPECT_EQ(init_error_, "X");
  EXPECT_EQ(send("POST", "init/error")->status, 403);
  api_.begin();
  next();
  EXPECT_EQ(send("POST", "init/error")->status, 403);
}

} // namespace sandbox

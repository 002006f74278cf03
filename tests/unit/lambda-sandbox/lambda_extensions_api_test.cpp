// The Extensions API's state machine, against the table in AWS's emulator.
#include "tests/unit/lambda-sandbox/lambda_support.hpp"
#include "tools/lambda-sandbox/lambda/extensions_api.hpp"
#include "tools/lambda-sandbox/lambda/identifiers.hpp"

#include <gtest/gtest.h>

namespace sandbox {

namespace {

const char* const both = "{\"events\":[\"INVOKE\",\"SHUTDOWN\"]}";

class extensions_api_test : public testing::Test {
protected:
  void SetUp() override { api_.begin({"one"}); }

  fake_exchange_ptr send(const std::string& method, const std::string& path,
                         http_headers headers = {}, std::string body = {}) {
    auto exchange = make_request(method, "/2020-01-01/extension/" + path,
                                 std::move(headers), std::move(body));
    EXPECT_TRUE(api_.handle(exchange));
    return exchange;
  }
  fake_exchange_ptr enroll(const std::string& name, std::string body = both) {
    return send("POST", "register", {{"Lambda-Extension-Name", name}},
                std::move(body));
  }
  std::string enrolled(const std::string& name, std::string body = both) {
    return enroll(name, std::move(body))->header("Lambda-Extension-Identifier");
  }
  fake_exchange_ptr next(const std::string& identifier) {
    return send("GET", "event/next",
                {{"Lambda-Extension-Identifier", identifier}});
  }
  fake_exchange_ptr error(const std::string& which, const std::string& id,
                          const std::string& type) {
    http_headers headers = {{"Lambda-Extension-Identifier", id}};
    if (!type.empty())
      headers.emplace_back("Lambda-Extension-Function-Error-Type", type);
    return send("POST", which, headers, "{}");
  }
  static std::string error_type(const fake_exchange_ptr& exchange) {
    const auto begin = exchange->body.find("\"errorType\":\"") + 13;
    return exchange->body.substr(begin,
                                 exchange->body.find('"', begin) - begin);
  }

  run_record record_;
  observer observer_{record_, nullptr};
  int nexts_ = 0;
  int errors_ = 0;
  extensions_api api_{
      observer_,
      {"orders-api", "$LATEST", "app.handler", "123456789012"},
      {[](registered_extension&, std::int64_t) {},
       [this](registered_extension&, std::int64_t) { ++nexts_; },
       [this](registered_extension&) { ++errors_; }}};
};

} // namespace

TEST_F(extensions_api_test, registration_tells_the_function) {
  const auto answer = enroll("one");
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(is_uuid(answer->header("Lambda-Extension-Identifier")));
  EXPECT_EQ(answer->body,
            "{\"functionName\":\"orders-api\",\"functionVersion\":\"$LATEST\","
            "\"handler\":\"app.handler\"}");
  EXPECT_TRUE(api_.are_all_registered());
  EXPECT_FALSE(api_.are_all_waiting());
}

TEST_F(extensions_api_test,
       under_managed_instances_nobody_hears_of_invocations) {
  extensions_api managed{
      observer_, {"orders-api", "$LATEST", "app.handler", "1", false}, {}};
  managed.begin({"one"});
  const auto ask = [&](const std::string& events) {
    auto exchange = make_request("POST", "/2020-01-01/extension/register",
                                 {{"Lambda-Extension-Name", "one"}},
                                 R"({"events":[)" + events + "]}");
    managed.handle(exchange);
    return exchange->status;
  };
  EXPECT_EQ(ask(R"("INVOKE","SHUTDOWN")"), 403);
  EXPECT_EQ(ask(R"("INVOKE")"), 403);
}

TEST_F(extensions_api_test, account_id_comes_first_if_asked_for) {
  const auto answer = send("POST", "register",
                           {{"Lambda-Extension-Name", "one"},
                            {"Lambda-Extension-Accept-Feature", "accountId"}},
                           both);
  EXPECT_EQ(answer->body.rfind("{\"accountId\":\"123456789012\",", 0), 0u);
}

TEST_F(extensions_api_test, bad_registrations_are_refused) {
  struct row {
    std::string name, body, type;
  };
  const std::vector<row> table = {
      {"", both, "Extension.InvalidExtensionName"},
      {"one", "{", "InvalidRequestFormat"},
      {"one", "[]", "InvalidRequestFormat"},
      {"one", "{\"configurationKeys\":[\"a\"]}", "InvalidRequestFormat"},
      {"one", "{\"events\":[\"ODD\"]}", "Extension.InvalidEventType"},
      {"one", "{\"events\":\"INVOKE\"}", "InvalidRequestFormat"},
      // A name that is no program's: internal, and these get no SHUTDOWN.
      {"other", both, "Extension.InvalidEventType"},
  };
  for (const auto& [name, body, type] : table) {
    const auto answer = enroll(name, body);
    EXPECT_EQ(answer->status, 403) << body;
    EXPECT_EQ(error_type(answer), type) << body;
  }
  enroll("one");
  EXPECT_EQ(error_type(enroll("one")), "Extension.InvalidExtensionState");
  api_.close_registration();
  EXPECT_EQ(error_type(enroll("late", "{\"events\":[\"INVOKE\"]}")),
            "Extension.RegistrationClosed");
}

TEST_F(extensions_api_test, ten_extensions_are_the_limit) {
  const std::string body = "{\"events\":[\"INVOKE\"]}";
  for (int i = 2; i <= 10; ++i)
    EXPECT_EQ(enroll("internal-" + std::to_string(i), body)->status, 200);
  EXPECT_EQ(enroll("internal-11", body)->status, 403);
}

TEST_F(extensions_api_test, unknown_identifiers_are_refused) {
  enroll("one");
  EXPECT_EQ(error_type(send("GET", "event/next")),
            "Extension.MissingExtensionIdentifier");
  EXPECT_EQ(error_type(next("no-uuid")),
            "Extension.InvalidExtensionIdentifier");
  EXPECT_EQ(error_type(next(make_uuid())),
            "Extension.UnknownExtensionIdentifier");
}

TEST_F(extensions_api_test, events_are_handed_to_who_waits) {
  const auto id = enrolled("one");
  const auto first = next(id);
  EXPECT_EQ(first->status, 0);
  EXPECT_TRUE(api_.are_all_waiting());
  const auto second = next(id); // one hangs already
  EXPECT_EQ(second->status, 403);
  EXPECT_EQ(second->body,
            "{\"errorMessage\":\"State transition from Ready to Ready failed "
            "for extension "
                + id
                + ". Error: State transition is not allowed\","
                  "\"errorType\":\"Extension.InvalidExtensionState\"}\n");
  api_.send_invoke("{\"eventType\":\"INVOKE\"}");
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(first->body, "{\"eventType\":\"INVOKE\"}");
  EXPECT_TRUE(is_uuid(first->header("Lambda-Extension-Event-Identifier")));
  EXPECT_FALSE(api_.are_invoked_waiting());
  next(id);
  EXPECT_TRUE(api_.are_invoked_waiting());
  EXPECT_EQ(nexts_, 2);
}

TEST_F(extensions_api_test, shutdown_waits_for_who_is_busy) {
  const auto id = enrolled("one");
  next(id);
  api_.send_invoke("{}");
  auto* extension = api_.find("one");
  ASSERT_NE(extension, nullptr);
  api_.send_shutdown(*extension, "{\"eventType\":\"SHUTDOWN\"}");
  EXPECT_EQ(extension->told_ns, 0);
  const auto late = next(id);
  EXPECT_EQ(late->status, 200);
  EXPECT_EQ(late->body, "{\"eventType\":\"SHUTDOWN\"}");
  EXPECT_EQ(late->header("Content-Type"), "");
  EXPECT_EQ(late->header("Lambda-Extension-Event-Identifier"), "");
  EXPECT_NE(extension->told_ns, 0);
  EXPECT_EQ(next(id)->status, 0); // hangs until it is killed
}

TEST_F(extensions_api_test, who_is_not_subscribed_is_not_waited_for) {
  const auto id = enrolled("one", "{\"events\":[\"SHUTDOWN\"]}");
  const auto waiting = next(id);
  api_.send_invoke("{}");
  EXPECT_EQ(waiting->status, 0);
  EXPECT_TRUE(api_.are_invoked_waiting());
}

TEST_F(extensions_api_test, errors_are_taken_in_the_right_states_only) {
  const auto id = enrolled("one");
  EXPECT_EQ(error_type(error("init/error", id, "")), "Extension.MissingHeader");
  EXPECT_EQ(error("init/error", id, "Extension.Mine")->status, 202);
  EXPECT_EQ(error("init/error", id, "Extension.Mine")->status, 202);
  EXPECT_EQ(errors_, 1);
  EXPECT_EQ(next(id)->status, 403);
  EXPECT_EQ(error("exit/error", id, "Extension.Mine")->status, 403);
  api_.begin({"one"});
  const auto other = enrolled("one");
  next(other);
  EXPECT_EQ(error("init/error", other, "Extension.Mine")->status, 403);
  EXPECT_EQ(error("exit/error", other, "Extension.Mine")->body,
            "{\"status\":\"OK\"}\n");
  EXPECT_EQ(api_.find("one")->error_type, "Extension.Mine");
}

} // namespace sandbox

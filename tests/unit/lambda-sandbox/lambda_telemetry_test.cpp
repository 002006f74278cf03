// Telemetry: what a subscription may say, how records look in each schema, and
// how batches are delivered, to a real receiver on loopback.
#include "tests/unit/lambda-sandbox/lambda_support.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/telemetry_api.hpp"

#include <gtest/gtest.h>

namespace sandbox {

namespace {

std::string subscription_text(const std::string& schema,
                              const std::string& types,
                              const std::string& buffering,
                              const std::string& destination) {
  return "{\"schemaVersion\":\"" + schema + "\",\"types\":" + types
         + ",\"buffering\":" + buffering + ",\"destination\":" + destination
         + "}";
}

std::string destination_of(std::uint16_t port) {
  return "{\"protocol\":\"HTTP\",\"URI\":\"http://sandbox.localdomain:"
         + std::to_string(port) + "/\"}";
}

/// A telemetry receiver whose answers are scripted, and the API before it.
class telemetry_delivery_test : public testing::Test {
protected:
  void SetUp() override {
    port_ = receiver_.listen();
    ASSERT_NE(port_, 0);
    extensions_.begin({"one"});
    auto exchange = make_request("POST", "/2020-01-01/extension/register",
                                 {{"Lambda-Extension-Name", "one"}},
                                 "{\"events\":[\"INVOKE\"]}");
    extensions_.handle(exchange);
    identifier_ = exchange->header("Lambda-Extension-Identifier");
  }

  fake_exchange_ptr subscribe(telemetry_api& api, const std::string& path,
                              const std::string& schema) {
    auto exchange = make_request(
        "PUT", path, {{"Lambda-Extension-Identifier", identifier_}},
        subscription_text(schema, "[\"platform\",\"function\"]",
                          "{\"timeoutMs\":100}", destination_of(port_)));
    EXPECT_TRUE(api.handle(exchange));
    return exchange;
  }

  /// Runs the loop until so many batches have come, or 5 s are over.
  void run_until(std::size_t batches) {
    const auto until_ns = now_ns() + 5'000 * ns_per_ms;
    while (batches_.size() < batches && now_ns() < until_ns)
      io_.run_one_for(std::chrono::milliseconds{50});
    io_.poll();
  }

  boost::asio::io_context io_;
  run_record record_;
  observer observer_{record_, nullptr};
  extensions_api extensions_{observer_,
                             {},
                             {[](registered_extension&, std::int64_t) {},
                              [](registered_extension&, std::int64_t) {},
                              [](registered_extension&) {}}};
  std::vector<std::string> batches_;
  std::vector<int> answers_;
  http_server receiver_{
      io_, [this](const http_exchange_ptr& exchange) {
        batches_.push_back(exchange->request().body);
        const auto number = batches_.size();
        exchange->answer(number <= answers_.size() ? answers_[number - 1] : 200,
                         "");
      }};
  std::uint16_t port_ = 0;
  std::string identifier_;
};

const delivery_settings at_once = {0, 1, false, "2025-01-29"};

} // namespace

TEST(telemetry_subscription_test, defaults_are_lambdas) {
  std::string problem;
  const auto read = parse_subscription(
      "{\"schemaVersion\":\"2022-12-13\",\"types\":[\"platform\"],"
      "\"destination\":{\"protocol\":\"HTTP\",\"URI\":\"http://"
      "sandbox:8080\"}}",
      false, problem);
  ASSERT_TRUE(read) << problem;
  EXPECT_EQ(read->items_max, 10'000u);
  EXPECT_EQ(read->bytes_max, 262'144u);
  EXPECT_EQ(read->timeout_ms, 1'000);
  EXPECT_EQ(read->port, 8080);
  EXPECT_EQ(read->path, "/");
  EXPECT_TRUE(read->has_object_logs());
}

TEST(telemetry_subscription_test, what_is_wrong_is_named) {
  const std::string platform = "[\"platform\"]";
  const auto place = destination_of(1);
  struct row {
    std::string body, problem;
    bool is_logs_api = false;
  };
  const std::vector<row> table = {
      {"{", "Missing a name"},
      {"[]", "the body must be a JSON object"},
      {subscription_text("2021-03-18", platform, "{}", place), "schemaVersion"},
      {subscription_text("2022-12-13", platform, "{}", place), "schemaVersion",
       true},
      {subscription_text("2022-12-13", "[]", "{}", place), "types"},
      {subscription_text("2022-12-13", "[\"odd\"]", "{}", place), "odd"},
      {subscription_text("2022-12-13", platform, "{\"maxItems\":999}", place),
       "buffering.maxItems"},
      {subscription_text("2022-12-13", platform, "{\"maxBytes\":1048577}",
                         place),
       "buffering.maxBytes"},
      {subscription_text("2022-12-13", platform, "{\"timeoutMs\":24}", place),
       "buffering.timeoutMs"},
      {subscription_text("2021-03-18", platform, "{\"timeoutMs\":99}", place),
       "buffering.timeoutMs", true},
      {subscription_text("2022-12-13", platform, "{}", "{}"),
       "destination.protocol"},
      {subscription_text(
           "2022-12-13", platform, "{}",
           "{\"protocol\":\"HTTP\",\"URI\":\"http://localhost:1\"}"),
       "sandbox.localdomain"},
      {subscription_text(
           "2022-12-13", platform, "{}",
           "{\"protocol\":\"HTTP\",\"URI\":\"http://sandbox:0\"}"),
       "port"},
      {subscription_text("2022-12-13", platform, "{}",
                         "{\"protocol\":\"TCP\",\"port\":70000}"),
       "destination.port"},
  };
  for (const auto& row : table) {
    std::string problem;
    EXPECT_FALSE(parse_subscription(row.body, row.is_logs_api, problem))
        << row.body;
    EXPECT_NE(problem.find(row.problem), std::string::npos)
        << row.body << ": " << problem;
  }
}

TEST(telemetry_event_test, json_lines_become_objects) {
  const auto event = log_event(telemetry_category::function,
                               R"({"level":"INFO","message":"hi"})", true);
  EXPECT_EQ(event.record, R"({"level":"INFO","message":"hi"})");
  EXPECT_EQ(event.logs_record, R"("{\"level\":\"INFO\",\"message\":\"hi\"}")");
  EXPECT_EQ(log_event(telemetry_category::function, "plain", true).record,
            "\"plain\"");
  const auto messages =
      log_messages(R"({"level": "INFO", "message": "hi"})", true);
  EXPECT_EQ(messages, (std::vector<std::string>{
                          R"({"level": "INFO", "message": "hi"})",
                          R"({"level":"INFO","message":"hi"})", "hi"}));
}

TEST(telemetry_event_test, bytes_that_are_no_text_are_replaced) {
  EXPECT_EQ(log_event(telemetry_category::function, "a\xff\xc3", false).record,
            "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_F(telemetry_delivery_test, earlier_records_come_first) {
  telemetry_api api{io_, observer_, extensions_, telemetry_offer::both,
                    at_once};
  api.emit(platform_event("initStart", json_object{}.add("phase", "init")));
  EXPECT_EQ(subscribe(api, "/2022-07-01/telemetry", "2022-12-13")->body,
            "\"OK\"");
  api.flush();
  run_until(1);
  ASSERT_EQ(batches_.size(), 1u);
  const auto start = batches_[0].find("platform.initStart");
  const auto subscribed = batches_[0].find("platform.telemetrySubscription");
  ASSERT_NE(start, std::string::npos);
  ASSERT_NE(subscribed, std::string::npos);
  EXPECT_LT(start, subscribed);
}

TEST_F(telemetry_delivery_test, the_logs_api_has_its_own_shapes) {
  telemetry_api api{io_, observer_, extensions_, telemetry_offer::logs_only,
                    at_once};
  const auto refused = subscribe(api, "/2022-07-01/telemetry", "2022-12-13");
  EXPECT_EQ(refused->status, 202);
  EXPECT_EQ(refused->body,
            "{\"errorMessage\":\"Telemetry API is not supported\","
            "\"errorType\":\"Telemetry.NotSupported\"}\n");
  EXPECT_EQ(subscribe(api, "/2020-08-15/logs", "2021-03-18")->status, 200);
  api.emit(platform_event("initStart", json_object{})); // it knows none
  api.emit(platform_event("start", json_object{}.add("new", 1),
                          json_object{}.add("old", 1)));
  api.flush();
  run_until(1);
  ASSERT_EQ(batches_.size(), 1u);
  EXPECT_EQ(batches_[0].find("initStart"), std::string::npos);
  EXPECT_NE(batches_[0].find("platform.logsSubscription"), std::string::npos);
  EXPECT_NE(batches_[0].find("{\"old\":1}"), std::string::npos);
}

TEST_F(telemetry_delivery_test, nobody_subscribes_after_init) {
  telemetry_api api{io_, observer_, extensions_, telemetry_offer::both,
                    at_once};
  api.close_subscriptions();
  const auto late = subscribe(api, "/2022-07-01/telemetry", "2022-12-13");
  EXPECT_EQ(late->status, 403);
  EXPECT_NE(late->body.find("Telemetry.SubscriptionClosed"), std::string::npos);
}

TEST_F(telemetry_delivery_test, only_one_of_the_two_apis_serves_an_extension) {
  telemetry_api api{io_, observer_, extensions_, telemetry_offer::both,
                    at_once};
  EXPECT_EQ(subscribe(api, "/2020-08-15/logs", "2021-03-18")->status, 200);
  EXPECT_EQ(subscribe(api, "/2022-07-01/telemetry", "2022-12-13")->status, 400);
}

TEST_F(telemetry_delivery_test, what_was_not_answered_200_comes_again) {
  answers_ = {500, 202};
  telemetry_api api{io_, observer_, extensions_, telemetry_offer::both,
                    at_once};
  record_.truths.push_back({"log", "id", {"x"}, 1, 0});
  auto event = log_event(telemetry_category::function, "x", false);
  event.truth = 0;
  subscribe(api, "/2022-07-01/telemetry", "2022-12-13");
  api.emit(std::move(event));
  api.flush();
  run_until(3);
  ASSERT_EQ(batches_.size(), 3u);
  EXPECT_EQ(batches_[0], batches_[1]);
  EXPECT_EQ(batches_[0], batches_[2]);
  EXPECT_NE(record_.truths[0].delivered_ns, 0);
  EXPECT_EQ(record_.telemetry_posts[2].attempt, 3);
}

TEST_F(telemetry_delivery_test, after_three_times_it_is_dropped_and_told) {
  answers_ = {500, 500, 500};
  telemetry_api api{io_, observer_, extensions_, telemetry_offer::both,
                    at_once};
  subscribe(api, "/2022-07-01/telemetry", "2022-12-13");
  api.flush();
  run_until(4);
  ASSERT_EQ(batches_.size(), 4u);
  EXPECT_NE(batches_[3].find("platform.logsDropped"), std::string::npos);
  EXPECT_NE(batches_[3].find("\"droppedRecords\":1"), std::string::npos);
}

TEST_F(telemetry_delivery_test, nothing_is_delivered_in_a_freeze) {
  telemetry_api api{io_, observer_, extensions_, telemetry_offer::both,
                    at_once};
  subscribe(api, "/2022-07-01/telemetry", "2022-12-13");
  api.freeze();
  api.flush();
  io_.run_for(std::chrono::milliseconds{5});
  EXPECT_TRUE(batches_.empty());
  api.thaw();
  run_until(1);
  EXPECT_EQ(batches_.size(), 1u);
}

TEST_F(telemetry_delivery_test, a_batch_may_be_reversed) {
  telemetry_api api{io_,
                    observer_,
                    extensions_,
                    telemetry_offer::both,
                    {0, 1, true, "2025-01-29"}};
  subscribe(api, "/2022-07-01/telemetry", "2022-12-13");
  api.emit(platform_event("first", json_object{}));
  api.emit(platform_event("second", json_object{}));
  api.flush();
  run_until(1);
  ASSERT_EQ(batches_.size(), 1u);
  EXPECT_LT(batches_[0].find("platform.second"),
            batches_[0].find("platform.first"));
}

TEST_F(telemetry_delivery_test, copies_come_one_after_the_other) {
  telemetry_api api{io_,
                    observer_,
                    extensions_,
                    telemetry_offer::both,
                    {0, 3, false, "2025-01-29"}};
  subscribe(api, "/2022-07-01/telemetry", "2022-12-13");
  api.flush();
  run_until(3);
  ASSERT_EQ(batches_.size(), 3u);
  EXPECT_EQ(batches_[0], batches_[1]);
  EXPECT_EQ(batches_[0], batches_[2]);
  EXPECT_FALSE(record_.telemetry_posts[0].is_duplicate);
  EXPECT_TRUE(record_.telemetry_posts[1].is_duplicate);
}

} // namespace sandbox

// Table tests of judgement.hpp: what each answer means for a batch of 7 lines.
#include "runtime/delivery/judgement.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

constexpr uint64_t lease = 42;
constexpr uint32_t lines = 7;

struct answer_case {
  uint16_t status;
  const char* body;
  delivery_outcome outcome;
  uint32_t accepted;
  bool is_server_failing;
};

constexpr auto settled = delivery_outcome::settled;
constexpr auto not_taken = delivery_outcome::not_taken;

// Statuses: elastic/apm-data's `input/elasticapm`; 404 as Elastic Cloud's
// proxies answer it.
constexpr answer_case answers[] = {
    {202, "", settled, 7, false},
    {200, "", settled, 7, false},
    {204, "", settled, 7, false},
    // What a 2xx says of itself does not matter: it means all.
    {202, R"({"accepted":2})", settled, 7, false},
    // Judged line by line: what is not in now never will be.
    {400, R"({"accepted":5,"errors":[{"message":"m"}]})", settled, 5, false},
    {400, R"({"accepted":0})", settled, 0, false},
    {400, "not json", settled, 0, false},
    {413, R"({"accepted":1})", settled, 1, false},
    {413, "<html>", not_taken, 0, false}, // a proxy's: sent again in parts
    // Five are in, one is named, and one is neither: it goes again.
    {400, R"({"accepted":5,"errors":[{"document":"d","message":"m"}]})",
     not_taken, 5, false},
    {400, R"({"accepted":6,"errors":[{"document":"d","message":"m"}]})",
     settled, 6, false},
    // With five named there may be more.
    {400,
     R"({"accepted":0,"errors":[{"document":"d"},{"document":"d"},)"
     R"({"document":"d"},{"document":"d"},{"document":"d"}]})",
     settled, 0, false},
    {405, "", settled, 0, false},
    {415, "", settled, 0, false},
    {422, "", settled, 0, false},
    // Not judged: what it says is in, is in; the rest goes again.
    {503, R"({"accepted":3,"errors":[{"message":"queue is full"}]})", not_taken,
     3, true},
    {503, "", not_taken, 0, true},
    {429, "", not_taken, 0, true},
    {401, "", not_taken, 0, true},
    {403, "", not_taken, 0, true},
    {404, "", not_taken, 0, true},
    {408, "", not_taken, 0, true},
    {500, "<html>", not_taken, 0, true},
    {502, "<html>", not_taken, 0, true},
    {504, "", not_taken, 0, true},
    {301, "", not_taken, 0, true},
    // A server that cannot count costs nothing but its own lines.
    {400, R"({"accepted":8})", settled, 7, false},
    {503, R"({"accepted":4294967296})", not_taken, 7, true},
    {503, R"({"accepted":-1})", not_taken, 0, true},
    {503, R"({"accepted":"3"})", not_taken, 0, true},
};

TEST(judgement, follows_the_status_and_the_accepted_count) {
  for (const auto& x : answers) {
    http_response answer;
    answer.status = x.status;
    answer.body = bytes{x.body};
    const auto d = judge(answer, lease, lines);
    SCOPED_TRACE(std::to_string(x.status) + ' ' + x.body);
    EXPECT_EQ(d.lease, lease);
    EXPECT_EQ(d.status, x.status);
    EXPECT_EQ(d.outcome, x.outcome);
    EXPECT_EQ(d.accepted, x.accepted);
    EXPECT_EQ(d.is_server_failing, x.is_server_failing);
    EXPECT_EQ(d.detail.empty(), x.status / 100 == 2) << d.detail;
  }
}

constexpr http_failure failures[] = {
    http_failure::resolve,   http_failure::connect, http_failure::tls,
    http_failure::timeout,   http_failure::closed,  http_failure::too_large,
    http_failure::cancelled, http_failure::other,
};

// Architecture rule 7: ambiguous only where the request can have arrived.
TEST(judgement, tells_a_lost_request_from_a_lost_answer) {
  for (const auto failure : failures)
    for (const bool may_have_arrived : {false, true}) {
      http_response answer;
      answer.failure = failure;
      answer.may_have_arrived = may_have_arrived;
      answer.status = 202; // of a head whose body never came
      answer.detail = "why";
      const auto d = judge(answer, lease, lines);
      SCOPED_TRACE(static_cast<int>(failure));
      EXPECT_EQ(d.outcome,
                may_have_arrived ? delivery_outcome::ambiguous : not_taken);
      EXPECT_EQ(d.accepted, 0U);
      EXPECT_TRUE(d.is_server_failing);
      EXPECT_NE(d.detail.find("why"), std::string::npos) << d.detail;
    }
}

// Both parts of an error are logged.
TEST(judgement, keeps_what_the_next_request_must_know) {
  http_response answer;
  answer.status = 413;
  EXPECT_TRUE(judge(answer, lease, lines).is_too_large);
  const auto single = judge(answer, lease, 1);
  EXPECT_FALSE(single.is_too_large) << "there is nothing to split";
  EXPECT_EQ(single.outcome, settled);
  answer.status = 429;
  answer.retry_after_ms = 7000;
  EXPECT_EQ(judge(answer, lease, lines).retry_after_ms, 7000);
  answer.status = 400;
  answer.body = bytes{
      std::string{R"({"accepted":1,"errors":[{"document":"{\"span\":1}"}]})"}};
  EXPECT_EQ(judge(answer, lease, lines).refused_lines,
            std::vector<std::string>{R"({"span":1})"});
}

TEST(judgement, says_the_status_the_count_and_the_first_messages) {
  http_response answer;
  answer.status = 400;
  answer.body =
      bytes{R"({"accepted":5,"errors":[{"message":"m1"},)"
            R"({"message":"m2"},{"message":"m3"},{"message":"m4"}]})"};
  const auto d = judge(answer, lease, lines);
  for (const auto* part : {"400", "5 of 7", "m1", "m2", "m3"})
    EXPECT_NE(d.detail.find(part), std::string::npos) << d.detail;
  EXPECT_EQ(d.detail.find("m4"), std::string::npos) << "three are enough";
}

} // namespace
} // namespace apm

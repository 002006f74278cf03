// Tests of the built-in function's agents against a recording receiver: what
// goes on the wire, in which order, on which connection, and what an agent does
// after an answer that is none. The Node agent is held against the captured
// requests of the real one.
#include "tests/unit/lambda-sandbox/function_receiver.hpp"
#include "tests/unit/lambda-sandbox/function_support.hpp"
#include "tests/unit/lambda-sandbox/support.hpp"
#include "tools/lambda-sandbox/function/capture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sandbox {
namespace {

using strings = std::vector<std::string>;

/// Header lines of a request, but for what differs from run to run.
strings stable_headers(const builtin::http_headers& headers) {
  strings lines;
  for (const auto& [name, value] : headers) {
    const bool varies =
        builtin::is_same_header(name, "Host")
        || builtin::is_same_header(name, "x-elastic-aws-request-id");
    lines.push_back(name + ": " + (varies ? "…" : value));
  }
  return lines;
}

TEST(node_agent, sends_what_the_real_agent_was_captured_sending) {
  std::string message;
  const auto real =
      builtin::load_capture(test_data_path("agent-captures/error"), message);
  ASSERT_TRUE(real) << message;
  recording_receiver receiver;
  agent_under_test node{"node", receiver.url()};
  node.finish(node.begin("id-1"), 1);
  const auto ours = receiver.requests();
  ASSERT_EQ(ours.size(), real->requests.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(ours[i].method, real->requests[i].method);
    EXPECT_EQ(ours[i].target, real->requests[i].target);
    EXPECT_EQ(ours[i].connection, real->requests[i].connection);
    EXPECT_EQ(ours[i].chunks.size(), real->requests[i].chunks.size());
    EXPECT_EQ(stable_headers(ours[i].headers),
              stable_headers(real->requests[i].headers));
  }
  EXPECT_EQ(ours[0].header("x-elastic-aws-request-id"), "id-1");
  // The capture's lines, in its order.
  EXPECT_EQ(ours[0].kinds(), (strings{"metadata", "transaction"}));
  EXPECT_EQ(ours[1].kinds(), (strings{"metadata", "transaction", "error"}));
  // gzip's bare header (RFC 1952 §2.3: 10 bytes) is a chunk of its own.
  EXPECT_EQ(ours[1].chunks[0], 10u);
}

TEST(node_agent, the_two_connections_swap_roles_after_each_flush) {
  recording_receiver receiver;
  agent_under_test node{"node", receiver.url()};
  for (const auto* id : {"id-1", "id-2", "id-3"})
    node.finish(node.begin(id));
  std::vector<int> connections;
  for (const auto& request : receiver.requests())
    connections.push_back(request.connection);
  // Registration, data, flush; three times.
  EXPECT_EQ(connections, (std::vector<int>{1, 1, 2, 2, 2, 1, 1, 1, 2}));
}

TEST(node_agent, a_short_handlers_transaction_comes_before_its_spans) {
  recording_receiver receiver;
  agent_under_test node{"node", receiver.url()};
  const auto transaction = node.begin("id-1");
  node.agent().add(node.span(transaction));
  node.agent().add(node.span(transaction));
  node.finish(transaction, 1);
  EXPECT_EQ(receiver.requests()[1].kinds(),
            (strings{"metadata", "transaction", "span", "span", "error"}));
  EXPECT_EQ(node.told().count("line_offered"), 4u);
  EXPECT_EQ(node.told().count("line_taken"), 4u);
}

TEST(node_agent, a_long_handlers_request_opens_20_ms_after_the_first_event) {
  recording_receiver receiver;
  agent_under_test node{"node", receiver.url()};
  const auto transaction = node.begin("id-1");
  const auto first_ns = builtin::monotonic_ns();
  node.agent().add(node.span(transaction));
  node.agent().work_until(first_ns + 500 * builtin::ns_per_ms);
  node.agent().add(node.span(transaction));
  node.finish(transaction);
  const auto intake = receiver.requests()[1];
  EXPECT_GE(intake.head_ns - first_ns, 20 * builtin::ns_per_ms);
  EXPECT_LT(intake.head_ns - first_ns, 500 * builtin::ns_per_ms);
  EXPECT_EQ(intake.kinds(),
            (strings{"metadata", "span", "span", "transaction"}));
}

TEST(node_agent, fifty_queued_events_open_the_request_at_once) {
  recording_receiver receiver;
  agent_under_test node{"node", receiver.url()};
  const auto transaction = node.begin("id-1");
  for (int i = 0; i < 50; ++i)
    node.agent().add(node.span(transaction));
  node.finish(transaction);
  const auto kinds = receiver.requests()[1].kinds();
  // Spans come first: the request was open before the transaction ended.
  ASSERT_EQ(kinds.size(), 52u);
  EXPECT_EQ(kinds[1], "span");
  EXPECT_EQ(kinds[51], "transaction");
}

TEST(node_agent, late_spans_come_first_in_the_next_request) {
  recording_receiver receiver;
  agent_under_test node{"node", receiver.url()};
  const auto first = node.begin("id-1");
  node.finish(first);
  const auto late = node.span(first);
  node.agent().add_late(late);
  const auto second = node.begin("id-2");
  node.agent().add(node.span(second));
  node.finish(second);
  const auto body = receiver.requests()[4].body;
  EXPECT_EQ(receiver.requests()[4].kinds(),
            (strings{"metadata", "span", "transaction", "span"}));
  EXPECT_NE(body.find("\n" + late.line + "\n{\"transaction\""),
            std::string::npos);
}

TEST(node_agent, a_request_ends_at_750_kib_and_the_next_waits_for_its_answer) {
  recording_receiver receiver;
  agent_under_test node{"node", receiver.url()};
  const auto transaction = node.begin("id-1", {false, true, 0, 0});
  // 8.4 KB each, as in the measured case; random hex halves in gzip, so that
  // 300 of them are 1.3 MB on the wire.
  for (int i = 0; i < 300; ++i)
    node.agent().add(node.span(transaction, 8400));
  node.finish(transaction);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3u); // Two with data, then the flush.
  EXPECT_GE(requests[0].wire_body.size(), 750u * 1024);
  // The size is looked at every 32 events: 32 · 8.4 KB · about 0.57 more.
  EXPECT_LT(requests[0].wire_body.size(), (750u + 200u) * 1024);
  EXPECT_EQ(requests[0].kinds().size() + requests[1].kinds().size(),
            300u + 1u + 2u); // Spans, transaction, two metadata lines.
  for (const auto size : requests[0].chunks)
    EXPECT_LE(size, 16u * 1024);
  EXPECT_EQ(node.told().count("line_taken"), 301u);
}

TEST(node_agent, anything_but_200_ends_registrations_for_good) {
  for (const int status : {202, 404, 503}) {
    recording_receiver receiver{[&](const recorded_request& request) {
      return request.target == "/register/transaction" ? answer_of(status)
                                                       : answer_of(202);
    }};
    agent_under_test node{"node", receiver.url()};
    node.finish(node.begin("id-1"));
    node.finish(node.begin("id-2"));
    int registrations = 0;
    for (const auto& request : receiver.requests())
      registrations += request.target == "/register/transaction" ? 1 : 0;
    EXPECT_EQ(registrations, 1) << status;
  }
}

TEST(node_agent, a_refused_batch_is_lost_and_logged_and_the_flush_still_sent) {
  recording_receiver receiver{[](const recorded_request& request) {
    const bool is_data = request.target == "/intake/v2/events";
    return is_data ? answer_of(503) : good_answer(request);
  }};
  agent_under_test node{"node", receiver.url()};
  node.finish(node.begin("id-1"));
  EXPECT_EQ(receiver.requests().size(), 3u);
  EXPECT_EQ(node.told().count("line_offered"), 1u);
  EXPECT_EQ(node.told().count("line_taken"), 0u);
  EXPECT_EQ(node.told().count("error"), 1u);
  EXPECT_EQ(node.told().count("log"), 1u);
  EXPECT_EQ(node.told().count("flush_answered"), 1u);
}

TEST(node_agent, a_flush_answered_200_is_logged_as_an_error) {
  recording_receiver receiver{
      [](const recorded_request&) { return answer_of(200); }};
  agent_under_test node{"node", receiver.url()};
  node.finish(node.begin("id-1"));
  EXPECT_EQ(node.told().count("line_taken"), 1u); // 200 is fine for data.
  EXPECT_EQ(node.told().count("error"), 1u);
}

TEST(node_agent, an_absent_extension_costs_two_log_lines_per_invocation) {
  std::string url;
  { url = recording_receiver{}.url(); } // Nobody listens there any more.
  agent_under_test node{"node", url};
  node.finish(node.begin("id-1"));
  node.finish(node.begin("id-2"));
  EXPECT_EQ(node.told().count("log"), 4u);
  EXPECT_EQ(node.told().count("flush_sent"), 0u);
  // Registration is tried once.
  EXPECT_EQ(node.told().count("registered"), 1u);
}

TEST(python_agent, sends_data_and_flush_in_one_post) {
  recording_receiver receiver;
  agent_under_test python{"python", receiver.url()};
  const auto transaction = python.begin("id-1");
  python.agent().add(python.span(transaction));
  python.finish(transaction, 1);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3u);
  // Measured with urllib3 2.7 and Python 3.11.
  EXPECT_EQ(requests[0].header_names(),
            "Host,Accept-Encoding,Content-Length,Content-Type,User-Agent,"
            "Authorization,x-elastic-aws-request-id");
  EXPECT_EQ(requests[0].target, "/register/transaction");
  EXPECT_NE(requests[0].body.back(), '\n');
  EXPECT_EQ(requests[1].method + requests[1].target, "GET/");
  EXPECT_EQ(requests[1].header("accept"), "text/plain");
  EXPECT_EQ(requests[2].target, "/intake/v2/events?flushed=true");
  EXPECT_EQ(requests[2].header_names(),
            "Host,Accept-Encoding,Content-Length,Content-Type,"
            "Content-Encoding,User-Agent,Authorization");
  EXPECT_EQ(requests[2].kinds(),
            (strings{"metadata", "span", "error", "transaction"}));
  EXPECT_EQ(requests[2].connection, 1);
}

TEST(python_agent, a_flush_without_data_is_empty_and_labelled_gzip) {
  recording_receiver receiver;
  agent_under_test python{"python", receiver.url()};
  python.begin("id-1", {false, true, 0, 0});
  python.agent().finish({}, {});
  const auto flush = receiver.requests().back();
  EXPECT_EQ(flush.target, "/intake/v2/events?flushed=true");
  EXPECT_EQ(flush.header("Content-Encoding"), "gzip");
  EXPECT_EQ(flush.header("Content-Length"), "0");
}

TEST(python_agent, backs_off_after_the_second_failure_and_drops_the_flush) {
  recording_receiver receiver{
      [](const recorded_request&) { return answer_of(503); }};
  agent_under_test python{"python", receiver.url()};
  // The back-off is 0² s after the first failure, 1² s after the second.
  for (const auto* id : {"id-1", "id-2", "id-3"})
    python.finish(python.begin(id));
  EXPECT_EQ(python.told().count("flush_sent"), 2u);
  // A 503 to the registration ends registrations.
  EXPECT_EQ(python.told().count("registered"), 1u);
}

TEST(python_agent, registers_only_where_it_knows_of_an_extension) {
  recording_receiver receiver;
  agent_under_test python{"python", receiver.url()};
  python.environment.has_lambda_apm_server = false;
  python.finish(python.begin("id-1"));
  EXPECT_EQ(python.told().count("registered"), 0u);
}

TEST(java_agent, streams_plain_chunks_and_flushes_with_a_metadata_line) {
  recording_receiver receiver;
  agent_under_test java{"java", receiver.url()};
  const auto transaction = java.begin("id-1");
  java.agent().add(java.span(transaction, 20'000));
  java.finish(transaction);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3u);
  // Measured with the JDK 17's HttpURLConnection.
  EXPECT_EQ(requests[0].header_names(),
            "Authorization,User-Agent,Content-Type,x-elastic-aws-request-id,"
            "Cache-Control,Pragma,Host,Accept,Connection,Transfer-Encoding");
  EXPECT_EQ(requests[1].header_names(),
            "Authorization,User-Agent,Content-Type,Cache-Control,Pragma,Host,"
            "Accept,Connection,Transfer-Encoding");
  // The metadata line at once, then what fills 16 KiB, then the rest.
  ASSERT_EQ(requests[1].chunks.size(), 3u);
  EXPECT_EQ(requests[1].chunks[0], java.events().metadata().size() + 1);
  EXPECT_EQ(requests[1].chunks[1], 16u * 1024);
  EXPECT_EQ(requests[1].kinds(), (strings{"metadata", "span", "transaction"}));
  EXPECT_EQ(requests[2].target, "/intake/v2/events?flushed=true");
  EXPECT_EQ(requests[2].kinds(), strings{"metadata"});
  // The registration's connection is closed, the reporter's kept.
  EXPECT_EQ(requests[1].connection, requests[2].connection);
  EXPECT_NE(requests[0].connection, requests[1].connection);
}

TEST(java_agent, any_2xx_is_good_for_a_registration_and_only_4xx_ends_them) {
  for (const auto& [status, expected] :
       {std::pair{202, 2u}, std::pair{503, 2u}, std::pair{404, 1u}}) {
    recording_receiver receiver{[status = status](const auto& request) {
      return request.target == "/register/transaction" ? answer_of(status)
                                                       : answer_of(202);
    }};
    agent_under_test java{"java", receiver.url()};
    java.finish(java.begin("id-1"));
    java.finish(java.begin("id-2"));
    EXPECT_EQ(java.told().count("registered"), expected) << status;
  }
}

} // namespace
} // namespace sandbox

// Tests of the built-in function's parts that need no agent: scripts, bodies,
// lines, facts, logs, scripted requests, the HTTP client, the Runtime API.
#include "tests/unit/lambda-sandbox/function_receiver.hpp"
#include "tests/unit/lambda-sandbox/function_support.hpp"
#include "tests/unit/lambda-sandbox/support.hpp"
#include "tools/lambda-sandbox/apm_server/intake_body.hpp"
#include "tools/lambda-sandbox/function/body_encoder.hpp"
#include "tools/lambda-sandbox/function/runtime_client.hpp"
#include "tools/lambda-sandbox/function/script.hpp"
#include "tools/lambda-sandbox/function/scripted_requests.hpp"

#include <gtest/gtest.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <set>
#include <string>

namespace sandbox {
namespace {

using namespace builtin;

constexpr std::int64_t soon_ms = 10'000;

std::int64_t soon() {
  return monotonic_ns() + soon_ms * ns_per_ms;
}

function_script parse(const char* text, json_problems& problems) {
  return parse_function_script(json_of_text(text), "/invocations/0/function",
                               problems);
}

TEST(function_script, defaults_are_one_plain_invocation) {
  json_problems problems;
  const auto script = parse("{}", problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(script.transactions, 1);
  EXPECT_EQ(script.spans, 3);
  EXPECT_TRUE(script.flush);
  EXPECT_TRUE(script.register_transaction);
  EXPECT_EQ(script.outcome, "");
}

TEST(function_script, all_members_are_read) {
  json_problems problems;
  const auto script = parse(
      R"({"agent": "java", "transactions": 2, "spans": 4, "errors": 1,
        "span_bytes": 8400, "register": false, "flush": false,
        "flush_delay_ms": 5, "data_delay_ms": 6, "work_ms": 7,
        "logs": {"count": 100, "bytes": 50}, "log_format": "json",
        "outcome": "exit", "exit_status": 3, "late_spans": 1, "late_logs": 2,
        "capture": "x",
        "requests": [{"method": "PUT", "target": "/x", "headers": {"A": "b"},
          "body": "c", "encoding": "gzip", "chunk_bytes": 3,
          "newline_at_end": false, "delay_ms": 1, "stall_ms": 2,
          "expect_status": 400, "parallel": 9, "cut_after_bytes": 4,
          "half_close": true, "count_lines": false, "timeout_ms": 8}]})",
      problems);
  EXPECT_TRUE(problems.empty()) << problems[0].pointer;
  EXPECT_EQ(script.log_count, 100);
  EXPECT_EQ(script.exit_status, 3);
  ASSERT_EQ(script.requests.size(), 1u);
  EXPECT_EQ(script.requests[0].headers->at(0).first, "A");
  EXPECT_EQ(script.requests[0].parallel, 9);
  EXPECT_EQ(script.requests[0].cut_after_bytes, 4);
}

TEST(function_script, mistakes_are_told_with_their_place) {
  const struct {
    const char* text;
    const char* pointer;
  } cases[] = {
      {R"({"agent": "go"})", "/agent"},
      {R"({"span": 3})", "/span"},
      {R"({"logs": 7})", "/logs"},
      {R"({"logs": ["a", 1]})", "/logs"},
      {R"({"logs": {"cuont": 7}})", "/logs/cuont"},
      {R"({"outcome": "explode"})", "/outcome"},
      {R"({"requests": [{}, {"encoding": "br"}]})", "/requests/1/encoding"},
      {R"({"requests": [{"headers": ["A"]}]})", "/requests/0/headers"},
      {R"({"requests": [{"raw": "a", "raw_file": "b"}]})",
       "/requests/0/raw_file"},
  };
  for (const auto& test : cases) {
    json_problems problems;
    parse(test.text, problems);
    ASSERT_EQ(problems.size(), 1u) << test.text;
    EXPECT_EQ(problems[0].pointer,
              std::string{"/invocations/0/function"} + test.pointer);
  }
}

TEST(body_encoder, gzip_lets_go_of_its_header_first) {
  body_encoder encoder{body_encoding::gzip};
  // RFC 1952 §2.3: magic number and deflate.
  const auto first = encoder.write("{\"metadata\":{}}\n");
  ASSERT_EQ(first.size(), 10u);
  EXPECT_EQ(first.substr(0, 3), "\x1f\x8b\x08");
  EXPECT_EQ(encoder.write("{\"span\":{}}\n"), "");
  const auto body = read_intake_body(first + encoder.finish(), "gzip");
  EXPECT_TRUE(body.errors.empty());
  EXPECT_EQ(body.lines.size(), 2u);
}

TEST(event_maker, lines_hold_against_the_schemas_of_the_apm_server) {
  agent_under_test node{"node", "http://127.0.0.1:1"};
  invocation invoked;
  invoked.request_id = "id-1";
  invoked.function_arn =
      "arn:aws:lambda:eu-central-1:123456789012:function:orders-api:live";
  node.events().begin(invoked);
  const auto transaction = node.events().new_transaction();
  const struct {
    const char* kind;
    std::string line;
  } cases[] = {
      {"metadata", node.events().metadata()},
      {"transaction", node.events().transaction(transaction, true, 3).line},
      {"span", node.events().span(transaction, 1, 2.5, 8400).line},
      {"span", node.events().span(transaction, 1, 2.5, 0).line},
      {"error", node.events().error(transaction, "a \"quoted\" one").line},
  };
  for (const auto& test : cases) {
    const auto schema_text = json_of_text(
        test_data("intake-v2/schema/" + std::string{test.kind} + ".json"));
    const rapidjson::SchemaDocument schema{schema_text};
    rapidjson::SchemaValidator validator{schema};
    const auto event = json_of_text(test.line);
    ASSERT_TRUE(event.HasMember(test.kind)) << test.line;
    if (!event[test.kind].Accept(validator)) {
      rapidjson::StringBuffer place;
      validator.GetInvalidDocumentPointer().StringifyUriFragment(place);
      ADD_FAILURE() << test.kind << place.GetString() << ": "
                    << validator.GetInvalidSchemaKeyword();
    }
  }
  // The qualifier `live` is no part of faas.id; the account is its fifth part.
  EXPECT_NE(cases[1].line.find("function:orders-api\""), std::string::npos);
  EXPECT_NE(cases[0].line.find("\"account\":{\"id\":\"123456789012\"}"),
            std::string::npos);
  // Within 10 bytes of what was asked for.
  EXPECT_NEAR(static_cast<double>(cases[2].line.size()), 8400, 10);
}

TEST(event_maker, a_registration_is_a_transaction_that_is_not_over) {
  agent_under_test node{"node", "http://127.0.0.1:1"};
  const auto line =
      node.events().registration(node.events().new_transaction()).line;
  EXPECT_NE(line.find("\"result\":\"undefined\""), std::string::npos);
  EXPECT_NE(line.find("\"outcome\":\"unknown\""), std::string::npos);
  EXPECT_EQ(line.find("\"duration\""), std::string::npos);
}

TEST(facts, lines_are_written_before_what_comes_after_them) {
  fact_file file;
  fact_writer facts{file.descriptor()};
  facts.set_request_id("id-1");
  EXPECT_EQ(facts.line_offered("span", "{\"span\":\"\\u00e9\"}", ""), 1u);
  EXPECT_TRUE(file.read_all().empty()); // Kept until it matters.
  facts.flush_sent();
  const auto told = file.read_all();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].fact, "line_offered");
  EXPECT_EQ(told[0].text, "{\"span\":\"\\u00e9\"}");
  EXPECT_EQ(told[0].line, 1);
  EXPECT_EQ(told[1].fact, "flush_sent");
}

TEST(facts, a_metadata_line_is_told_once_and_named_by_number) {
  fact_file file;
  fact_writer facts{file.descriptor()};
  facts.line_offered("span", "{}", "{\"metadata\":1}");
  facts.line_offered("span", "{}", "{\"metadata\":2}");
  facts.line_offered("span", "{}", "{\"metadata\":1}");
  facts.line_offered("span", "{}", "");
  facts.write_out();
  const auto told = file.read_all();
  ASSERT_EQ(told.size(), 6u);
  const std::pair<const char*, std::int64_t> expected[] = {
      {"metadata", 1},     {"line_offered", 1}, {"metadata", 2},
      {"line_offered", 2}, {"line_offered", 1}, {"line_offered", 0}};
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].fact, expected[i].first);
    EXPECT_EQ(told[i].metadata, expected[i].second);
    EXPECT_EQ(told[i].process, getpid());
  }
  EXPECT_EQ(told[2].text, "{\"metadata\":2}");
}

TEST(http_connection, reads_every_framing_of_an_answer) {
  const struct {
    const char* wire;
    const char* body;
    bool stays_open;
  } cases[] = {
      {"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok", "ok", true},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 A\r\nContent-Length: "
       "0\r\n\r\n",
       "", true},
      {"HTTP/1.1 202 A\r\nTransfer-Encoding: "
       "chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk"
       "\r\n0\r\nX-Trailer: 1\r\n\r\n",
       "ok", true},
      {"HTTP/1.1 202 A\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
       "ok", false},
  };
  for (const auto& test : cases) {
    recording_receiver receiver{
        [&](const recorded_request&) { return test.wire; }};
    http_connection connection;
    ASSERT_TRUE(connection.connect(receiver.address(), soon()));
    ASSERT_TRUE(connection.send("GET / HTTP/1.1\r\n\r\n", soon()));
    const auto answer = connection.receive(soon());
    ASSERT_TRUE(answer) << test.wire;
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(answer->body, test.body);
    EXPECT_EQ(connection.is_open(), test.stays_open);
  }
}

TEST(http_connection, names_errors_as_node_does) {
  recording_receiver silent{[](const recorded_request&) { return ""; }};
  http_connection connection;
  ASSERT_TRUE(connection.connect(silent.address(), soon()));
  ASSERT_TRUE(connection.send("GET / HTTP/1.1\r\n\r\n", soon()));
  EXPECT_FALSE(connection.receive(soon()));
  EXPECT_EQ(connection.error(), "ECONNRESET");
  ASSERT_TRUE(connection.connect(silent.address(), soon()));
  EXPECT_FALSE(connection.receive(monotonic_ns() + ns_per_ms));
  EXPECT_EQ(connection.error(), "ETIMEDOUT");
}

TEST(scripted_requests, are_built_as_spelled_out) {
  scripted_request request;
  request.body = "{\"n\":\"{{n}} {{request_id}}\"}\n";
  request.newline_at_end = false;
  request.chunk_bytes = 8;
  std::string message;
  const http_address address{"127.0.0.1", 8200};
  const auto wire =
      build_request(request, {{"Content-Type", "application/x-ndjson"}}, "id-1",
                    7, address, message);
  ASSERT_TRUE(wire);
  EXPECT_EQ(wire->pieces[0],
            "POST /intake/v2/events HTTP/1.1\r\nContent-Type: "
            "application/x-ndjson\r\nHost: 127.0.0.1:8200\r\nConnection: "
            "keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n");
  // {"n":"7 id-1"} has 14 bytes: a chunk of 8, one of 6, and the end.
  ASSERT_EQ(wire->pieces.size(), 4u);
  EXPECT_EQ(wire->pieces[1], "8\r\n{\"n\":\"7 \r\n");
  EXPECT_EQ(wire->pieces[2], "6\r\nid-1\"}\r\n");
  EXPECT_EQ(wire->pieces[3], "0\r\n\r\n");
}

TEST(scripted_requests, given_headers_are_left_alone) {
  scripted_request request;
  request.headers = {{"Content-Length", "-1"}, {"Host", "x"}};
  request.encoding = "gzip";
  std::string message;
  const auto wire = build_request(request, {{"A", "b"}}, "", 1, {}, message);
  ASSERT_TRUE(wire);
  EXPECT_EQ(wire->pieces[0], "POST /intake/v2/events HTTP/1.1\r\n"
                             "Content-Length: -1\r\nHost: x\r\nConnection: "
                             "keep-alive\r\n\r\n");
}

TEST(scripted_requests, parallel_ones_come_on_their_own_connections) {
  recording_receiver receiver;
  agent_under_test surroundings{"node", receiver.url()};
  scripted_request request;
  request.body = "{\"metadata\":{}}\n{\"span\":{\"id\":{{n}}}}\n";
  request.parallel = 20;
  request.expect_status = 202;
  send_scripted_request(request, surroundings.agent().data_headers(), "id-1",
                        surroundings.context());
  EXPECT_EQ(receiver.requests().size(), 20u);
  EXPECT_EQ(surroundings.told().count("line_taken"), 20u);
  EXPECT_EQ(surroundings.told().count("request"), 20u);
  for (const auto& told : surroundings.told().read_all())
    if (told.fact == "request") {
      EXPECT_EQ(told.status, 202);
      EXPECT_EQ(told.expected, 202);
    }
}

TEST(scripted_requests, chains_use_a_connection_again_or_never) {
  for (const bool keep_alive : {true, false}) {
    recording_receiver receiver;
    agent_under_test surroundings{"node", receiver.url()};
    scripted_request request;
    request.body = "{\"metadata\":{}}\n{\"span\":{\"id\":{{n}}}}\n";
    request.parallel = 3;
    request.each = 5;
    request.keep_alive = keep_alive;
    send_scripted_request(request, surroundings.agent().data_headers(), "id-1",
                          surroundings.context());
    EXPECT_EQ(surroundings.told().count("line_taken"), 15u);
    std::set<int> connections;
    std::set<std::string> bodies;
    for (const auto& each : receiver.wait_for(15)) {
      connections.insert(each.connection);
      bodies.insert(each.body);
    }
    EXPECT_EQ(bodies.size(), 15u) << "numbers run through";
    EXPECT_EQ(connections.size(), keep_alive ? 3u : 15u);
  }
}

TEST(scripted_requests, a_detached_one_is_told_if_it_cannot_begin) {
  recording_receiver receiver;
  agent_under_test surroundings{"node", receiver.url()};
  scripted_request request;
  request.raw = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx";
  request.detached = true;
  send_scripted_request(request, {}, "id-1", surroundings.context());
  EXPECT_EQ(receiver.wait_for(1).size(), 1u);
  EXPECT_EQ(surroundings.told().count("request"), 0u);
  surroundings.environment.apm_server.port = 1; // nobody listens there
  send_scripted_request(request, {}, "id-1", surroundings.context());
  ASSERT_EQ(surroundings.told().count("request"), 1u);
  EXPECT_NE(surroundings.told().read_all().back().status,
            surroundings.told().read_all().back().expected);
}

TEST(scripted_requests, raw_bytes_and_cut_ones_are_sent_as_they_are) {
  recording_receiver receiver;
  agent_under_test surroundings{"node", receiver.url()};
  scripted_request raw;
  raw.raw = "GET /{{request_id}} HTTP/1.1\r\nHost: x\r\n\r\n";
  raw.expect_status = 200;
  send_scripted_request(raw, {}, "id-1", surroundings.context());
  EXPECT_EQ(receiver.requests()[0].target, "/id-1");
  scripted_request cut;
  cut.body = std::string(100, 'x');
  cut.count_lines = false;
  // 150 bytes end after the header (about 100 bytes), within the body.
  cut.cut_after_bytes = 150;
  send_scripted_request(cut, {}, "id-1", surroundings.context());
  const auto requests = receiver.wait_for(2);
  EXPECT_FALSE(requests[1].is_complete);
  EXPECT_EQ(surroundings.told().count("line_offered"), 0u);
}

TEST(runtime_client, speaks_as_awss_runtime_client_does) {
  recording_receiver api{[](const recorded_request& request) -> std::string {
    if (request.target != "/2018-06-01/runtime/invocation/next")
      return answer_of(202);
    return "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\n"
           "Lambda-Runtime-Deadline-Ms: 1795348708836\r\n"
           "Lambda-Runtime-Invoked-Function-Arn: arn:x\r\n"
           "Content-Length: 2\r\n\r\n{}";
  }};
  runtime_client client{api.address()};
  const auto first = client.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->request_id, "id-1");
  EXPECT_EQ(first->deadline_ms, 1795348708836);
  EXPECT_EQ(first->payload, "{}");
  EXPECT_TRUE(first->is_cold);
  EXPECT_EQ(client.respond("id-1", "{\"ok\":true}"), 202);
  EXPECT_FALSE(client.next()->is_cold);
  EXPECT_EQ(client.respond_error("id-1", "Error", "no"), 202);
  const auto requests = api.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[1].target, "/2018-06-01/runtime/invocation/id-1/response");
  EXPECT_EQ(requests[3].target, "/2018-06-01/runtime/invocation/id-1/error");
  EXPECT_EQ(requests[3].header_names(),
            "Host,User-Agent,Accept,content-type,"
            "lambda-runtime-function-xray-error-cause,content-length");
  EXPECT_EQ(json_of_text(requests[3].body)["errorType"], "Error");
  for (const auto& request : requests)
    EXPECT_EQ(request.connection, 1);
}

} // namespace
} // namespace sandbox

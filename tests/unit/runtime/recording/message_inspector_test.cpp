// What of a message's content stands in the trace.
#include "runtime/recording/message_inspector.hpp"
#include "runtime/trace/values.hpp"
#include "tests/unit/runtime/recording/support.hpp"

namespace apm {
namespace {

using test::world;
using trace::record_kind;

struct spill_state {
  static inline const char* name = "spill";
};

/// A port that answers in its own turn.
spill_actor::behavior_type
spill(traced_port_pointer<spill_actor, spill_state> self,
      invocation_coordinator_actor to) {
  return {
      [](const spill_store&) {},
      [=](const spill_wanted& x) {
        spill_found found;
        found.id = x.id;
        found.content = {
            {bytes{"{}"}, "agent", 1, 1, bytes{"{\"log\":{\"secret\":1}}\n"}}};
        self->send(to, std::move(found));
      },
  };
}

/// The fields of the first message of a type, as they stand in the trace.
trace::byte_reader fields_of(const trace::trace& in, std::string_view type) {
  for (const auto& x : in.records) {
    trace::byte_reader fields{x.payload};
    if (x.kind != static_cast<uint8_t>(record_kind::enqueued))
      continue;
    const auto* entry = in.find(trace::entry_kind::message_type,
                                static_cast<uint32_t>(fields.u()));
    fields.byte();
    if (entry != nullptr && entry->text.rfind(type, 0) == 0)
      return fields;
  }
  ADD_FAILURE() << "no " << type;
  return trace::byte_reader{{}};
}

invocation_coordinator_actor::behavior_type sink() {
  return {
      [](const registered&) {},        [](const lambda_event&) {},
      [](const agent_intake&) {},      [](const transaction_registered&) {},
      [](const intake_open&) {},       [](const agent_relay&) {},
      [](const input_refused&) {},     [](const telemetry_batch&) {},
      [](const telemetry_result&) {},  [](const delivery&) {},
      [](const credentials_ready&) {}, [](const spill_stored&) {},
      [](const spill_found&) {},       [](const done&) {},
      [](const timer_fired&) {},       [](const http_response&) {},
  };
}

struct coordinator_state_stub {
  static inline const char* name = "coordinator";
};

invocation_coordinator_actor::behavior_type coordinator(
    traced_pointer<invocation_coordinator_actor, coordinator_state_stub>) {
  return sink();
}

/// A trace of one message to a COORDINATOR.
template <class Message>
trace::trace trace_of(trace::payload_mode mode, Message x) {
  world w{mode};
  const auto to = w.spawn(coordinator);
  caf::anon_send(to, std::move(x));
  w.settle();
  return w.read();
}

const std::string uuid = "7b076f9b-6500-42d6-8d25-b93fa09ae94a";

agent_intake secret_intake() {
  agent_intake x;
  x.id = 5;
  x.user_agent = "agent CANARY";
  x.metadata = bytes{R"({"metadata":{"CANARY":"CANARY"}})"};
  x.events = bytes{std::string{"{\"transaction\":{\"id\":\"CANARY\"}}\n"}
                   + "{\"span\":{\"name\":\"CANARY\"}}\n{\"x\":1}\n"};
  x.lines = 3;
  x.transactions = {{"CANARY", uuid}, {"CANARY", "CANARY"}};
  return x;
}

TEST(message_inspector, gives_intake_its_shape) {
  const auto found = trace_of(trace::payload_mode::shape, secret_intake());
  const auto* type = found.find(trace::entry_kind::message_type, 1);
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->text, "agent_intake {ubsyyu[{ss}]}");
  auto in = fields_of(found, "agent_intake");
  EXPECT_EQ(in.u(), 5U);
  EXPECT_EQ(in.byte(), 0U);
  EXPECT_EQ(in.u(), 12U << 2) << "the user agent is hashed";
  in.text(4);
  EXPECT_EQ(in.byte(), 2U) << "the metadata is hashed";
  EXPECT_EQ(in.u(), 32U);
  in.text(4);
  EXPECT_EQ(in.byte(), 4U) << "lines";
  EXPECT_EQ(in.u(), secret_intake().events.size());
  EXPECT_EQ(in.u(), 3U);
  EXPECT_EQ(in.byte(), 2U); // transaction
  EXPECT_EQ(in.u(), 32U);
  EXPECT_EQ(in.byte(), 3U); // span
  EXPECT_EQ(in.u(), 27U);
  EXPECT_EQ(in.byte(), 0U);
  EXPECT_EQ(in.u(), 8U);
  EXPECT_EQ(in.u(), 3U) << "lines, as a field";
  EXPECT_EQ(in.u(), 2U) << "transactions";
  EXPECT_EQ(in.u(), 6U << 2);
  in.text(4);
  EXPECT_EQ(in.u(), uuid.size() << 2 | trace::kept_text);
  EXPECT_EQ(in.text(uuid.size()), uuid);
  EXPECT_EQ(in.u(), 6U << 2);
  in.text(4);
  EXPECT_EQ(in.u(), 6U << 2) << "no UUID";
  in.text(4);
  EXPECT_TRUE(in.is_sound() && in.is_at_end());
}

TEST(message_inspector, keeps_all_where_it_may) {
  const auto x = secret_intake();
  const auto found = trace_of(trace::payload_mode::full, x);
  auto in = fields_of(found, "agent_intake");
  in.u();
  in.byte();
  EXPECT_EQ(in.u(), 12U << 2 | trace::kept_text);
  EXPECT_EQ(in.text(12), "agent CANARY");
  EXPECT_EQ(in.byte(), 3U);
  EXPECT_EQ(in.u(), x.metadata.size());
  EXPECT_EQ(in.u(), x.metadata.size());
  EXPECT_EQ(in.text(x.metadata.size()), x.metadata.view());
}

/// Everything that arrives, with a canary wherever others put their text.
template <class Message>
void expect_no_canary(const Message& x) {
  for (const auto mode :
       {trace::payload_mode::digest, trace::payload_mode::shape}) {
    const auto found = trace_of(mode, x);
    for (const auto& each : found.records)
      EXPECT_EQ(each.payload.find("CANARY"), std::string_view::npos)
          << each.payload;
  }
}

TEST(message_inspector, keeps_users_texts_out) {
  const bytes body{R"({"CANARY":"CANARY","message":"CANARY"})"};
  const std::vector<http_header> headers{{"Authorization", "CANARY"},
                                         {"X-CANARY", "CANARY"},
                                         {"Cookie", "CANARY"}};
  expect_no_canary(secret_intake());
  expect_no_canary(
      transaction_registered{1, "CANARY", "CANARY", "CANARY", body, body});
  expect_no_canary(agent_relay{1, "POST", "/?x=CANARY", headers, body});
  expect_no_canary(input_refused{"agent", 400, "line 1: CANARY", 7});
  telemetry_batch batch;
  batch.records = {{"2026-11-22T12:00:00Z", "function", body},
                   {"2026-11-22T12:00:00Z", "function", bytes{"\"CANARY\""}},
                   {"2026-11-22T12:00:00Z", "extension", bytes{"\"CANARY\""}},
                   {"2026-11-22T12:00:00Z", "platform.report", body}};
  expect_no_canary(batch);
  http_response answer;
  answer.headers = headers;
  answer.body = body;
  answer.detail = "CANARY";
  expect_no_canary(answer);
  expect_no_canary(credentials_ready{1, {}, {"CANARY"}});
  spill_found spilled;
  spilled.content = {{body, "CANARY", 1, 1, body}};
  spilled.problem = "CANARY";
  expect_no_canary(spilled);
}

TEST(message_inspector, keeps_accounts_out_whatever_the_mode) {
  for (const auto mode :
       {trace::payload_mode::digest, trace::payload_mode::shape,
        trace::payload_mode::full}) {
    lambda_event event;
    event.request_id = uuid;
    event.function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:f";
    registered known;
    known.function_name = "orders";
    known.account_id = "123456789012";
    for (const auto& found : {trace_of(mode, event), trace_of(mode, known)})
      for (const auto& x : found.records)
        EXPECT_EQ(x.payload.find("123456789012"), std::string_view::npos);
    agent_relay relay;
    relay.headers = {{"Authorization", "Bearer CANARY"}};
    for (const auto& x : trace_of(mode, relay).records)
      EXPECT_EQ(x.payload.find("CANARY"), std::string_view::npos);
  }
}

TEST(message_inspector, gives_bodies_of_ports_their_form_and_others_a_size) {
  world w;
  const auto to = w.spawn(coordinator);
  const auto port = w.spawn(spill, to);
  caf::anon_send(port, spill_wanted{3});
  caf::anon_send(
      port, spill_store{7, false, {{bytes{"{}"}, "a", 1, 1, bytes{"x\n"}}}});
  w.settle();
  const auto found = w.read();
  auto in = fields_of(found, "spill_found");
  EXPECT_EQ(in.u(), 3U) << "id";
  EXPECT_EQ(in.u(), 0U) << "store";
  EXPECT_EQ(in.u(), 1U) << "how many";
  EXPECT_EQ(in.byte(), 2U) << "hashed metadata";
  in.u();
  in.text(4);
  in.u();
  in.text(4);
  in.u();
  in.u();
  EXPECT_EQ(in.byte(), 4U) << "lines";
}

// -- what a replay needs -----------------------------------------------------

trace::record_content content_of(const trace::trace& in,
                                 std::string_view type) {
  const trace::schema_book book{in};
  for (const auto& x : in.records)
    if (book.type_of(x) == type)
      return book.read(x);
  ADD_FAILURE() << "no " << type;
  return {};
}

TEST(message_inspector, names_headers_that_actors_know) {
  agent_relay x;
  x.id = 1;
  x.method = "GET";
  x.target = "/config/v1/agents?service=CANARY";
  x.headers = {{"User-Agent", "CANARY"},
               {"Connection", "close"},
               {"X-CANARY", "CANARY"},
               {"Host", "CANARY"}};
  const auto found = trace_of(trace::payload_mode::shape, x);
  const auto content = content_of(found, "agent_relay");
  ASSERT_EQ(content.fields.size(), 5U);
  EXPECT_EQ(content.fields[2].content.text, "/config/v1/agents");
  const auto& headers = content.fields[3].content.elements;
  ASSERT_EQ(headers.size(), 4U);
  EXPECT_EQ(headers[0].elements[0].text, "User-Agent");
  EXPECT_EQ(headers[0].elements[1].how, trace::hashed_text);
  EXPECT_EQ(headers[1].elements[1].text, "close");
  EXPECT_EQ(headers[2].elements[0].how, trace::hashed_text);
  EXPECT_EQ(headers[3].elements[0].text, "Host");
}

TEST(message_inspector, keeps_the_form_of_a_registered_transaction) {
  transaction_registered x;
  x.id = 1;
  x.request_id = uuid;
  x.transaction_id = "CANARY";
  x.line = bytes{R"({"transaction":{"name":"Bob","duration":12.5}})"};
  auto found = trace_of(trace::payload_mode::shape, x);
  auto content = content_of(found, "transaction_registered");
  EXPECT_EQ(content.fields.at(5).content.text,
            R"({"xxxxxxxxxxx":{"xxxx":"Xxx","duration":11.1}})");
  constexpr size_t long_name = 4000; // beyond what is masked
  x.line = bytes{R"({"transaction":{"name":")" + std::string(long_name, 'B')
                 + "\"}}"};
  found = trace_of(trace::payload_mode::shape, x);
  content = content_of(found, "transaction_registered");
  EXPECT_EQ(content.fields.at(5).content.form, trace::body_form::lines);
}

TEST(message_inspector, tells_sizes_of_log_lines) {
  telemetry_result x;
  x.log_lines = bytes{"{\"log\":{}}\n{\"log\":{\"a\":1}}\n"};
  x.log_count = 2;
  x.metric_lines = bytes{"{}\n"};
  const auto found = trace_of(trace::payload_mode::shape, x);
  const auto content = content_of(found, "telemetry_result");
  ASSERT_EQ(content.fields.at(1).content.lines.size(), 2U);
  EXPECT_EQ(content.fields.at(1).content.lines[1].bytes, 16U);
}

TEST(message_inspector, tells_the_size_alone_of_too_many_lines) {
  telemetry_result x;
  std::string lines;
  for (int i = 0; i < 4097; ++i)
    lines += "{}\n";
  x.log_lines = bytes{lines};
  const auto found = trace_of(trace::payload_mode::shape, x);
  const auto content = content_of(found, "telemetry_result");
  const auto& told = content.fields.at(1).content;
  EXPECT_EQ(told.form, trace::body_form::size_only);
  EXPECT_EQ(told.size, lines.size());
  EXPECT_TRUE(told.lines.empty());
}

TEST(message_inspector, counts_what_is_handed_on) {
  telemetry_result x;
  x.id = 7;
  x.starts = {{uuid, 1}, {uuid, 2}};
  x.runtime_done = {{uuid, "success", 3}};
  const auto found = trace_of(trace::payload_mode::full, x);
  const auto content = content_of(found, "telemetry_result");
  EXPECT_TRUE(content.is_whole);
  EXPECT_EQ(content.fields.at(5).content.number, 2U);
  EXPECT_EQ(content.fields.at(6).content.elements.size(), 1U);
}

/// Thousands of a function's records in one delivery leave room for what the
/// platform says after them.
TEST(message_inspector, shortens_what_functions_say_where_it_is_much) {
  telemetry_batch x;
  x.id = 1;
  const std::string text = '"' + std::string(200, 'x') + '"';
  constexpr size_t records = 1500;
  for (size_t i = 0; i < records; ++i)
    x.records.push_back({"2026-11-22T12:00:00Z", "function", bytes{text}});
  x.records.push_back({"2026-11-22T12:00:00Z", "platform.runtimeDone",
                       bytes{R"({"requestId":")" + uuid + "\"}"}});
  x.body_bytes = 5;
  world w{trace::payload_mode::shape, true, 16 * 1024};
  caf::anon_send(w.spawn(coordinator), std::move(x));
  w.settle();
  const auto found = w.read();
  const auto content = content_of(found, "telemetry_batch");
  EXPECT_TRUE(content.is_whole);
  const auto& all = content.fields.at(1).content.elements;
  ASSERT_EQ(all.size(), records + 1);
  EXPECT_EQ(all.front().elements[0].text, "2026-11-22T12:00:00Z");
  EXPECT_EQ(all.front().elements[2].form, trace::body_form::masked);
  EXPECT_EQ(all[records - 1].elements[0].how, trace::sized_text);
  EXPECT_EQ(all[records - 1].elements[1].text, "function");
  EXPECT_EQ(all[records - 1].elements[2].form, trace::body_form::size_only);
  EXPECT_EQ(all[records - 1].elements[2].size, text.size());
  EXPECT_NE(all.back().elements[2].text.find(uuid), std::string_view::npos);
}

TEST(message_inspector, tells_lines_of_bodies_too_long_to_be_kept) {
  auto x = secret_intake();
  constexpr size_t long_line = 40 * 1024; // more than is kept of a body
  x.events =
      bytes{R"({"span":{"name":")" + std::string(long_line, 'x') + "\"}}\n"};
  const auto found = trace_of(trace::payload_mode::full, x);
  const auto content = content_of(found, "agent_intake");
  EXPECT_EQ(content.fields.at(4).content.form, trace::body_form::lines);
}

TEST(message_inspector, hides_what_in_a_url_is_not_our_own) {
  const std::pair<const char*, const char*> urls[] = {
      {"http://u:p@h:1/?q=CANARY", "http://h:1/"},
      {"https://h", "https://h"},
      {"https://u:p@h/mine/intake/v2/events",
       "https://h/mine/intake/v2/events"},
      {"http://h/2020-01-01/extension/event/next",
       "http://h/2020-01-01/extension/event/next"},
      {"http://h/config/v1/agents?x=CANARY", "http://h/config/v1/agents"},
      {"http://h/CANARY/1b-a@b", "http://h/XXXXXX/xx-x@x"}, // an agent's
  };
  for (const auto& [url, kept] : urls) {
    trace::test::ring_memory memory{1024};
    trace::test::scripted_clock time;
    const trace::recorder recorder{trace::recorder_setup{
        memory.data(), memory.size(), 1, trace::test::some_clocks, &time, 99,
        trace::payload_mode::shape}};
    char buffer[512];
    trace::byte_writer payload{buffer, sizeof buffer};
    message_inspector f{recorder, payload, false};
    http_request request;
    request.url = url;
    f.put(request);
    trace::byte_reader in{payload.written()};
    in.u(); // id
    EXPECT_EQ(in.u(), trace::kept_text) << "no method";
    const std::string_view expected{kept};
    EXPECT_EQ(in.u(), expected.size() << 2 | trace::kept_text);
    EXPECT_EQ(in.text(expected.size()), expected);
  }
}

} // namespace
} // namespace apm

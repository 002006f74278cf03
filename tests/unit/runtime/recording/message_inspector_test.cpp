// What of a message's content stands in the trace.
#include "runtime/recording/message_inspector.hpp"
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

TEST(message_inspector, hides_userinfo_and_query_of_urls) {
  const std::pair<const char*, const char*> urls[] = {
      {"http://u:p@h:1/a/b?q=CANARY", "http://h:1/a/b"},
      {"https://h", "https://h"},
      {"http://h/a@b", "http://h/a@b"},
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

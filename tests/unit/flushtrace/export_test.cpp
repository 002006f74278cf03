// Exports of made traces: their form, what is chosen, and that no trace, sound
// or not, makes them unsound. tests/end_to_end/check_exports.py has the rules
// of those who read them, over real traces.
#include "runtime/formats/json_value.hpp"
#include "tests/support/raw_trace.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/export/ecs_object.hpp"
#include "tools/flushtrace/export/export.hpp"

#include <regex>

namespace flushtrace {
namespace {

using apm::test::raw_trace;

process_trace process_of(raw_trace& x) {
  process_trace made{x.take(), {"made"}, {}};
  made.anchors = find_anchors(made.content);
  return made;
}

/// An event whose agent signals and whose POST is refused.
void add_event(raw_trace& to, uint64_t event) {
  const auto told = to.message("coordinator", to.turn("lifecycle_poller"),
                               "lambda_event {u}", event);
  const auto begun = to.turn("coordinator", told);
  to.note(record_kind::event_begin, begun, event, uint64_t{0},
          "request-" + std::to_string(event), to.now() + 3'000'000'000);
  to.pass(1'000'000);
  const auto heard = to.turn(
      "coordinator", to.message("coordinator", 0, "agent_intake {u}", event));
  to.note(record_kind::buffer, heard, uint64_t{2}, uint64_t{200},
          uint64_t{1000}, uint64_t{0});
  const auto batch =
      to.message("apm_forwarder", heard, "batch {u}", uint64_t{1});
  const auto asking = to.turn("apm_forwarder", batch);
  to.message("http_client", asking, "http_request {uss}", event,
             std::string{"POST"}, std::string{"http://a/intake/v2/events"});
  to.pass(2'000'000);
  to.message("apm_forwarder", 0, "http_response {uubu}", event, uint64_t{0},
             true, uint64_t{503});
  to.note(record_kind::ledger, heard, event, uint64_t{2}, uint64_t{0},
          std::vector<uint64_t>{0}, uint64_t{2}, uint64_t{2}, uint64_t{0},
          uint64_t{0}, uint64_t{2}, uint64_t{0}, uint64_t{0});
  to.note(record_kind::verdict, heard, event, uint64_t{2}, uint64_t{0},
          uint64_t{2}, uint64_t{0});
  to.pass(100'000'000);
}

size_t count(const std::string& in, const std::string& what) {
  size_t found = 0;
  for (auto at = in.find(what); at != std::string::npos;
       at = in.find(what, at + 1))
    ++found;
  return found;
}

struct export_test : ::testing::Test {
  export_test() {
    add_event(trace, 1);
    add_event(trace, 2);
    processes.push_back(process_of(trace));
  }

  raw_trace trace;
  std::vector<process_trace> processes;
};

TEST_F(export_test, perfetto_has_slices_flows_spans_and_counters) {
  const auto json = perfetto_of(show(processes, 0, filter{}));
  EXPECT_FALSE(apm::check_json(json)) << json;
  EXPECT_EQ(count(json, R"("ph":"s")"), count(json, R"("ph":"f")"));
  EXPECT_EQ(count(json, R"("ph":"s")"), 6U) << "what was handled: 3 an event";
  EXPECT_EQ(count(json, R"("ph":"b")"), 2U) << "requests";
  EXPECT_EQ(count(json, R"("ph":"C")"), 4U) << "lines and bytes";
  EXPECT_NE(json.find(R"("name":"invoke 2: delayed","ts":103000.000)"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("name":"POST /intake/v2/events","ts":1000.000)"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("args":{"status":503})"), std::string::npos);
}

TEST_F(export_test, mermaid_has_the_first_missed_event) {
  const auto text = mermaid_of(show(processes, 0, filter{}));
  EXPECT_NE(text.find("event 1: delayed"), std::string::npos) << text;
  EXPECT_NE(text.find("  L3->>L4: batch, +1 ms\n"), std::string::npos) << text;
  EXPECT_NE(text.find(": POST /intake/v2/events, +1 ms\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("  L1-->>L4: 503, +3 ms\n"), std::string::npos) << text;
  EXPECT_NE(mermaid_of(show(processes, 2, filter{})).find("event 2: delayed"),
            std::string::npos);
}

TEST_F(export_test, shiviz_has_clocks_that_follow_causes) {
  const auto text = shiviz_of(show(processes, 1, filter{}));
  EXPECT_NE(text.find("coordinator {\"lifecycle_poller\": 2, \"coordinator\": "
                      "1}\nhandle lambda_event #3\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("APM_Server {"), std::string::npos) << text;
  EXPECT_TRUE(shiviz_of({}).empty());
}

TEST_F(export_test, ecs_has_a_document_an_event_and_a_record) {
  const auto text = ecs_of(show(processes, 0, filter{}), false);
  EXPECT_EQ(count(text, "\n"), 2U);
  EXPECT_NE(text.find(R"("faas":{"execution":"request-1","coldstart":true})"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("outcome":"failure")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("requests":{"count":1,"failed":1,"longest_ms":2,)"
                      R"("failures":["503"]})"),
            std::string::npos)
      << text;
  const auto all = ecs_of(show(processes, 0, filter{}), true);
  EXPECT_EQ(count(all, R"("dataset":"flushtrace.record")"),
            processes[0].content.records.size());
}

TEST_F(export_test, otlp_has_a_trace_an_event) {
  const auto json = otlp_of(show(processes, 0, filter{}));
  EXPECT_FALSE(apm::check_json(json)) << json;
  EXPECT_EQ(count(json, R"("parentSpanId")"), 2U) << "a request each";
  EXPECT_EQ(count(json, R"("name":"invoke )"), 2U);
  EXPECT_NE(json.find(R"("startTimeUnixNano":"1795348800000000000")"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"({"key":"error.type","value":{"stringValue":"503"}})"),
            std::string::npos)
      << json;
  EXPECT_EQ(json, otlp_of(show(processes, 0, filter{}))) << "always the same";
}

TEST_F(export_test, a_filter_chooses_events) {
  const auto wanted = filter::parse("request_id==request-2");
  ASSERT_TRUE(wanted);
  const auto shown = show(processes, 0, wanted.value());
  ASSERT_EQ(shown.size(), 1U);
  const auto events = shown[0].events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]->row.event, 2U);
  EXPECT_TRUE(show(processes, 1, wanted.value()).empty());
  EXPECT_TRUE(show(processes, 77, filter{}).empty());
}

TEST(hostile_export, every_format_stays_sound) {
  const std::string attack = "\"};\n}{ </script>#;:\x01\xff\n\nend";
  raw_trace trace;
  trace.setting("AWS_REGION=" + attack);
  trace.now(INT64_MAX);
  const auto turn = trace.turn(attack);
  trace.note(record_kind::event_begin, turn, UINT64_MAX, uint64_t{99}, attack,
             INT64_MIN);
  trace.now(INT64_MIN);
  trace.message(attack, turn, attack + " {s}", attack);
  trace.message("http_client", turn, "http_request {uss}", uint64_t{1}, attack,
                attack);
  trace.message("coordinator", turn, "done {uu}", UINT64_MAX, UINT64_MAX);
  trace.note(record_kind::buffer, turn, UINT64_MAX, UINT64_MAX, UINT64_MAX,
             UINT64_MAX);
  trace.raw(static_cast<uint8_t>(record_kind::post), "", "\x80\x80\x80");
  trace.raw(255, attack, attack);
  const std::vector<process_trace> processes{process_of(trace)};
  const auto shown = show(processes, 0, filter{});
  const auto perfetto = perfetto_of(shown);
  EXPECT_FALSE(apm::check_json(perfetto)) << perfetto;
  const auto otlp = otlp_of(shown);
  EXPECT_FALSE(apm::check_json(otlp)) << otlp;
  std::istringstream documents{ecs_of(shown, true)};
  size_t documents_count = 0;
  for (std::string line; std::getline(documents, line); ++documents_count)
    EXPECT_FALSE(apm::check_json(line)) << line;
  EXPECT_GT(documents_count, 5U);
  std::istringstream diagram{mermaid_of(shown)};
  for (std::string line; std::getline(diagram, line);)
    EXPECT_EQ(line.find_first_of(";#<{}\"\x01"), std::string::npos) << line;
  const std::regex log_line{R"(\S+ \{.*\})"};
  std::istringstream log{shiviz_of(shown)};
  for (std::string line; std::getline(log, line); std::getline(log, line))
    EXPECT_TRUE(std::regex_match(line, log_line)) << line;
}

TEST(ecs_object, leaves_out_what_is_empty) {
  std::string text;
  ecs_object document{text};
  document.string("a", "");
  document.strings("b", {});
  document.integers("c", {1, -2});
  {
    auto inner = document.object("d");
    inner.object("e").boolean("f", true);
    inner.number("g", 0.5);
  }
  document.end();
  EXPECT_EQ(text, R"({"c":[1,-2],"d":{"e":{"f":true},"g":0.5}})");
}

} // namespace
} // namespace flushtrace

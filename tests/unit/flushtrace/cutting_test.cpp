// slice and redact: what they write is read again by the reader, and holds
// what it should and nothing else.
#include "runtime/formats/json_value.hpp"
#include "runtime/trace/ring_layout.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/redaction/trace_redactor.hpp"
#include "tools/flushtrace/redaction/value_writer.hpp"
#include "tools/flushtrace/segment_file.hpp"

#include <algorithm>

namespace flushtrace {
namespace {

constexpr const char* known_request = "5adefe8c-2934-4de9-8d63-9c189c8c1ddb";

/// Canaries: none of them may be in what redact writes.
constexpr const char* secrets[] = {
    "canary-function", "canary-host", "canary-path", "canary-setting",
    "canary-log",      "canary-arn",  "canary-fact", "canary-unknown",
    "canary-newer",    known_request};

struct cutting_test : flushtrace_test {
  cutting_test() {
    recorder.define(apm::trace::entry_kind::configuration, 0, 0,
                    "ELASTIC_APM_LAMBDA_APM_SERVER=https://canary-setting");
    recorder.define(apm::trace::entry_kind::configuration, 0, 0,
                    "ELASTIC_APM_DATA_FORWARDER_TIMEOUT=3s");
    recorder.define(apm::trace::entry_kind::configuration, 0, 0,
                    "ELASTIC_APM_SECRET_TOKEN=(present)");
    recorder.define(apm::trace::entry_kind::fact, 0, 0, "version=1.2.3");
    recorder.define(apm::trace::entry_kind::fact, 0, 0, "other=canary-fact");
    for (uint64_t i = 1; i <= 4; ++i) {
      event(i, i == 3 ? 2 : 0);
      receive();
      recorder.anchor();
    }
    source = save("a.atrc", segment());
    target = folder + "/out.atrc";
  }

  void receive() {
    apm::lambda_event invoke;
    invoke.request_id = known_request;
    invoke.function_arn = "arn:aws:lambda:canary-arn";
    message("lambda_event", 1, invoke, actor);
    apm::http_request post;
    post.method = "POST";
    post.url = "https://canary-host:8200/canary-path/intake/v2/events";
    message("http_request", 2, post, actor);
    apm::telemetry_batch batch;
    batch.records = {
        {"2026-11-22T12:00:00Z", "platform.start",
         apm::bytes{R"({"requestId":"5adefe8c-2934-4de9-8d63-9c189c8c1ddb"})"}},
        {"2026-11-22T12:00:00Z", "function", apm::bytes{"\"canary-log\""}}};
    message("telemetry_batch", 3, batch, actor);
    apm::stop_requested stop;
    stop.reason = "canary-function";
    message("stop_requested", 4, stop, actor);
  }

  trace written() const {
    const auto found = load_traces({target});
    EXPECT_TRUE(found.problems.empty());
    EXPECT_EQ(found.processes.size(), 1U);
    return found.processes.empty() ? trace{} : found.processes[0].content;
  }

  int slice(const std::string& events, const std::string& filter = {},
            bool is_cone = false) {
    slice_options options;
    options.paths = {source};
    options.output = target;
    options.events = events;
    options.filter = filter;
    options.is_cone = is_cone;
    return run(run_slice, options);
  }

  int redact(std::vector<kept_part> kept = {}, const std::string& key = "k") {
    redact_options options;
    options.paths = {source};
    options.output = target;
    options.kept = std::move(kept);
    options.key = key;
    return run(run_redact, options);
  }

  /// All that a segment holds, unpacked, and what every verb prints of it.
  std::string everything() {
    std::string text = *written().storage;
    for (const auto& x : written().dictionary)
      text += x.text + '\n';
    for (const bool is_json : {false, true}) {
      const auto options = options_for(target, is_json);
      run(run_info, options);
      text += out;
      run(run_ls, options);
      text += out;
      dump_options dump;
      dump.paths = {target};
      dump.is_json = is_json;
      EXPECT_EQ(run(run_dump, dump), exit_clean);
      text += out;
    }
    return text;
  }

  std::string source;
  std::string target;
};

std::vector<uint64_t> events_in(const trace& x) {
  std::vector<uint64_t> events;
  const apm::trace::schema_book book{x};
  for (const auto& each : x.records)
    if (each.kind == static_cast<uint8_t>(record_kind::event_begin))
      events.push_back(
          apm::trace::schema_book::number(book.read(each), "event"));
  return events;
}

using numbers = std::vector<uint64_t>;

TEST_F(cutting_test, slice_keeps_the_events_that_are_named) {
  const std::pair<const char*, numbers> rows[] = {{"2..3", {2, 3}},
                                                  {"2", {2}},
                                                  {"..2", {1, 2}},
                                                  {"3..", {3, 4}},
                                                  {"", {1, 2, 3, 4}}};
  for (const auto& [range, events] : rows) {
    ASSERT_EQ(slice(range), exit_clean) << range << trouble;
    EXPECT_EQ(events_in(written()), events) << range;
    EXPECT_EQ(written().process.first_event, events.front());
    EXPECT_EQ(written().process.last_event, events.back());
    EXPECT_EQ(written().fact("reason"), "slice");
    EXPECT_EQ(written().fact("version"), "1.2.3");
  }
}

TEST_F(cutting_test, slice_begins_where_the_event_was_asked_for) {
  ASSERT_EQ(slice("3"), exit_clean);
  EXPECT_EQ(written().records.front().kind,
            static_cast<uint8_t>(record_kind::clock_anchor));
  const auto whole = load_traces({source}).processes[0].content;
  size_t same = 0;
  for (const auto& x : written().records)
    for (const auto& y : whole.records)
      same += x.sequence == y.sequence && x.payload == y.payload
                      && x.time_ns == y.time_ns && x.cause == y.cause
                      && x.actor.value == y.actor.value
                  ? 1
                  : 0;
  EXPECT_EQ(same, written().records.size()) << "each as it was";
}

TEST_F(cutting_test, slice_takes_events_by_a_filter) {
  ASSERT_EQ(slice("", "inv==missed"), exit_clean);
  EXPECT_EQ(events_in(written()), numbers{3});
  ASSERT_EQ(slice("2..4", "type==stop_requested"), exit_clean);
  EXPECT_EQ(events_in(written()), (numbers{2, 3, 4}));
  EXPECT_EQ(slice("1..2", "inv==missed"), exit_usage);
  EXPECT_NE(trouble.find("nothing is chosen"), std::string::npos);
}

TEST_F(cutting_test, a_cone_has_the_causes_and_the_frame_of_its_events) {
  ASSERT_EQ(slice("", "kind==verdict", true), exit_clean);
  std::vector<int> kinds;
  for (const auto& x : written().records)
    kinds.push_back(x.kind);
  EXPECT_EQ(kinds, (std::vector<int>{4, 32, 33, 37, 42, 10}))
      << "handled, which the others were done in, and then the anchor";
  EXPECT_EQ(run(run_ls, options_for(target)), exit_missed);
  EXPECT_NE(out.find("delayed"), std::string::npos);
}

TEST_F(cutting_test, slice_refuses_what_is_no_range) {
  for (const char* bad : {"x", "3..1", "..", "1..2..3", "-1", "1...2", " 1"}) {
    EXPECT_EQ(slice(bad), exit_usage) << bad;
    EXPECT_NE(trouble.find("--events"), std::string::npos) << bad;
  }
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(cutting_test, an_output_that_cannot_be_written_is_no_success) {
  target = folder + "/none/out.atrc";
  EXPECT_EQ(slice("1"), exit_usage);
  EXPECT_NE(trouble.find("cannot be written"), std::string::npos);
  EXPECT_EQ(redact(), exit_usage);
}

TEST_F(cutting_test, a_trace_may_be_replaced_by_its_slice) {
  target = source;
  ASSERT_EQ(slice("4"), exit_clean);
  EXPECT_EQ(events_in(written()), numbers{4});
  EXPECT_FALSE(std::filesystem::exists(source + ".part"));
}

// -- redact -------------------------------------------------------------------

TEST_F(cutting_test, redact_leaves_nobody_s_data) {
  ASSERT_EQ(redact(), exit_clean) << trouble;
  const auto text = everything();
  for (const auto* secret : secrets)
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  for (const auto* kept :
       {"POST", "platform.start", "version=1.2.3", "(present)", "=3s",
        "/intake/v2/events", "ELASTIC_APM_LAMBDA_APM_SERVER=(hidden)"})
    EXPECT_NE(text.find(kept), std::string::npos) << kept;
  EXPECT_EQ(written().fact("redacted"), "yes");
}

TEST_F(cutting_test, the_source_does_have_what_redact_hides) {
  target = source;
  const auto text = everything();
  for (const auto* secret :
       {"canary-function", "canary-host", "canary-path", "canary-setting",
        "canary-arn", "canary-fact", known_request})
    EXPECT_NE(text.find(secret), std::string::npos) << secret;
}

TEST_F(cutting_test, redact_keeps_the_records_and_what_became_of_lines) {
  ASSERT_EQ(run(run_ls, options_for(source, true)), exit_missed);
  const auto before = out;
  ASSERT_EQ(redact(), exit_clean);
  const auto whole = load_traces({source}).processes[0].content;
  ASSERT_EQ(written().records.size(), whole.records.size());
  for (size_t i = 0; i < whole.records.size(); ++i) {
    EXPECT_EQ(written().records[i].sequence, whole.records[i].sequence);
    EXPECT_EQ(written().records[i].kind, whole.records[i].kind);
    EXPECT_EQ(written().records[i].cause, whole.records[i].cause);
  }
  ASSERT_EQ(run(run_ls, options_for(target, true)), exit_missed);
  const auto without_ids = [](std::string text) {
    for (size_t at = 0;
         (at = text.find("\"request_id\":", at)) != std::string::npos;)
      text.erase(at, text.find("\"begin\"", at) - at);
    return text;
  };
  EXPECT_EQ(without_ids(before), without_ids(out));
}

TEST_F(cutting_test, a_redacted_record_takes_as_many_numbers_as_before) {
  ASSERT_EQ(redact(), exit_clean);
  const auto whole = load_traces({source}).processes[0].content;
  const auto hidden = written();
  for (size_t i = 0; i < whole.records.size(); ++i)
    EXPECT_EQ(apm::trace::slots_for(hidden.records[i].payload.size()),
              apm::trace::slots_for(whole.records[i].payload.size()))
        << i;
}

TEST_F(cutting_test, pseudonyms_are_uuids_and_follow_the_key) {
  const auto id_of = [&](const std::string& key) {
    EXPECT_EQ(redact({}, key), exit_clean);
    const auto x = written();
    const apm::trace::schema_book book{x};
    for (const auto& each : x.records)
      if (book.read(each).type == "lambda_event")
        return std::string{book.read(each).fields[2].content.text};
    return std::string{};
  };
  const auto first = id_of("one");
  EXPECT_EQ(first.size(), 36U);
  EXPECT_EQ(first[14], '4');
  EXPECT_EQ(first[19], '8');
  EXPECT_EQ(id_of("one"), first);
  EXPECT_NE(id_of("two"), first);
  EXPECT_NE(id_of(""), id_of("")) << "a key is drawn";
}

// Without it explain would not know what ended an event.
TEST_F(cutting_test, redact_keeps_what_the_platform_says_under_other_ids) {
  ASSERT_EQ(redact(), exit_clean);
  const auto x = written();
  const apm::trace::schema_book book{x};
  std::string id;
  for (const auto& each : x.records) {
    const auto content = book.read(each);
    if (content.type == "lambda_event")
      id = content.fields[2].content.text;
    if (content.type == "telemetry_batch") {
      EXPECT_EQ(content.fields[1].content.elements[0].elements[2].text,
                "{\"requestId\":\"" + id + "\"}");
    }
  }
  EXPECT_EQ(id.size(), 36U);
}

TEST_F(cutting_test, redact_keeps_what_it_is_asked_to) {
  const std::pair<kept_part, const char*> rows[] = {
      {kept_part::settings, "https://canary-setting"},
      {kept_part::ids, known_request},
      {kept_part::names, "canary-function"},
      {kept_part::names, "canary-arn"},
      {kept_part::shapes, "xxxxxx-xxx"}};
  for (const auto& [part, text] : rows) {
    ASSERT_EQ(redact({part}), exit_clean);
    EXPECT_NE(everything().find(text), std::string::npos) << text;
  }
  ASSERT_EQ(redact(), exit_clean);
  EXPECT_EQ(everything().find("xxxxxx-xxx"), std::string::npos);
}

TEST_F(cutting_test, payloads_that_nothing_is_taken_from_stay_as_they_are) {
  const auto whole = load_traces({source}).processes[0].content;
  const auto same =
      redact_trace(whole, text_redactor{1,
                                        {kept_part::settings, kept_part::ids,
                                         kept_part::names, kept_part::shapes,
                                         kept_part::bodies}});
  for (size_t i = 0; i < whole.records.size(); ++i)
    EXPECT_EQ(same.records[i].payload, whole.records[i].payload) << i;
}

TEST_F(cutting_test, what_is_not_known_goes) {
  auto x = load_traces({source}).processes[0].content;
  const std::string unknown = "canary-unknown";
  x.dictionary.push_back(
      {static_cast<apm::trace::entry_kind>(77), 1, 0, "canary-unknown"});
  x.dictionary.push_back(
      {apm::trace::entry_kind::role, 200, 0, "canary-unknown"});
  record odd = x.records.back();
  odd.kind = 250;
  odd.payload = unknown; // 14 bytes, one slot
  ++odd.sequence;
  x.records.push_back(odd);
  std::string newer{x.records[1].payload}; // event_begin, with a field more
  newer += "canary-newer";
  x.records[1].payload = newer;
  ASSERT_TRUE(write_segments({x}, source, {std::cout, std::cerr}));
  ASSERT_EQ(redact(), exit_clean);
  const auto text = everything();
  for (const auto* secret : secrets)
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  EXPECT_EQ(written().records.size(), x.records.size());
}

TEST(text_redactor_test, decides_about_texts) {
  const text_redactor texts{7, {}};
  EXPECT_EQ(texts.shown("platform.runtimeDone"), "platform.runtimeDone");
  EXPECT_EQ(texts.shown("platform.mine"), "");
  EXPECT_EQ(texts.shown("2026-11-22T12:00:00.123Z"),
            "2026-11-22T12:00:00.123Z");
  EXPECT_EQ(
      texts.shown("http://127.0.0.1:9001/2020-01-01/extension/event/next"),
      "http://127.0.0.1:9001/2020-01-01/extension/event/next");
  EXPECT_EQ(texts.shown("http://localhost.evil.com/x").find("evil"),
            std::string::npos);
  EXPECT_EQ(texts.shown("/config/v1/agents"), "/config/v1/agents");
  EXPECT_EQ(texts.shown("/mine/who"), "/…");
  EXPECT_EQ(texts.shown("https://"), "https://");
  EXPECT_EQ(texts.shown(""), "");
  EXPECT_EQ(texts.shown_value("90s"), "90s");
  EXPECT_EQ(texts.shown_value("1m30s"), "1m30s");
  EXPECT_EQ(texts.shown_value("syncflush"), "syncflush");
  EXPECT_EQ(texts.shown_value("my-service"), "(hidden)");
}

} // namespace
} // namespace flushtrace

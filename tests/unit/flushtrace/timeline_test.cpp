// The timeline: what is found in records, what a page has room for, what it
// says, and that no trace gets out of it. tests/timeline looks at it in a
// browser.
#include "runtime/formats/base64.hpp"
#include "runtime/formats/compression.hpp"
#include "runtime/formats/json_value.hpp"
#include "tests/support/raw_trace.hpp"
#include "tools/flushtrace/timeline/page.hpp"
#include "tools/flushtrace/timeline/page_data.hpp"
#include "tools/flushtrace/timeline/page_tables.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace flushtrace {
namespace {

using apm::test::raw_trace;
using apm::trace::record_kind;

constexpr const char* request_type = "http_request {uss}";
constexpr const char* response_type = "http_response {uubu}";

process_trace process_of(raw_trace& x) {
  process_trace made{x.take(), {"made"}, {}};
  made.anchors = find_anchors(made.content);
  return made;
}

/// What a record's number is among the records.
uint32_t index_of(uint64_t sequence) {
  return static_cast<uint32_t>(sequence - 1);
}

/// One event from the answer that brings it to the request for the next.
/// *Shape:* 14 records.
void add_event(raw_trace& to, uint64_t event, uint64_t outcomes) {
  const auto answer = to.message("lifecycle_poller", 0, response_type, event,
                                 uint64_t{0}, true, uint64_t{200});
  const auto polled = to.turn("lifecycle_poller", answer);
  const auto told =
      to.message("coordinator", polled, "lambda_event {u}", event);
  const auto begun = to.turn("coordinator", told);
  to.note(record_kind::event_begin, begun, event, uint64_t{0},
          "request-" + std::to_string(event), to.now() + 3'000'000'000);
  to.pass(5'000'000);
  const auto done = to.message("coordinator", to.turn("log_processor"),
                               "done {uu}", uint64_t{1}, event);
  const auto ended = to.turn("coordinator", done);
  to.note(record_kind::winner, ended, event, uint64_t{1},
          int64_t{2'995'000'000});
  to.pass(2'500'000);
  to.note(record_kind::flush_end, ended, event, uint64_t{0}, uint64_t{0},
          uint64_t{1});
  // Of four lines three were accepted and one dropped, in all as in the event.
  to.note(record_kind::ledger, ended, event, uint64_t{4}, uint64_t{3},
          std::vector<uint64_t>{1}, uint64_t{0}, uint64_t{4}, uint64_t{3},
          uint64_t{1}, uint64_t{0}, uint64_t{0}, uint64_t{0});
  if (outcomes != 0)
    to.note(record_kind::verdict, ended, event, outcomes, uint64_t{1},
            uint64_t{1}, uint64_t{0});
  const auto again = to.turn("lifecycle_poller", 0);
  to.message("http_client", again, request_type, event + 1, std::string{"GET"},
             std::string{"http://127.0.0.1:9001/2020-01-01/extension/event/"
                         "next"});
  to.pass(100'000'000);
}

TEST(activity, an_event_has_the_records_from_one_answer_to_the_next) {
  raw_trace trace;
  add_event(trace, 1, 0);
  const auto second = trace.take().records.size();
  add_event(trace, 2, 2);
  const auto seen = find_activity(process_of(trace));
  ASSERT_EQ(seen.events.size(), 2U);
  EXPECT_EQ(seen.events[0].first, 0U);
  EXPECT_EQ(seen.events[0].last, second - 1);
  EXPECT_EQ(seen.events[1].first, second);
  EXPECT_EQ(seen.events[1].last, seen.steps.size() - 1);
  EXPECT_EQ(seen.events[1].flush_why, 1U);
  ASSERT_EQ(seen.signals.size(), 2U);
  EXPECT_TRUE(seen.signals[0].is_winner);
  EXPECT_TRUE(seen.signals[1].is_winner);
}

TEST(activity, an_answer_is_caused_by_its_request) {
  raw_trace trace;
  const auto turn = trace.turn("apm_forwarder");
  const auto asked = trace.message(
      "http_client", turn, request_type, uint64_t{7}, std::string{"POST"},
      std::string{"https://apm.example:8200/intake/v2/events"});
  trace.raw(static_cast<uint8_t>(record_kind::post), "", "");
  const auto answered =
      trace.message("apm_forwarder", 0, response_type, uint64_t{7}, uint64_t{0},
                    true, uint64_t{503});
  // Another's of the same number is not it.
  const auto other =
      trace.message("lifecycle_poller", 0, response_type, uint64_t{7},
                    uint64_t{0}, true, uint64_t{200});
  const auto seen = find_activity(process_of(trace));
  ASSERT_EQ(seen.requests.size(), 1U);
  const auto& request = seen.requests[0];
  EXPECT_EQ(request.asked, index_of(asked));
  EXPECT_EQ(request.answered, index_of(answered));
  EXPECT_EQ(request.post, index_of(answered) - 1);
  EXPECT_EQ(request.status, 503U);
  EXPECT_EQ(request.path, "/intake/v2/events");
  EXPECT_FALSE(request.is_to_lambda);
  EXPECT_EQ(seen.steps[index_of(answered)].cause, index_of(asked));
  EXPECT_TRUE(seen.steps[index_of(answered)].is_cause_derived);
  EXPECT_EQ(seen.steps[index_of(answered)].sender, seen.server_lane);
  EXPECT_EQ(seen.steps[index_of(other)].cause, no_record);
  EXPECT_EQ(seen.steps[index_of(other)].sender, seen.lambda_lane);
}

TEST(activity, the_next_event_is_nobodys_effect) {
  raw_trace trace;
  add_event(trace, 1, 0);
  add_event(trace, 2, 0);
  const auto seen = find_activity(process_of(trace));
  const auto answer = seen.events[1].first;
  ASSERT_EQ(seen.requests[0].answered, answer);
  EXPECT_TRUE(seen.requests[0].is_next);
  EXPECT_EQ(seen.steps[answer].cause, no_record);
}

TEST(activity, a_request_that_is_taken_back_ends_so) {
  raw_trace trace;
  const auto turn = trace.turn("apm_forwarder");
  trace.message("http_client", turn, request_type, uint64_t{1},
                std::string{"POST"}, std::string{"http://a/intake"});
  trace.pass(1000);
  const auto ended = trace.message("http_client", trace.turn("apm_forwarder"),
                                   "http_cancel {u}", uint64_t{1});
  const auto seen = find_activity(process_of(trace));
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].answered, index_of(ended));
  EXPECT_EQ(failure_name(seen.requests[0].failure), "cancelled");
}

TEST(activity, a_timer_that_fires_was_set) {
  raw_trace trace;
  const auto set = trace.message("timers", trace.turn("timer"),
                                 "timer_set {ut}", uint64_t{3}, int64_t{9});
  const auto fired = trace.message("timer", 0, "timer_fired {u}", uint64_t{3});
  const auto seen = find_activity(process_of(trace));
  EXPECT_EQ(seen.steps[index_of(fired)].cause, index_of(set));
  EXPECT_TRUE(seen.steps[index_of(fired)].is_cause_derived);
}

TEST(activity, lanes_stand_as_telemetry_goes) {
  raw_trace trace;
  trace.turn("something_new");
  trace.turn("timers");
  trace.message("coordinator", 0, "agent_intake {u}", uint64_t{1});
  trace.message("coordinator", 0, "telemetry_batch {u}", uint64_t{1});
  trace.turn("lifecycle_poller");
  std::vector<std::string> names;
  for (const auto& x : find_activity(process_of(trace)).lanes)
    names.push_back(x.name);
  EXPECT_EQ(names, (std::vector<std::string>{"APM agent", "Lambda",
                                             "lifecycle_poller", "coordinator",
                                             "timers", "something_new"}));
}

TEST(activity, nothing_is_its_own_cause) {
  raw_trace trace;
  trace.raw(static_cast<uint8_t>(record_kind::handled), "a", "", 1);
  trace.raw(static_cast<uint8_t>(record_kind::handled), "a", "", 5);
  const auto seen = find_activity(process_of(trace));
  EXPECT_EQ(seen.steps[0].cause, no_record);
  EXPECT_EQ(seen.steps[1].cause, no_record);
}

TEST(sentence, says_what_became_of_the_lines) {
  event_span x;
  EXPECT_EQ(sentence_of(x), "The trace ends before this event does.");
  x.row.end_ns = 0;
  EXPECT_EQ(sentence_of(x), "There was nothing to deliver.");
  x.row.received = x.row.accepted = 1;
  EXPECT_EQ(sentence_of(x), "Everything arrived: 1 line.");
  x.row.winner = "runtime_done";
  x.row.begin_ns = 1'000'000;
  x.row.winner_ns = 8'500'000;
  x.row.slack_ns = -2'000'000;
  x.outcome.bits = 3; // LOST and DELAYED
  x.outcome.lost = 2;
  x.outcome.delayed = 1;
  x.flush_end = 1;
  x.flush_why = 2;
  EXPECT_EQ(sentence_of(x),
            "2 lines were lost. 1 line was still held when it ended. The end "
            "of the runtime's work ended it after 7.5 ms, 2 ms past the "
            "deadline; the flush ran out of time.");
}

TEST(sentence, durations_have_three_digits) {
  EXPECT_EQ(duration_text(0), "0 ns");
  EXPECT_EQ(duration_text(342'123), "342 µs");
  EXPECT_EQ(duration_text(7'500'000), "7.5 ms");
  EXPECT_EQ(duration_text(2'990'000'000), "2.99 s");
  EXPECT_EQ(duration_text(INT64_MIN), "-9223372037 s");
}

TEST(selection, a_page_without_room_has_missed_flushes_first) {
  raw_trace trace;
  for (uint64_t event = 1; event <= 5; ++event)
    add_event(trace, event, event == 2 ? 1 : 0);
  const auto process = process_of(trace);
  const auto seen = find_activity(process);
  const auto all = select_records(seen, {}, 1000);
  EXPECT_TRUE(all.is_whole);
  EXPECT_EQ(all.records.size(), seen.steps.size());
  const auto some = select_records(seen, {}, 30); // two events' room
  EXPECT_FALSE(some.is_whole);
  EXPECT_EQ(some.events, (std::vector<uint32_t>{1, 4}));
  EXPECT_LE(some.records.size(), 30U);
  EXPECT_EQ(select_records(seen, std::set<uint64_t>{3}, 1000).events,
            (std::vector<uint32_t>{2}));
  EXPECT_EQ(select_records(seen, {}, 1).events, (std::vector<uint32_t>{1}))
      << "one at least";
  EXPECT_TRUE(
      select_records(seen, std::set<uint64_t>{77}, 1000).records.empty());
}

TEST(selection, a_page_has_a_bound_for_events) {
  raw_trace trace;
  const auto turn = trace.turn("coordinator");
  for (uint64_t event = 1; event <= page_events_max + 10; ++event)
    trace.note(record_kind::event_begin, turn, event, uint64_t{0},
               std::string{}, int64_t{0});
  const auto process = process_of(trace);
  const auto seen = find_activity(process);
  const auto kept = select_records(seen, {}, 1'000'000);
  EXPECT_EQ(kept.events.size(), page_events_max);
  EXPECT_FALSE(kept.is_whole);
}

/// The page's data, unpacked.
std::string data_of(const std::string& html) {
  const std::string begin = R"(id="data">)";
  const auto from = html.find(begin) + begin.size();
  const auto packed =
      apm::decode_base64(html.substr(from, html.find('<', from) - from));
  EXPECT_TRUE(packed);
  auto data = apm::decompress(apm::content_encoding::gzip, packed.value(),
                              size_t{1} << 26);
  EXPECT_TRUE(data);
  return data.value();
}

TEST(page, has_tables_and_sound_data) {
  raw_trace trace;
  add_event(trace, 1, 0);
  add_event(trace, 2, 2);
  const auto made = make_page({process_of(trace)}, {});
  ASSERT_TRUE(made);
  const auto& html = made.value().html;
  EXPECT_NE(html.find("2 events, 1 with a missed flush"), std::string::npos);
  EXPECT_NE(html.find("request-2"), std::string::npos);
  EXPECT_NE(html.find("id=\"records-0-2\""), std::string::npos);
  EXPECT_EQ(html.find("id=\"records-0-1\""), std::string::npos);
  EXPECT_EQ(html.find("{{"), std::string::npos) << "every place is filled";
  EXPECT_FALSE(apm::check_json(data_of(html)));
}

/// A file of the disk was gone: README.md, "What explain says".
TEST(page, has_what_was_lost_for_none_of_the_causes) {
  raw_trace trace;
  add_event(trace, 1, 1);
  trace.note(record_kind::dropped, 0, uint64_t{1}, uint64_t{5}, uint64_t{3});
  const auto made = make_page({process_of(trace)}, {});
  ASSERT_TRUE(made);
  const auto data = data_of(made.value().html);
  EXPECT_NE(data.find(R"("uncaused":[{"detail":"3 lines dropped: )"),
            std::string::npos)
      << data;
}

TEST(page, names_no_place_of_the_network) {
  raw_trace trace;
  add_event(trace, 1, 0);
  const auto made = make_page({process_of(trace)}, {});
  for (const char* place :
       {"src=", "href=", "url(\"", "url(h", "@import", "https:"})
    EXPECT_EQ(made.value().html.find(place), std::string::npos) << place;
  EXPECT_NE(made.value().html.find("default-src 'none'; script-src 'sha256-"),
            std::string::npos);
}

TEST(page, a_hostile_text_stays_text) {
  const std::string attack = "</script><script>\"'&{{script}}<!--";
  raw_trace trace;
  trace.setting(attack);
  trace.fact("version=" + attack);
  const auto turn = trace.turn(attack);
  trace.note(record_kind::event_begin, turn, uint64_t{1}, uint64_t{0}, attack,
             INT64_MIN);
  trace.message(attack, turn, attack + " {s}", attack);
  trace.note(record_kind::winner, turn, uint64_t{1}, uint64_t{0}, INT64_MIN);
  trace.now(INT64_MAX);
  trace.note(record_kind::verdict, turn, uint64_t{1}, uint64_t{255}, UINT64_MAX,
             UINT64_MAX, UINT64_MAX);
  raw_trace sound;
  add_event(sound, 1, 0);
  const auto count = [](const std::string& in, const std::string& what) {
    size_t found = 0;
    for (auto at = in.find(what); at != std::string::npos;
         at = in.find(what, at + 1))
      ++found;
    return found;
  };
  const auto hostile = make_page({process_of(trace)}, {}).value().html;
  const auto usual = make_page({process_of(sound)}, {}).value().html;
  for (const char* markup : {"<script", "</script", "<!--", "<img", "onerror"})
    EXPECT_EQ(count(hostile, markup), count(usual, markup)) << markup;
  EXPECT_NE(hostile.find("&lt;/script&gt;&lt;script&gt;&quot;&#39;&amp;"),
            std::string::npos);
  EXPECT_FALSE(apm::check_json(data_of(hostile)));
}

TEST(page, an_empty_trace_has_a_page) {
  raw_trace trace;
  const auto made = make_page({process_of(trace)}, {});
  ASSERT_TRUE(made);
  EXPECT_FALSE(made.value().has_events);
  EXPECT_FALSE(apm::check_json(data_of(made.value().html)));
}

} // namespace
} // namespace flushtrace

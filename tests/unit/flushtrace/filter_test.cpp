// The filter language: what filters choose, and how they are refused.
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/filter/filter.hpp"
#include "tools/flushtrace/filter/message_fields.hpp"
#include "tools/flushtrace/filtering.hpp"

#include <fstream>

#include "caf/type_id.hpp"

namespace flushtrace {
namespace {

/// Records 1 … 14, by the world, COORDINATOR and a FORWARDER of its second
/// event.
struct filter_test : flushtrace_test {
  filter_test() {
    event(1, 0); // records 1 to 5
    forwarder = recorder.next_of(recorder.role("apm_forwarder", 1));
    time.now_ns = 1'100'000'000; // 0.1 s after the start
    apm::delivery answer;
    answer.outcome = apm::delivery_outcome::ambiguous;
    answer.status = 503;
    answer.detail = "no answer";
    answer.retry_after_ms = 1500;
    sent = message("delivery", 1, answer, actor);
    recorder.record(record_kind::handled, actor, sent, {});
    time.now_ns += 60'000'000;
    recorder.record(record_kind::born, forwarder, 0, {});
    {
      const apm::trace::turn_scope turn{&recorder, actor, sent, false};
      note(&recorder, record_kind::dropped, uint64_t{1}, uint64_t{1},
           uint64_t{4});
      note(&recorder, record_kind::post, uint64_t{202}, uint64_t{0}, int64_t{0},
           int64_t{0}, int64_t{0}, int64_t{0}, int64_t{0}, int64_t{7000}, true,
           uint64_t{3'000'000}, uint64_t{0});
    }
    apm::telemetry_batch batch;
    batch.records = {{"t", "platform.start", apm::bytes{"{}"}},
                     {"t", "function", apm::bytes{"\"secret\""}}};
    batch.body_bytes = 2048;
    message("telemetry_batch", 2, batch, actor);
    event(2, 1 + 8);
    const auto read = apm::trace::read_ring(memory.image());
    process.content = read.value();
    process.anchors = find_anchors(process.content);
  }

  /// The numbers of the records that a filter chooses; what is wrong with it.
  std::string chosen(const std::string& text, event_lookup events = {}) const {
    const auto wanted = filter::parse(text);
    if (!wanted)
      return wanted.error().detail;
    std::string numbers;
    record_facts facts{process, std::move(events)};
    for (const auto& x : process.content.records) {
      facts.go_to(x);
      if (wanted.value().holds(facts))
        numbers += (numbers.empty() ? "" : " ") + std::to_string(place(x));
    }
    return numbers;
  }

  /// Which record it is, from 1: records have numbers of several slots.
  size_t place(const record& x) const {
    return static_cast<size_t>(&x - process.content.records.data()) + 1;
  }

  apm::trace::actor_reference forwarder;
  uint64_t sent = 0;
  process_trace process;
};

// Records: 1 handled, 2 event_begin 1, 3 winner, 4 ledger, 5 delivery,
// 6 handled, 7 born, 8 dropped, 9 post, 10 telemetry_batch, 11 handled,
// 12 event_begin 2, 13 winner, 14 ledger, 15 verdict.

TEST_F(filter_test, chooses_by_what_every_record_has) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"},
      {"number<=2", "1 2"},
      {"kind==ledger", "4 14"},
      {"kind~ed", "1 4 5 6 8 10 11 14"},
      {"actor==coordinator/1.apm_forwarder", "7"},
      {"actor==apm_forwarder", "7"},
      {"role==apm_forwarder", "7"},
      {"actor~^coordinator/", "7"},
      {"actor!=coordinator", "7"},
      {"type==delivery", "5 6"},
      {"type~^tele", "10"},
      {"type", "5 6 10"},
      {"outside", "5 10"},
      {"outside==false", ""},
      {"urgent", ""},
      {"parent", "2 3 4 6 8 9 12 13 14 15"},
  };
  for (const auto& [text, numbers] : rows)
    EXPECT_EQ(chosen(text), numbers) << text;
}

TEST_F(filter_test, chooses_by_time) {
  const std::pair<const char*, const char*> rows[] = {
      {"time<5ms", "1 2"},
      {"time>=5ms && time<0.1s", "3 4"},
      {"time>2026-11-22T12:00:00.159Z", "7 8 9 10 11 12 13 14 15"},
      {"time<'2026-11-22T12:00:00.005Z'", "1 2"},
      {"time<0226-11-22T12:00:00Z", ""}, // beyond 64 bits of ns
      {"time>9999-11-22T12:00:00Z", ""},
      {"time>0226-11-22T12:00:00Z && number<=2", "1 2"},
      {"dt>50ms", "5 8"},
      {"dt>1min", ""},
      {"dt==5ms", "3 13"},
      {"dt", "2 3 4 5 6 8 9 10 11 12 13 14 15"},
      {"dt==0", "2 6 9 10 11 12 15"},
  };
  for (const auto& [text, numbers] : rows)
    EXPECT_EQ(chosen(text), numbers) << text;
}

TEST_F(filter_test, chooses_by_the_event) {
  const std::pair<const char*, const char*> rows[] = {
      {"inv==1", "2 3 4 5 6 7 8 9 10 11"},
      {"event>1", "12 13 14 15"},
      {"inv==missed", "12 13 14 15"},
      {"inv==complete", "2 3 4 5 6 7 8 9 10 11"},
      {"verdict==lost", "12 13 14 15"},
      {"verdict==rejected && kind==winner", "13"},
      {"verdict!=lost", "2 3 4 5 6 7 8 9 10 11"},
      {"winner==runtime_done && number==1", ""},
      {"!inv", "1"},
  };
  for (const auto& [text, numbers] : rows)
    EXPECT_EQ(chosen(text), numbers) << text;
}

TEST_F(filter_test, chooses_by_a_record_s_own_fields) {
  const std::pair<const char*, const char*> rows[] = {
      {"status>=500", "5"},
      {"status!=202", "5"}, // where there is one
      {"!(status==202)", "1 2 3 4 5 6 7 8 10 11 12 13 14 15"},
      {"reason==buffer_full", "8"},
      {"reason==1", "8"},
      {"lines>0", "8"},
      {"outcome==ambiguous", "5"},
      {"detail==\"no answer\"", ""}, // from outside, so it is hashed
      {"detail==9", ""},
      {"detail>8", "5"}, // bytes
      {"retry_after_ms>=1.5s", "5"},
      {"retry_after_ms>1500", ""},
      {"total_us>6ms && total_us<8ms", "9"},
      {"total_us==7000", "9"},
      {"bytes_out==3MB", "9"},
      {"bytes_out<1MiB", ""},
      {"body_bytes==2KiB", "10"},
      {"is_reused", "9"},
      {"is_reused==true", "9"},
      {"slack>1s", "3 13"},
      {"deadline==8s", "2 12"}, // since the start
      {"records.type==platform.start", "10"},
      {"records.type!=platform.start", ""},
      {"records.type~^plat", "10"},
      {"field.kind==invoke", "2 12"},
      {"field.nothing_that_there_is==1", ""},
      {"request_id==request-2", "12"},
      {"dropped==1 && kind==ledger", "4 14"},
  };
  for (const auto& [text, numbers] : rows)
    EXPECT_EQ(chosen(text), numbers) << text;
}

TEST_F(filter_test, finds_hashed_texts_by_what_dump_shows) {
  const auto hash = recorder.hash("no answer");
  char text[32];
  std::snprintf(text, sizeof text, "detail==#%08x", hash);
  EXPECT_EQ(chosen(text), "5");
}

TEST_F(filter_test, combines) {
  const std::pair<const char*, const char*> rows[] = {
      {"number==1 || kind==born || kind==verdict", "1 7 15"},
      {"kind==winner && inv==2 || kind==born", "7 13"},
      {"kind==born || kind==winner && inv==2", "7 13"},
      {"(kind==born || kind==winner) && inv==2", "13"},
      {"!kind==born && !(number<9) && inv==1", "9 10 11"},
      {"!!kind==born", "7"},
      {"!!!kind==born && inv==1", "2 3 4 5 6 8 9 10 11"},
      {"kind == born", "7"},
      {"((((kind==born))))", "7"},
  };
  for (const auto& [text, numbers] : rows)
    EXPECT_EQ(chosen(text), numbers) << text;
}

TEST_F(filter_test, chooses_by_cause) {
  const auto causes = [](uint64_t event) {
    event_words words;
    if (event == 2)
      words.causes = "transport.post_timeout buffer.batch_full";
    return words;
  };
  EXPECT_EQ(chosen("cause==transport.post_timeout", causes), "12 13 14 15");
  EXPECT_EQ(chosen("cause~^buffer && kind==ledger", causes), "14");
  EXPECT_EQ(chosen("cause", causes), "12 13 14 15");
  EXPECT_TRUE(filter::parse("kind==born || cause~x").value().needs_causes());
  EXPECT_FALSE(filter::parse("kind==born").value().needs_causes());
}

TEST_F(filter_test, takes_another_word_for_the_verdict) {
  const auto judge = [](uint64_t event) {
    event_words words;
    if (event == 1)
      words = {"", "delayed at_risk", true};
    return words;
  };
  EXPECT_EQ(chosen("inv==missed && kind==winner", judge), "3 13");
  EXPECT_EQ(chosen("verdict==at_risk && kind==winner", judge), "3");
  EXPECT_EQ(chosen("inv==complete", judge), "");
  for (const char* asking : {"inv==missed", "event!=complete", "verdict"})
    EXPECT_TRUE(filter::parse(asking).value().needs_verdicts()) << asking;
  for (const char* none : {"inv==3", "inv>2", "inv", "cause", "kind==born"})
    EXPECT_FALSE(filter::parse(none).value().needs_verdicts()) << none;
}

TEST_F(filter_test, says_what_is_wrong_and_where) {
  const std::pair<const char*, const char*> rows[] = {
      {"kind==born && acter==x",
       "no record has a field `acter`; like it: actor; possible are number "
       "time dt actor role kind type parent inv event winner verdict cause "
       "outside urgent, and a record's own, such as status, lines, reason\n"
       "  kind==born && acter==x\n"
       "                ^^^^^"},
      {"dt>50", "this is to be a duration with its unit, such as 50ms; "
                "possible are ns us ms s min h\n"
                "  dt>50\n"
                "     ^^"},
      {"kind=born", "write ==\n  kind=born\n      ^"},
      {"a&b", "write &&\n  a&b\n   ^"},
      {"(kind==born", "this bracket is never closed\n"
                      "  (kind==born\n"
                      "  ^"},
      {"kind==born)", "this closes what was never opened\n"
                      "  kind==born)\n"
                      "            ^"},
      {"kind==born type==done",
       "the filter should end here, or go on with && or ||\n"
       "  kind==born type==done\n"
       "             ^^^^"},
      {"kind==", "a value is missing here\n  kind==\n        ^"},
      {"&& kind", "a field is missing here, such as actor, type, dt, inv, "
                  "status\n  && kind\n  ^^"},
      {"type~'(a'", "a ( is never closed; as itself write \\(\n"
                    "  type~'(a'\n"
                    "       ^^^^"},
      {"actor<3", "a text has no order; possible are == != ~\n"
                  "  actor<3\n"
                  "       ^"},
      {"number~3", "a number is not compared with ~; possible are == != < <= "
                   "> >=\n  number~3\n        ^"},
      {"verdict==los",
       "this is none of its values; possible are complete lost delayed "
       "at_risk rejected unaccounted unknown\n"
       "  verdict==los\n"
       "           ^^^"},
      {"kind==invoke", "no record is of this kind; for a field `kind` within "
                       "a record write field.kind\n"
                       "  kind==invoke\n"
                       "        ^^^^^^"},
      {"lines>5ms", "`lines` is no duration: give a plain number\n"
                    "  lines>5ms\n"
                    "        ^^^"},
      {"status>many", "only numbers have an order; possible are == != ~\n"
                      "  status>many\n"
                      "         ^^^^"},
      {"why==late", "this is none of its values; possible are nothing_left "
                    "out_of_time overtaken put_off server_fails\n"
                    "  why==late\n"
                    "       ^^^^"},
      {"type=='done", "this quote is never closed\n"
                      "  type=='done\n"
                      "        ^"},
  };
  for (const auto& [text, problem] : rows)
    EXPECT_EQ(chosen(text), problem) << text;
}

TEST(filter_bounds_test, a_filter_cannot_be_too_long_or_too_deep) {
  EXPECT_FALSE(filter::parse(std::string(100'000, '(')));
  EXPECT_FALSE(filter::parse(std::string(filter_bytes_max, '(')));
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "urgent" + std::string(depth, ')');
  };
  EXPECT_TRUE(filter::parse(nested(filter_depth_max)));
  EXPECT_FALSE(filter::parse(nested(filter_depth_max + 1)));
  EXPECT_TRUE(filter::parse(std::string(10'000, '!') + "urgent"));
  std::string row = "urgent";
  while (row.size() < 16'000)
    row += "||urgent";
  EXPECT_TRUE(filter::parse(row));
}

TEST(filter_bounds_test, an_error_of_a_long_filter_shows_the_place) {
  const auto text =
      std::string(5'000, ' ') + "nosuch==1" + std::string(5'000, ' ');
  const auto problem = filter::parse(text).error().detail;
  EXPECT_NE(problem.find("nosuch==1"), std::string::npos);
  EXPECT_LT(problem.size(), 1'000U);
}

TEST(filter_bounds_test, quantities_have_units_and_bounds) {
  EXPECT_EQ(parse_quantity("50ms")->exact->magnitude, 50'000'000U);
  EXPECT_EQ(parse_quantity("1.5s")->exact->magnitude, 1'500'000'000U);
  EXPECT_EQ(parse_quantity("2MiB")->exact->magnitude, 2U << 20);
  EXPECT_EQ(parse_quantity("18446744073709551615")->exact->magnitude,
            UINT64_MAX);
  EXPECT_FALSE(parse_quantity("18446744073709551616"));
  EXPECT_FALSE(parse_quantity("18446744073709551615s"));
  EXPECT_FALSE(parse_quantity("5parsec"));
  EXPECT_FALSE(parse_quantity("1."));
  EXPECT_FALSE(parse_quantity(""));
  EXPECT_FALSE(parse_quantity("-"));
  EXPECT_EQ(parse_quantity("-3")->compare(whole_number::of(int64_t{-3})), 0);
  EXPECT_LT(parse_quantity("-3")->compare(whole_number::of(INT64_MIN)), 0);
  EXPECT_GT(parse_quantity("0.5")->compare(whole_number::of(uint64_t{1})), 0);
}

// -- the tables of names ------------------------------------------------------

/// The letters of a signature, structs and lists as brackets, against names.
bool fits(std::string_view& signature, std::string_view fields) {
  for (;;) {
    const auto field = take_field(fields);
    if (signature.empty() || signature.front() == '}') {
      if (!signature.empty())
        signature.remove_prefix(1);
      return field.name.empty();
    }
    if (field.name.empty())
      return false;
    size_t lists = 0;
    for (; !signature.empty() && signature.front() == '['; ++lists)
      signature.remove_prefix(1);
    const bool is_struct = signature.front() == '{';
    const bool is_counted = signature.front() == 'u' && !field.inner.empty();
    signature.remove_prefix(1);
    if (is_counted)
      continue; // older traces have the list's elements
    if (is_struct != !field.inner.empty())
      return false;
    if (is_struct && !fits(signature, field.inner))
      return false;
    for (; lists > 0; --lists)
      signature.remove_prefix(1);
  }
}

template <uint16_t Id>
void check_names(size_t& count) {
  using type = typename caf::type_by_id<Id>::type;
  char buffer[512];
  apm::trace::byte_writer text{buffer, sizeof buffer};
  apm::signature_inspector f{text};
  f.put(type{});
  std::string_view name = caf::type_name_by_id<Id>::value;
  name.remove_prefix(name.rfind(':') + 1);
  auto signature = text.written();
  signature.remove_prefix(1);
  EXPECT_TRUE(fits(signature, message_fields(name)))
      << name << ' ' << text.written();
  ++count;
}

template <uint16_t... Is>
size_t check_all_names(std::integer_sequence<uint16_t, Is...>) {
  size_t count = 0;
  (check_names<caf::id_block::apm_messages::begin + Is>(count), ...);
  return count;
}

TEST(message_fields_test, every_field_of_every_message_has_a_name) {
  const auto count = check_all_names(
      std::make_integer_sequence<uint16_t,
                                 caf::id_block::apm_messages::end
                                     - caf::id_block::apm_messages::begin>{});
  EXPECT_EQ(count, known_messages().size());
}

/// A row of README.md's table of fields: it begins with names in backticks.
bool has_row(const std::string& text, std::string_view name) {
  for (size_t at = 0; (at = text.find("\n| `", at)) != std::string::npos;) {
    const auto cell = text.substr(at + 3, text.find('|', at + 3) - at - 3);
    if (cell.find('`' + std::string{name} + '`') != std::string::npos)
      return true;
    at += 4;
  }
  return false;
}

TEST(message_fields_test, the_manual_has_every_field) {
  std::ifstream file{APM_SOURCE_DIR "/tools/flushtrace/README.md"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(text.empty());
  for (const auto& x : common_fields())
    EXPECT_TRUE(has_row(text, x.name)) << x.name;
}

} // namespace
} // namespace flushtrace

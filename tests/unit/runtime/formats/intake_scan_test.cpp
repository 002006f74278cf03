// Tests of intake_scan.hpp: forms of bodies, what agents really sent, the
// intake's samples, and random text behind a sound first line.
#include "runtime/formats/intake_scan.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace apm {
namespace {

constexpr std::string_view metadata = R"({"metadata":{"service":{}}})";

result<intake_body> scan(std::string_view text) {
  return scan_intake(bytes{std::string{text}});
}

TEST(intake_scan, kinds) {
  constexpr std::pair<const char*, line_kind> cases[] = {
      {R"({"transaction":{}})", line_kind::transaction},
      {R"({"span":{}})", line_kind::span},
      {R"({"error":{}})", line_kind::error},
      {R"({"metricset":{}})", line_kind::metricset},
      {R"({"log":{}})", line_kind::log},
      {R"({"metadata":{}})", line_kind::metadata},
      {" {\t\"log\" : {}}", line_kind::log},
      {"{\"log\"", line_kind::log}, // the server judges the rest
      {R"({"spans":{}})", line_kind::other},
      {R"({"Span":{}})", line_kind::other},
      {R"({"":{}})", line_kind::other},
      {"{\"log", line_kind::other},
      {"{log:{}}", line_kind::other},
      {R"(["log"])", line_kind::other},
      {R"("log")", line_kind::other},
      {"{}", line_kind::other},
      {"{", line_kind::other},
      {"", line_kind::other},
      {"  ", line_kind::other},
      {"\xFF\xFE", line_kind::other},
  };
  for (auto& [line, kind] : cases)
    EXPECT_EQ(kind_of(line), kind) << line;
}

struct sound_case {
  const char* name;
  std::string body;
  std::string events;
  uint32_t lines;
};

TEST(intake_scan, takes_bodies_apart) {
  std::string m{metadata};
  const sound_case cases[] = {
      {"Node's", m + "\n{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}\n{\"b\":2}\n", 2},
      {"Python's: the last line has no end", m + "\n{\"a\":1}\n{\"b\":2}",
       "{\"a\":1}\n{\"b\":2}\n", 2},
      {"Java's flush: metadata alone", m + "\n", "", 0},
      {"the same without a line end", m, "", 0},
      {"blank lines before", "\n \r\n" + m + "\n{}\n", "{}\n", 1},
      {"blank lines behind the metadata", m + "\n\n\t\n{}\n", "{}\n", 1},
      {"blank lines between", m + "\n{}\n\n{}\n", "{}\n{}\n", 2},
      {"blank lines at the end", m + "\n{}\n\n \n", "{}\n", 1},
      {"line ends of Windows", m + "\r\n{}\r\n[]\r\n", "{}\n[]\n", 2},
      {"mixed line ends", m + "\n{}\n[]\r\n{}\n", "{}\n[]\n{}\n", 3},
      {"blanks stay inside of lines", m + "\n {} \n\t[]\n", " {} \n\t[]\n", 2},
      {"events are not judged", m + "\nfoo\n{\"span\n\xFF\n",
       "foo\n{\"span\n\xFF\n", 3},
      {"metadata in the middle stays", m + "\n{}\n" + m + "\n{}\n",
       "{}\n" + m + "\n{}\n", 3},
  };
  for (auto& x : cases) {
    auto intake = scan(x.body);
    ASSERT_TRUE(intake) << x.name << ": " << intake.error().detail;
    EXPECT_EQ(intake.value().metadata.view(), metadata) << x.name;
    EXPECT_EQ(intake.value().events.view(), x.events) << x.name;
    EXPECT_EQ(intake.value().lines, x.lines) << x.name;
  }
}

TEST(intake_scan, a_body_without_lines_is_sound_and_empty) {
  for (auto body : {"", "\n", " \r\n\n\t"}) {
    auto intake = scan(body);
    ASSERT_TRUE(intake);
    EXPECT_TRUE(intake.value().metadata.empty());
    EXPECT_TRUE(intake.value().events.empty());
    EXPECT_EQ(intake.value().lines, 0u);
  }
}

TEST(intake_scan, the_metadata_is_trimmed_but_not_rewritten) {
  std::string_view blanks = "{ \"metadata\" :\t{\"a\" : 1 } }";
  auto intake = scan("  " + std::string{blanks} + " \r\n{}\n");
  ASSERT_TRUE(intake);
  EXPECT_EQ(intake.value().metadata.view(), blanks);
}

struct refused_case {
  std::string body;
  errc code;
  const char* says;
};

TEST(intake_scan, refuses_what_has_no_metadata) {
  const refused_case cases[] = {
      {"garbage", errc::bad_json, "the first line"},
      {"\x1f\x8b\x08", errc::bad_json, "the first line"}, // gzip, not announced
      {"{\"metadata\":{}", errc::bad_json, "the first line"},
      {"{\"metadata\":{}} x\n", errc::bad_json, "follows"},
      {"{\"metadata\":{\"a\" 1}}\n", errc::bad_json, "colon"},
      {"[{\"metadata\":{}}]\n", errc::metadata_missing, "no object"},
      {"\"metadata\"\n", errc::metadata_missing, "no object"},
      {"{}\n", errc::metadata_missing, "no object with"},
      {"{\"span\":{}}\n" + std::string{metadata}, errc::metadata_missing,
       "no object with"},
      {"{\"metadata\":{},\"x\":1}\n", errc::metadata_missing, "more members"},
      {"{\"metadata\":{},\"metadata\":{}}\n", errc::metadata_missing,
       "more members"},
      {"{\"metadata\":[]}\n", errc::bad_shape, "no object"},
      {"{\"metadata\":null}\n", errc::bad_shape, "no object"},
      {"{\"metadata\":\"{}\"}\n", errc::bad_shape, "no object"},
      {"{\"metadata\":\n{}}\n", errc::bad_json, "the first line"},
      {"{\"metadata\":" + std::string(2'000'000, '['), errc::too_large,
       "307200"},
      {"{\"metadata\":{\"a\":" + std::string(100'000, '['), errc::bad_json,
       "deeper"},
  };
  for (auto& x : cases) {
    auto intake = scan(x.body);
    std::string shown = x.body.substr(0, 60);
    ASSERT_FALSE(intake) << shown;
    EXPECT_EQ(intake.error().code, x.code) << shown;
    EXPECT_NE(intake.error().detail.find(x.says), std::string::npos)
        << intake.error().detail;
  }
}

TEST(intake_scan, does_not_judge_again_what_was_sound) {
  const std::string known = R"({"metadata":{"service":{"name":"orders"}}})";
  const auto body = bytes{"  " + known + "\r\n" + R"({"span":{}})"};
  const auto judged = scan_intake(body);
  const auto taken = scan_intake(body, known);
  ASSERT_TRUE(judged && taken);
  EXPECT_EQ(taken.value().metadata.view(), judged.value().metadata.view());
  EXPECT_EQ(taken.value().events.view(), judged.value().events.view());
  // What is nearly the same is judged, and what is not judged is not looked at.
  EXPECT_FALSE(scan_intake(bytes{known + "}\n"}, known));
  EXPECT_TRUE(scan_intake(bytes{std::string{"no JSON\n"}}, "no JSON"));
}

TEST(intake_scan, the_limit_of_metadata_is_exact) {
  std::string frame = R"({"metadata":{"a":""}})";
  std::string longest = frame;
  longest.insert(frame.size() - 3,
                 std::string(metadata_bytes_max - frame.size(), 'x'));
  EXPECT_TRUE(scan(longest + "\n"));
  EXPECT_EQ(scan(longest + " \n").value().metadata.size(), metadata_bytes_max);
  longest.insert(frame.size() - 3, "x");
  EXPECT_EQ(scan(longest).error().code, errc::too_large);
}

TEST(intake_scan, shares_the_storage_where_nothing_is_changed) {
  std::string m{metadata};
  for (auto& [text, is_shared] : std::vector<std::pair<std::string, bool>>{
           {m + "\n{}\n{}\n", true},
           {"\n" + m + "\n\n{}\n{}\n\n", true}, // blank lines only around it
           {m + "\n{}\n\n{}\n", false},
           {m + "\n{}\n{}", false},
       }) {
    bytes body{std::string{text}};
    auto intake = scan_intake(body);
    ASSERT_TRUE(intake);
    auto begin = body.view().data();
    auto events = intake.value().events.view().data();
    EXPECT_EQ(events >= begin && events < begin + body.size(), is_shared)
        << text;
    EXPECT_EQ(intake.value().metadata.view().data(),
              begin + text.find('{')); // always
  }
}

struct transaction_case {
  const char* line;
  const char* id; ///< null: none is to be seen
  const char* request_id;
};

TEST(intake_scan, finds_transactions) {
  constexpr transaction_case cases[] = {
      {R"({"transaction":{"id":"a1","faas":{"execution":"r1"}}})", "a1", "r1"},
      {R"({"transaction":{"faas":{"id":"x","execution":"r1"},"id":"a1"}})",
       "a1", "r1"},
      {R"({ "transaction" : { "id" : "a1" , "faas" : { } } })", "a1", ""},
      {R"({"transaction":{"id":"a1"}})", "a1", ""},
      {R"({"transaction":{"id":"a1","faas":null}})", "a1", ""},
      {R"({"transaction":{"id":"a1","faas":{"execution":7}}})", "a1", ""},
      {R"({"transaction":{"id":"\u00611","faas":{"execution":"r\u0031"}}})",
       "a1", "r1"},
      // Other ids lie about it, and context is the user's own.
      {R"({"transaction":{"context":{"id":"x","faas":{"execution":"y"}},)"
       R"("span_id":"z","id":"a1","faas":{"trigger":{"execution":"y"},)"
       R"("execution":"r1"}}})",
       "a1", "r1"},
      // Half a surrogate pair in what is of no interest here.
      {R"({"transaction":{"name":"\ud83d","id":"a1","faas":{"execution":"r"}}})",
       "a1", "r"},
      // What comes after both facts is not looked at.
      {R"({"transaction":{"id":"a1","faas":{"execution":"r1"},"x":)", "a1",
       "r1"},
      {R"({"transaction":{"id":12345}})", nullptr, nullptr},
      {R"({"transaction":{"id":""}})", nullptr, nullptr},
      {R"({"transaction":{}})", nullptr, nullptr},
      {R"({"transaction":[]})", nullptr, nullptr},
      {R"({"transaction":null})", nullptr, nullptr},
      {R"({"transaction":)", nullptr, nullptr},
      {R"({"transaction")", nullptr, nullptr},
      // The server will refuse this line: the transaction has not gone past
      // yet.
      {R"({"transaction":{"id":"a1","name":"cut)", nullptr, nullptr},
      {R"({"transaction":{"id":"a1" "faas":{"execution":"r1"}}})", nullptr,
       nullptr},
      {R"({"span":{"id":"a1","faas":{"execution":"r1"}}})", nullptr, nullptr},
  };
  for (auto& x : cases) {
    auto intake = scan(std::string{metadata} + "\n" + x.line + "\n");
    ASSERT_TRUE(intake) << x.line;
    EXPECT_EQ(intake.value().lines, 1u);
    auto& seen = intake.value().transactions;
    ASSERT_EQ(seen.size(), x.id == nullptr ? 0u : 1u) << x.line;
    if (x.id != nullptr) {
      EXPECT_EQ(seen.front().id, x.id) << x.line;
      EXPECT_EQ(seen.front().request_id, x.request_id) << x.line;
    }
  }
}

TEST(intake_scan, counts_line_ends) {
  EXPECT_EQ(count_lines(""), 0U);
  EXPECT_EQ(count_lines("{}"), 0U);
  EXPECT_EQ(count_lines("\n"), 1U);
  EXPECT_EQ(count_lines("{}\n\n{}\n{}"), 3U);
}

TEST(intake_scan, depth_in_an_event_does_no_harm) {
  // 2 MB: more than the 1.6 MB that a body of elastic-apm-node comes to, which
  // ends a request at 750 KB of gzip.
  std::string deep =
      R"({"transaction":{"context":)" + std::string(2'000'000, '[');
  auto intake = scan(std::string{metadata} + "\n" + deep + "\n{}\n");
  ASSERT_TRUE(intake);
  EXPECT_EQ(intake.value().lines, 2u);
  EXPECT_TRUE(intake.value().transactions.empty());
}

TEST(intake_scan, captured_bodies_pass_unchanged) {
  for (auto& body : test::captured_bodies()) {
    auto intake = scan(body);
    ASSERT_TRUE(intake) << intake.error().detail;
    auto& parts = intake.value();
    EXPECT_EQ(std::string{parts.metadata.view()} + "\n"
                  + std::string{parts.events.view()},
              body);
    size_t transactions = 0;
    for (auto line : split_lines(parts.events.view()))
      transactions += kind_of(line) == line_kind::transaction;
    EXPECT_EQ(parts.transactions.size(), transactions);
    for (auto& seen : parts.transactions) {
      EXPECT_EQ(seen.id.size(), 16u);         // 64 bits in hexadecimal
      EXPECT_EQ(seen.request_id.size(), 36u); // a UUID
    }
  }
}

TEST(intake_scan, the_cold_start_of_the_captures) {
  auto intake = scan(test::read_data("agent-captures/cold/02-intake.ndjson"));
  ASSERT_TRUE(intake);
  EXPECT_EQ(intake.value().lines, 1u);
  ASSERT_EQ(intake.value().transactions.size(), 1u);
  // As one reads in the file, and in requests.json beside it.
  EXPECT_EQ(intake.value().transactions[0].id, "f079e59360af3e24");
  EXPECT_EQ(intake.value().transactions[0].request_id,
            "2a5f637b-0fa3-4889-b231-f366649eb9de");
}

TEST(intake_scan, samples_pass_unchanged_or_are_refused_for_cause) {
  size_t passed = 0;
  for (auto& file : test::list_data("intake-v2/samples", ".ndjson")) {
    std::string body = test::read_data(file);
    auto intake = scan(body);
    if (file.find("invalid-metadata-2") != file.npos) { // {"not": "metadata"}
      ASSERT_FALSE(intake) << file;
      EXPECT_EQ(intake.error().code, errc::metadata_missing);
      continue;
    }
    ASSERT_TRUE(intake) << file << ": " << intake.error().detail;
    // Metadata that is an object but has not what it needs is the server's to
    // refuse, as are bad events: `invalid-metadata`, `invalid-event` and so on.
    auto lines = split_lines(body);
    ASSERT_FALSE(lines.empty()) << file;
    EXPECT_EQ(intake.value().metadata.view(), lines[0]) << file;
    EXPECT_EQ(split_lines(intake.value().events.view()),
              std::vector<std::string_view>(lines.begin() + 1, lines.end()))
        << file;
    EXPECT_EQ(intake.value().lines, lines.size() - 1) << file;
    ++passed;
  }
  EXPECT_EQ(passed, 19u); // of 20 files
}

TEST(intake_scan, every_event_comes_out_whatever_the_body) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 5'000; ++i) { // about 30 ms
    std::string body{metadata};
    body += '\n' + test::random_text(random, 80);
    auto intake = scan(body);
    ASSERT_TRUE(intake);
    auto& parts = intake.value();
    auto lines = split_lines(body);
    ASSERT_EQ(parts.lines, lines.size() - 1);
    ASSERT_EQ(split_lines(parts.events.view()),
              std::vector<std::string_view>(lines.begin() + 1, lines.end()));
    // What has the right form stays as it is.
    auto again =
        scan(std::string{metadata} + "\n" + std::string{parts.events.view()});
    ASSERT_EQ(again.value().events.view(), parts.events.view());
    ASSERT_TRUE(parts.events.empty() || parts.events.view().back() == '\n');
  }
}

TEST(intake_scan, any_text_is_survived) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 20'000; ++i) { // about 50 ms
    std::string text = test::random_text(random, 60);
    auto intake = scan(text);
    ASSERT_TRUE(!intake || split_lines(text).empty());
    (void)kind_of(text);
    (void)whole_lines(text);
  }
}

TEST(intake_scan, lines_and_whole_lines) {
  using views = std::vector<std::string_view>;
  EXPECT_EQ(split_lines(""), views{});
  EXPECT_EQ(split_lines("a\r\n\n b \nc"), (views{"a", " b ", "c"}));
  EXPECT_EQ(whole_lines(""), "");
  EXPECT_EQ(whole_lines("abc"), "");
  EXPECT_EQ(whole_lines("a\nb\nc"), "a\nb\n");
  EXPECT_EQ(whole_lines("a\n"), "a\n");
}

} // namespace
} // namespace apm

// Tests of log.hpp. Source of the members: Elastic Common Schema, ecs-logging.
// RapidJSON's strict parser judges the lines.
#include "runtime/log/log.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cmath>
#include <limits>

namespace apm {
namespace {

/// 2026-11-22T12:00:00.123Z.
class still_clock final : public clock {
public:
  steady_time monotonic{};

  steady_time now() const noexcept override { return monotonic; }
  wall_ms wall() const noexcept override { return 1'795'348'800'123; }
};

/// A log and the lines it wrote.
struct written {
  explicit written(log_level least = log_level::trace)
      : to(time, least,
           [this](std::string_view line) { lines.emplace_back(line); }) {}

  still_clock time;
  std::vector<std::string> lines;
  log to;
};

/// Reads a line as what a log shipper takes it for: one JSON object in UTF-8.
rapidjson::Document read(const std::string& line) {
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line, ended";
  rapidjson::Document json;
  json.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
  EXPECT_FALSE(json.HasParseError()) << line;
  EXPECT_TRUE(json.IsObject()) << line;
  if (!json.IsObject())
    json.SetObject();
  return json;
}

std::string text(const rapidjson::Document& json, const char* name) {
  const auto member = json.FindMember(name);
  if (member == json.MemberEnd() || !member->value.IsString())
    return "(no text)";
  return {member->value.GetString(), member->value.GetStringLength()};
}

TEST(log, writes_ecs_lines) {
  written out;
  out.to.warn("a message");
  ASSERT_EQ(out.lines.size(), 1U);
  const auto json = read(out.lines[0]);
  EXPECT_EQ(text(json, "@timestamp"), "2026-11-22T12:00:00.123Z");
  EXPECT_EQ(text(json, "log.level"), "warn");
  EXPECT_EQ(text(json, "message"), "a message");
  EXPECT_EQ(text(json, "ecs.version"), "1.6.0");
  EXPECT_EQ(text(json, "service.name"), "apm-lambda-extension");
  EXPECT_EQ(text(json, "event.dataset"), "apm-lambda-extension");
  EXPECT_EQ(json.MemberCount(), 6U);
  // ecs-logging's specification: these come first, for people's eyes.
  EXPECT_EQ(out.lines[0].find(R"({"@timestamp":)"), 0U);
}

TEST(log, writes_fields_of_every_type) {
  written out;
  const std::string owned = "owned";
  out.to.info("m", {{"text", "literal"},
                    {"owned", owned},
                    {"view", std::string_view{"view"}},
                    {"yes", true},
                    {"int", -1},
                    {"int64", std::numeric_limits<int64_t>::min()},
                    {"uint64", uint64_t{1} << 62},
                    {"double", 1.25}});
  const auto json = read(out.lines.at(0));
  EXPECT_EQ(text(json, "text"), "literal");
  EXPECT_EQ(text(json, "owned"), "owned");
  EXPECT_EQ(text(json, "view"), "view");
  ASSERT_EQ(json.MemberCount(), 6U + 8U);
  EXPECT_TRUE(json["yes"].GetBool());
  EXPECT_EQ(json["int"].GetInt(), -1);
  EXPECT_EQ(json["int64"].GetInt64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(json["uint64"].GetInt64(), int64_t{1} << 62);
  EXPECT_EQ(json["double"].GetDouble(), 1.25);
}

// What agents and servers send ends up in messages: any bytes at all.
TEST(log, writes_one_sound_line_whatever_is_in_it) {
  written out;
  const std::string odd{"quote \" slash \\ newline \n nul \0 del \x7F", 37};
  out.to.error(odd, {{"field", odd}});
  const auto json = read(out.lines.at(0));
  EXPECT_EQ(text(json, "message"), odd);
  EXPECT_EQ(text(json, "field"), odd);
  for (const std::string bad :
       {"\xFF", "cut \xE2\x82", "\xC0\x80", "\xED\xA0\x80", "ok \x80 ok"}) {
    out.lines.clear();
    out.to.error(bad, {{"field", bad}});
    read(out.lines.at(0));
  }
}

TEST(log, writes_a_sound_line_for_numbers_that_are_none) {
  for (const double odd : {std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity(), 1e300}) {
    written out;
    out.to.info("m", {{"number", odd}, {"after", 1}});
    const auto json = read(out.lines.at(0));
    ASSERT_TRUE(json.HasMember("after"));
    EXPECT_TRUE(json.HasMember("number"));
  }
}

constexpr log_level levels[] = {
    log_level::trace, log_level::debug, log_level::info,
    log_level::warn,  log_level::error, log_level::critical,
};

TEST(log, writes_what_is_at_least_of_its_level) {
  for (const auto least : levels) {
    written out{least};
    for (const auto level : levels) {
      out.lines.clear();
      out.to.write(level, "m");
      EXPECT_EQ(out.lines.size(), level >= least ? 1U : 0U)
          << to_string(level) << " at " << to_string(least);
      EXPECT_EQ(out.to.writes(level), level >= least);
    }
  }
}

TEST(log, is_silent_when_off) {
  written out{log_level::off};
  for (const auto level : levels)
    out.to.write(level, "m");
  out.to.write(log_level::off, "m");
  EXPECT_TRUE(out.lines.empty());
  written all;
  all.to.write(log_level::off, "m");
  EXPECT_TRUE(all.lines.empty()) << "off is no level of a message";
}

// A secret may come back in what a server or a library says.
TEST(log, never_writes_what_is_hidden) {
  written out;
  out.to.hide("api-key-value");
  out.to.error("refused api-key-value of https://me:pass-word@h:8200/intake",
               {{"detail", "proxy http://me:pass-word@p: api-key-value"}});
  ASSERT_EQ(out.lines.size(), 1U);
  for (const auto* secret : {"api-key-value", "pass-word", "me:"})
    EXPECT_EQ(out.lines[0].find(secret), std::string::npos) << out.lines[0];
  const auto json = read(out.lines[0]);
  EXPECT_EQ(text(json, "message"), "refused *** of https://h:8200/intake");
  EXPECT_EQ(text(json, "detail"), "proxy http://p: ***");
}

std::vector<std::string> messages(const written& out) {
  std::vector<std::string> result;
  for (const auto& line : out.lines)
    result.push_back(text(read(line), "message"));
  return result;
}

TEST(log, counts_repeats_instead_of_writing_them) {
  written out;
  for (int i = 0; i < 9; ++i)
    out.to.warn("no answer", {{"attempt", i}});
  EXPECT_EQ(out.lines.size(), 5U) << "as repeat_limits says";
  out.to.error("no answer");
  EXPECT_EQ(out.lines.size(), 6U) << "another level is another message";
  out.lines.clear();
  out.time.monotonic += std::chrono::minutes{1};
  out.to.debug("next");
  EXPECT_EQ(messages(out),
            (std::vector<std::string>{"repeated 4 times: no answer", "next"}));
  const auto json = read(out.lines.at(0));
  EXPECT_EQ(text(json, "log.level"), "warn");
  EXPECT_EQ(json["repeats"].GetInt(), 4);
  out.lines.clear();
  out.to.warn("no answer");
  EXPECT_EQ(messages(out), (std::vector<std::string>{"no answer"}))
      << "a new window";
}

TEST(log, tells_of_repeats_at_the_end) {
  written out;
  for (int i = 0; i < 7; ++i)
    out.to.info("held back");
  out.lines.clear();
  out.to.settle();
  EXPECT_EQ(messages(out),
            (std::vector<std::string>{"repeated 2 times: held back"}));
  out.lines.clear();
  out.to.settle();
  EXPECT_TRUE(out.lines.empty());
}

TEST(log, does_not_limit_what_is_there_to_be_complete) {
  written out;
  for (int i = 0; i < 100; ++i)
    out.to.debug("invocation over");
  EXPECT_EQ(out.lines.size(), 100U);
}

TEST(log, has_a_function_for_the_levels_in_use) {
  written out;
  out.to.debug("m");
  out.to.info("m");
  out.to.warn("m");
  out.to.error("m");
  std::vector<std::string> names;
  for (const auto& line : out.lines)
    names.push_back(text(read(line), "log.level"));
  EXPECT_EQ(names,
            (std::vector<std::string>{"debug", "info", "warn", "error"}));
}

// The README's table: the names of ELASTIC_APM_LOG_LEVEL.
TEST(log_level, reads_its_names) {
  for (const auto level : levels) {
    const auto parsed = parse_log_level(to_string(level));
    ASSERT_TRUE(parsed) << to_string(level);
    EXPECT_EQ(parsed.value(), level);
  }
  EXPECT_EQ(parse_log_level("off").value(), log_level::off);
  EXPECT_EQ(parse_log_level("warning").value(), log_level::warn);
  EXPECT_EQ(to_string(log_level::warn), "warn");
  for (const auto* none : {"", "INFO", "fatal", "warn ", "0"}) {
    const auto parsed = parse_log_level(none);
    ASSERT_FALSE(parsed) << none;
    EXPECT_EQ(parsed.error().code, errc::bad_value);
    EXPECT_NE(parsed.error().detail.find("critical"), std::string::npos)
        << "it lists the names";
  }
}

} // namespace
} // namespace apm

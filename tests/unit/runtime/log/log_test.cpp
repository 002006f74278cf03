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
  steady_time now() const noexcept override { return {}; }
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
  EXPECT_EQ(json.MemberCount(), 4U);
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
  ASSERT_EQ(json.MemberCount(), 4U + 8U);
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

// compatibility.md §1: the names of ELASTIC_APM_LOG_LEVEL.
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

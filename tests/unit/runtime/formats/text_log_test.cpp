// Tests of text_log.hpp: the front of a line as each runtime writes it, and
// lines that only look so.
#include "runtime/formats/ascii.hpp"
#include "runtime/formats/text_log.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

// As in tests/data/agent-captures/cold.
#define UUID "2a5f637b-0fa3-4889-b231-f366649eb9de"
#define TIME "2026-11-22T11:58:28.123Z"

struct text_case {
  std::string_view message;
  std::string_view level;
  std::string_view request_id;
  bool is_certain;
};

TEST(text_log, fronts) {
  constexpr text_case cases[] = {
      // Node.js
      {TIME "\t" UUID "\tINFO\thello", "info", UUID, true},
      {TIME "\t" UUID "\tERROR\ttwo\ttabs", "error", UUID, true},
      {TIME "\tundefined\tWARN\tinit", "warn", "", false},
      {TIME "\tr1\tINFO\thello", "info", "r1", false},
      {TIME "\t" UUID "\tHELLO\tx", "", UUID, false},
      {TIME "\t" UUID "\t\tx", "", UUID, false},
      // .NET
      {TIME "\t" UUID "\tfail\tx", "error", UUID, true},
      {TIME "\t" UUID "\tcrit\tx", "critical", UUID, true},
      {TIME "\t" UUID "\tdbug\tx", "debug", UUID, true},
      {TIME "\t" UUID "\ttrce\tx", "trace", UUID, true},
      // Python
      {"[INFO]\t" TIME "\t" UUID "\thello", "info", UUID, true},
      {"[WARNING]\t2026-11-22T11:58:28.5Z\t" UUID "\thello", "warning", UUID,
       true},
      {"[ERROR]\t" TIME "\t\tinit", "error", "", false},
      {"[ERROR] KeyError: 'x'\nTraceback (most recent call last):", "error", "",
       false},
      {"[CRITICAL]\tnot a time\tr1\tx", "critical", "r1", false},
      // Java
      {"[FATAL] no more", "fatal", "", false},
      {"[INFO]", "info", "", false},
      {"2026-11-22 11:58:28 " UUID " INFO  Handler:30 - x", "info", UUID, true},
      {"2026-11-22 11:58:28 " UUID " x y", "", UUID, true},
      {"2026-11-22 11:58:28 nothing INFO x", "", "", false},
      // only a guess
      {"a\tb\tc", "", "b", false},
      {"a\tb\t", "", "b", false},
      {"not a time\t" UUID "\tINFO\tx", "", UUID, false},
      // nothing
      {"a\t\tb", "", "", false},
      {"a\tb", "", "", false},
      {"\t", "", "", false},
      {"a b c d e", "", "", false},
      {"[", "", "", false},
      {"[]", "", "", false},
      {"[1, 2, 3]", "", "", false},
      {"[my tag] x", "", "", false},
      {"INFO hello", "", "", false},
      {"", "", "", false},
  };
  for (auto& x : cases) {
    const auto log = read_text_log(x.message);
    EXPECT_EQ(log.level, x.level) << x.message;
    EXPECT_EQ(log.request_id, x.request_id) << x.message;
    EXPECT_EQ(log.is_request_certain, x.is_certain) << x.message;
  }
}

TEST(text_log, only_the_front_is_looked_at) {
  const std::string far(300, ' ');
  EXPECT_EQ(read_text_log(far + "[INFO] x").level, "");
  EXPECT_EQ(read_text_log(std::string(300, 'a') + "\tb\tc").request_id, "");
}

TEST(text_log, levels) {
  EXPECT_EQ(level_of("WARN"), "warn");
  EXPECT_EQ(level_of("Information"), "info");
  EXPECT_EQ(level_of("HELLO"), "");
  EXPECT_EQ(level_of(""), "");
  EXPECT_EQ(lower_case("Ünd ABCxyz"), "Ünd abcxyz");
}

} // namespace
} // namespace apm

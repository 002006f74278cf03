// How far long work is: what is shown, when, and to whom.
#include "tools/flushtrace/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace flushtrace {
namespace {

int64_t now_ms = 0;

int64_t read_now() {
  return now_ms;
}

TEST(progress_test, shows_long_work_alone) {
  std::ostringstream text;
  now_ms = 1000;
  progress shown{text, true, read_now};
  now_ms = 1499;
  shown.step("reading file", 1, 3);
  EXPECT_EQ(text.str(), "");
  now_ms = 1500;
  shown.step("reading file", 2, 3);
  EXPECT_EQ(text.str(), "\rreading file 2 of 3\033[K");
  now_ms = 1550; // not ten times a second
  shown.step("reading file", 3, 3);
  EXPECT_EQ(text.str(), "\rreading file 2 of 3\033[K");
}

TEST(progress_test, takes_its_line_away) {
  std::ostringstream text;
  now_ms = 0;
  {
    progress shown{text, true, read_now};
    now_ms = 600;
    shown.step("record", 1, 2);
    shown.clear();
    EXPECT_EQ(text.str(), "\rrecord 1 of 2\033[K\r\033[K");
    now_ms = 800;
    shown.step("record", 2, 2);
  }
  EXPECT_EQ(text.str().substr(text.str().size() - 4), "\r\033[K");
}

TEST(progress_test, shows_nothing_where_nobody_looks) {
  std::ostringstream text;
  now_ms = 0;
  progress shown{text, false, read_now};
  now_ms = 10'000;
  shown.step("record", 1, 2);
  shown.clear();
  EXPECT_EQ(text.str(), "");
}

} // namespace
} // namespace flushtrace

// Words of segments: they come back, damaged ones are refused, and the table is
// that of the format's description, for ever.
#include "runtime/trace/words.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace apm::trace {
namespace {

TEST(words, come_back) {
  for (const std::string text :
       {"", "plain", "timer_set {ut}", "\xFE", "\xFE\xFF\xFEtimer",
        "ELASTIC_APM_LAMBDA_TRACE=all and ELASTIC_APM_LAMBDA_",
        "tracertracer"}) {
    const auto packed = put_words_aside(text);
    const auto again = put_words_back(packed, 1 << 20);
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(again.value(), text);
  }
}

TEST(words, take_two_bytes) {
  for (size_t i = 0; i < segment_words(); ++i) {
    const auto packed = put_words_aside(std::string{segment_word(i)});
    EXPECT_EQ(packed.size(), 2U) << segment_word(i);
    EXPECT_EQ(static_cast<unsigned char>(packed[1]), i) << segment_word(i);
  }
}

TEST(words, that_are_in_no_table_are_refused) {
  for (const std::string text : {"\xFE", "a\xFE\xFE", "\xFE\xF0"})
    EXPECT_FALSE(put_words_back(text, 1 << 20));
}

TEST(words, keep_to_the_bound) {
  std::string bomb;
  for (int i = 0; i < 1000; ++i)
    bomb += std::string{"\xFE\0", 2};
  EXPECT_FALSE(put_words_back(bomb, 10'000));
  EXPECT_TRUE(put_words_back(bomb, 100'000));
  EXPECT_FALSE(put_words_back(std::string(11, 'x'), 10)) << "without any word";
}

TEST(words, are_those_of_the_description) {
  std::ifstream file{APM_TRACE_DIR "/FORMAT.md"};
  std::vector<std::string> words;
  std::string line;
  while (std::getline(file, line) && line != "## Words")
    ;
  while (std::getline(file, line) && line != "```")
    ;
  while (std::getline(file, line) && line != "```")
    words.push_back(line);
  ASSERT_EQ(words.size(), segment_words());
  for (size_t i = 0; i < words.size(); ++i)
    EXPECT_EQ(words[i], segment_word(i)) << i;
  EXPECT_LT(words.size(), 255U);
  EXPECT_EQ(segment_word(words.size()), "");
}

} // namespace
} // namespace apm::trace

// Tests of spill_format.hpp: what is written is read, and what is torn,
// foreign or damaged is left out and counted, at every byte.
#include "runtime/formats/spill_format.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

bytes text(std::string x) {
  return bytes{std::move(x)};
}

const std::vector<spilled_lines> sample{
    {text("{\"metadata\":{}}"), "agent/1", 3, 2, text("{\"span\":1}\nx\n")},
    {text(""), "", 0, 1, text("{\"log\":{}}\n")},
};

size_t record_size(const spilled_lines& x) {
  return 8 + 13 + x.metadata.size() + x.user_agent.size() + x.lines.size();
}

void expect_same(const spilled_lines& x, const spilled_lines& y) {
  EXPECT_EQ(x.metadata, y.metadata);
  EXPECT_EQ(x.user_agent, y.user_agent);
  EXPECT_EQ(x.value, y.value);
  EXPECT_EQ(x.count, y.count);
  EXPECT_EQ(x.lines, y.lines);
}

TEST(spill_format, reads_what_was_written) {
  const auto found = read_spill("orders", write_spill("orders", sample));
  ASSERT_EQ(found.content.size(), 2U);
  expect_same(found.content[0], sample[0]);
  expect_same(found.content[1], sample[1]);
  EXPECT_EQ(found.ignored_bytes, 0U);
  EXPECT_EQ(found.problem, "");
  EXPECT_TRUE(read_spill("", write_spill("", {})).content.empty());
}

TEST(spill_format, copies_no_lines) {
  const auto parts = write_spill_parts("orders", sample);
  std::string whole;
  for (const auto& part : parts)
    whole += part.view();
  EXPECT_EQ(read_spill("orders", whole).content.size(), 2U);
  for (const auto& x : sample)
    EXPECT_TRUE(std::any_of(parts.begin(), parts.end(), [&](const bytes& part) {
      return part.view().data() == x.lines.view().data();
    }));
}

TEST(spill_format, keeps_the_whole_records_of_a_torn_file) {
  const auto whole = write_spill("orders", sample);
  const auto first_end = whole.size() - record_size(sample[1]);
  const auto records = first_end - record_size(sample[0]);
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto found =
        read_spill("orders", std::string_view{whole}.substr(0, size));
    EXPECT_EQ(found.content.size(), size < first_end ? 0U : 1U) << size;
    const auto kept = size < records     ? 0
                      : size < first_end ? records
                                         : first_end;
    EXPECT_EQ(found.ignored_bytes, size - kept) << size;
    EXPECT_EQ(found.problem.empty(), size == records || size == first_end);
  }
}

TEST(spill_format, believes_no_damaged_byte) {
  const auto whole = write_spill("orders", sample);
  for (size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] ^= 0x20;
    const auto found = read_spill("orders", damaged);
    EXPECT_LT(found.content.size(), 2U) << at;
    EXPECT_GT(found.ignored_bytes, 0U) << at;
    EXPECT_NE(found.problem, "") << at;
    if (!found.content.empty())
      expect_same(found.content[0], sample[0]);
  }
}

TEST(spill_format, takes_no_lines_of_another_function) {
  const auto found = read_spill("billing", write_spill("orders", sample));
  EXPECT_TRUE(found.content.empty());
  EXPECT_EQ(found.problem, "it is another function's");
  EXPECT_EQ(read_spill("orders", "#!/bin/sh\n").problem, "it is no spill file");
}

TEST(spill_format, takes_no_record_that_could_not_be_sent) {
  const auto has_any = [](spilled_lines x) {
    return !read_spill("", write_spill("", {std::move(x)})).content.empty();
  };
  auto x = sample[0];
  EXPECT_TRUE(has_any(x));
  x.value = 4;
  EXPECT_FALSE(has_any(x)) << "no such value";
  x = sample[0];
  x.count = 3;
  EXPECT_FALSE(has_any(x)) << "another number of lines";
  x = sample[0];
  x.lines = text("a\nb");
  EXPECT_FALSE(has_any(x)) << "not ended";
  x = sample[0];
  x.metadata = text("a\nb");
  EXPECT_FALSE(has_any(x)) << "two lines of metadata";
}

} // namespace
} // namespace apm

// Tests of spill_folder.hpp, in a folder of their own.
#include "runtime/spill/spill_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace apm {
namespace {

namespace fs = std::filesystem;

/// Far more than a test writes.
constexpr spill_limits wide{1 << 20, 1 << 20, 1 << 20};

/// What the smallest file takes.
constexpr uint64_t block = 4096;

class spill_folder_test : public testing::Test {
protected:
  spill_folder_test() {
    std::string name = testing::TempDir() + "spill-XXXXXX";
    parent_ = ::mkdtemp(name.data());
  }

  ~spill_folder_test() override { fs::remove_all(parent_); }

  bool is_parent_empty() const { return fs::is_empty(parent_); }

  fs::path place(const std::string& name = {}) const {
    return fs::path{parent_} / "apm-lambda-extension.spill" / name;
  }

  void put(const std::string& name, const std::string& text) const {
    fs::create_directory(place());
    std::ofstream{place(name)} << text;
  }

  std::string parent_;
};

TEST_F(spill_folder_test, gives_back_the_oldest_once) {
  spill_folder folder{parent_, wide};
  const auto first = folder.write("older", 1, false);
  const auto second = folder.write("newer", 1, true);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(folder.files(), 2U);
  auto taken = folder.take_oldest();
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->text, "older");
  EXPECT_EQ(taken->number, first.value());
  EXPECT_EQ(folder.take_oldest()->text, "newer");
  EXPECT_FALSE(folder.take_oldest());
  EXPECT_TRUE(is_parent_empty()) << "nothing is left in /tmp";
}

TEST_F(spill_folder_test, writes_what_comes_in_parts) {
  spill_folder folder{parent_, wide};
  const std::vector<std::string_view> parts{"one ", "", "file"};
  ASSERT_TRUE(folder.write(parts, 1, false));
  EXPECT_EQ(folder.take_oldest()->text, "one file");
}

TEST_F(spill_folder_test, the_next_process_goes_on_where_one_ended) {
  {
    spill_folder ended{parent_, wide};
    for (int i = 0; i < 11; ++i) // 10 is after 9, as it is a number
      ASSERT_TRUE(ended.write(std::to_string(i), 1, false));
  }
  spill_folder folder{parent_, wide};
  EXPECT_EQ(folder.files(), 11U);
  ASSERT_TRUE(folder.write("11", 1, false));
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(folder.take_oldest()->text, std::to_string(i));
}

TEST_F(spill_folder_test, knows_how_many_lines_an_earlier_process_has_left) {
  {
    spill_folder ended{parent_, wide};
    ASSERT_TRUE(ended.write("a", 3, false));
    ASSERT_TRUE(ended.write("b", 40, true));
    EXPECT_EQ(ended.earlier_lines(), 0U) << "they are its own";
  }
  spill_folder folder{parent_, wide};
  ASSERT_TRUE(folder.write("c", 500, false));
  EXPECT_EQ(folder.earlier_lines(), 43U);
  folder.take_oldest();
  EXPECT_EQ(folder.earlier_lines(), 40U);
}

TEST_F(spill_folder_test, looks_without_making_anything) {
  spill_folder folder{parent_, wide};
  EXPECT_FALSE(folder.take_oldest());
  EXPECT_GT(folder.room_bytes(), 0U);
  EXPECT_EQ(folder.files(), 0U);
  EXPECT_TRUE(is_parent_empty());
}

TEST_F(spill_folder_test, is_its_owners_alone) {
  spill_folder folder{parent_, wide};
  const auto number = folder.write("text", 1, false);
  ASSERT_TRUE(number);
  struct stat facts {};
  ASSERT_EQ(::stat(place().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
  ASSERT_EQ(
      ::stat(place(std::to_string(number.value()) + ".1").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(spill_folder_test, is_bounded_in_all) {
  spill_folder folder{parent_, {2 * block, block, block}};
  EXPECT_EQ(folder.room_bytes(), 2 * block);
  EXPECT_TRUE(folder.write("1", 1, false));
  EXPECT_EQ(folder.room_bytes(), block) << "a file takes a block";
  EXPECT_TRUE(folder.write(std::string(block, '2'), 1, false));
  EXPECT_EQ(folder.room_bytes(), 0U);
  EXPECT_EQ(folder.write("3", 1, false).error().code, errc::too_large);
  EXPECT_TRUE(folder.write("3", 1, true)) << "the end has room of its own";
  EXPECT_EQ(folder.write("4", 1, true).error().code, errc::too_large);
  folder.take_oldest();
  folder.take_oldest();
  EXPECT_EQ(folder.room_bytes(), block);
}

TEST_F(spill_folder_test, is_bounded_in_each_file_both_ways) {
  put("1.1", "12345");
  spill_folder folder{parent_, {block, block, 4}};
  EXPECT_EQ(folder.write("12345", 1, true).error().code, errc::too_large);
  const auto taken = folder.take_oldest();
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->text, "");
  EXPECT_EQ(taken->problem, "is longer than any that we write");
  EXPECT_TRUE(is_parent_empty()) << "it is wrong only once";
}

TEST_F(spill_folder_test, leaves_the_disk_to_the_function) {
  struct stat facts {};
  ASSERT_EQ(::stat(parent_.c_str(), &facts), 0);
  spill_folder folder{parent_, {UINT64_MAX / 2, 0, 0}};
  const auto free_bytes = fs::space(parent_).available;
  const auto room = folder.room_bytes();
  EXPECT_GT(room, 0U);
  // Others use the same disk meanwhile, but not a quarter of it.
  EXPECT_LT(room, free_bytes / 2);
}

TEST_F(spill_folder_test, survives_one_that_was_killed_as_it_wrote) {
  put("7.1.new", "half");
  put("6.1", "whole");
  spill_folder folder{parent_, wide};
  const auto unfinished = folder.take_oldest();
  ASSERT_TRUE(unfinished);
  EXPECT_EQ(unfinished->problem, "was not finished");
  EXPECT_EQ(unfinished->bytes, 4U);
  EXPECT_EQ(folder.take_oldest()->text, "whole");
  EXPECT_TRUE(is_parent_empty());
}

TEST_F(spill_folder_test, keeps_off_what_is_not_ours) {
  for (const auto* name : {"x", "1", "01.1", "-1.1", "1.x", "1.1x", "1.01",
                           "1.-1", ".1", "1.", "99999999999999999999.1", "0.1"})
    put(name, "another's");
  spill_folder folder{parent_, wide};
  EXPECT_FALSE(folder.take_oldest());
  ASSERT_TRUE(folder.write("ours", 1, false));
  EXPECT_EQ(folder.take_oldest()->text, "ours");
  EXPECT_TRUE(fs::exists(place("x")));
}

TEST_F(spill_folder_test, follows_no_link) {
  const auto other = parent_ + "/other";
  std::ofstream{other} << "another's";
  fs::create_directory(place());
  fs::create_symlink(other, place("1.1"));
  fs::create_symlink(other, place("2.1.new"));
  spill_folder folder{parent_, wide};
  EXPECT_EQ(folder.take_oldest()->problem, "was not finished");
  EXPECT_NE(folder.take_oldest()->problem, "");
  EXPECT_FALSE(fs::exists(place())) << "the links are gone";
  // A link in place of the folder.
  fs::create_directory(parent_ + "/elsewhere");
  fs::create_symlink(parent_ + "/elsewhere", place().parent_path());
  EXPECT_FALSE(folder.write("text", 1, false));
  ASSERT_TRUE(folder.write("ours", 1, false)) << "it is wrong only once";
  EXPECT_TRUE(fs::is_empty(parent_ + "/elsewhere"));
  std::string untouched;
  std::getline(std::ifstream{other} >> std::ws, untouched);
  EXPECT_EQ(untouched, "another's");
}

TEST_F(spill_folder_test, waits_for_no_writer_of_a_pipe) {
  fs::create_directory(place());
  ASSERT_EQ(::mkfifo(place("1.1").c_str(), 0600), 0);
  spill_folder folder{parent_, wide};
  EXPECT_EQ(folder.take_oldest()->problem, "is no plain file of ours");
  EXPECT_TRUE(is_parent_empty());
}

TEST_F(spill_folder_test, survives_a_function_that_empties_tmp) {
  spill_folder folder{parent_, wide};
  const auto number = folder.write("text", 1, false);
  ASSERT_TRUE(number);
  fs::remove_all(place());
  const auto taken = folder.take_oldest();
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->number, number.value());
  EXPECT_NE(taken->problem, "");
  ASSERT_TRUE(folder.write("text", 1, false));
  EXPECT_EQ(folder.take_oldest()->text, "text");
}

TEST_F(spill_folder_test, says_where_it_cannot_be) {
  spill_folder folder{parent_ + "/missing", wide};
  EXPECT_EQ(folder.room_bytes(), 0U);
  EXPECT_FALSE(folder.write("text", 1, false));
  EXPECT_FALSE(folder.take_oldest());
}

} // namespace
} // namespace apm

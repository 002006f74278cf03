// Tests of spill_file.hpp, in a folder of their own.
#include "runtime/spill/spill_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace apm {
namespace {

class spill_file_test : public testing::Test {
protected:
  spill_file_test() {
    std::string name = testing::TempDir() + "spill-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }

  ~spill_file_test() override { std::filesystem::remove_all(folder_); }

  /// Writes a text in parts of two bytes.
  static result<void> write(const spill_file& file, std::string text) {
    return file.write([&] {
      const auto part = text.substr(0, 2);
      text.erase(0, 2);
      return part;
    });
  }

  /// All of it, in parts of two bytes.
  static std::string taken(const spill_file& file) {
    auto left = file.take();
    if (!left)
      return "error: " + left.error().detail;
    std::string text;
    while (text.size() < left.value().size())
      text += left.value().read(2);
    return text;
  }

  size_t files() const {
    const std::filesystem::directory_iterator all{folder_};
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  std::string folder_;
};

TEST_F(spill_file_test, is_taken_once) {
  const spill_file file{folder_, 100};
  ASSERT_TRUE(write(file, "older"));
  ASSERT_TRUE(write(file, "newer"));
  EXPECT_EQ(taken(file), "newer");
  EXPECT_EQ(taken(file), "");
  EXPECT_EQ(files(), 0U);
}

TEST_F(spill_file_test, is_its_owners_alone) {
  const spill_file file{folder_, 100};
  ASSERT_TRUE(write(file, "text"));
  struct stat facts {};
  ASSERT_EQ(::stat(file.path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(spill_file_test, is_bounded_both_ways) {
  const spill_file small{folder_, 4};
  EXPECT_EQ(write(small, "12345").error().code, errc::too_large);
  EXPECT_EQ(files(), 0U);
  ASSERT_TRUE(write(spill_file{folder_, 5}, "12345"));
  EXPECT_EQ(small.take().error().code, errc::too_large);
  EXPECT_EQ(files(), 0U) << "it is wrong only once";
}

TEST_F(spill_file_test, survives_one_that_was_killed) {
  const spill_file file{folder_, 100};
  std::ofstream{file.path() + ".new"} << "half";
  EXPECT_EQ(taken(file), "");
  EXPECT_EQ(files(), 0U) << "the room in /tmp is the function's";
  std::ofstream{file.path() + ".new"} << "half";
  ASSERT_TRUE(write(file, "whole"));
  EXPECT_EQ(taken(file), "whole");
  EXPECT_EQ(files(), 0U);
}

TEST_F(spill_file_test, follows_no_link) {
  const spill_file file{folder_, 100};
  const auto other = folder_ + "/other";
  std::ofstream{other} << "another's";
  ASSERT_EQ(::symlink(other.c_str(), file.path().c_str()), 0);
  EXPECT_EQ(file.take().error().code, errc::io);
  EXPECT_EQ(files(), 1U) << "the link is gone";
  ASSERT_EQ(::symlink(other.c_str(), (file.path() + ".new").c_str()), 0);
  ASSERT_TRUE(write(file, "ours"));
  std::string untouched;
  std::getline(std::ifstream{other} >> std::ws, untouched);
  EXPECT_EQ(untouched, "another's");
}

TEST_F(spill_file_test, waits_for_no_writer_of_a_pipe) {
  const spill_file file{folder_, 100};
  ASSERT_EQ(::mkfifo(file.path().c_str(), 0600), 0);
  EXPECT_EQ(file.take().error().code, errc::io);
  EXPECT_EQ(files(), 0U);
}

TEST_F(spill_file_test, says_where_it_cannot_be) {
  const spill_file file{folder_ + "/missing", 100};
  EXPECT_EQ(write(file, "text").error().code, errc::io);
  EXPECT_EQ(taken(file), "") << "nothing was left there";
}

} // namespace
} // namespace apm

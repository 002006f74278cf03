// Tests of held_file.hpp, in a folder of their own. A process that is killed
// is a `held_file` that is not closed.
#include "runtime/spill/held_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace apm {
namespace {

constexpr held_figures none{};
constexpr held_figures some{3, 400, 2, 1, 5};

class held_file_test : public testing::Test {
protected:
  held_file_test() {
    std::string name = testing::TempDir() + "held-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }

  ~held_file_test() override { std::filesystem::remove_all(folder_); }

  /// One that is killed right after it has kept that.
  void kill_with(const held_figures& x) const {
    held_file file{folder_, "orders"};
    file.open();
    file.keep(x);
  }

  held_figures found(const std::string& owner = "orders") const {
    return held_file{folder_, owner}.open();
  }

  bool is_there() const { return std::filesystem::exists(path_of()); }

  std::string path_of() const { return held_file{folder_, "orders"}.path(); }

  std::string folder_;
};

TEST_F(held_file_test, tells_what_a_killed_process_held_last) {
  EXPECT_EQ(found(), none);
  kill_with({9, 9, 9, 9});
  kill_with(some);
  EXPECT_EQ(found(), some);
}

TEST_F(held_file_test, keeps_what_was_found_until_there_is_news) {
  kill_with(some);
  EXPECT_EQ(found(), some);
  EXPECT_EQ(found(), some) << "who has only looked has told nobody";
  kill_with(none);
  EXPECT_EQ(found(), none);
}

TEST_F(held_file_test, goes_at_an_end_with_nothing_held) {
  held_file file{folder_, "orders"};
  file.open();
  file.keep(some);
  file.keep(none);
  file.close();
  EXPECT_FALSE(is_there());
}

TEST_F(held_file_test, stays_at_an_end_with_something_held) {
  {
    held_file file{folder_, "orders"};
    file.open();
    file.keep(some);
    file.close();
  }
  EXPECT_EQ(found(), (held_figures{3, 400, 2, 1, 0})) << "drops are told";
}

TEST_F(held_file_test, goes_with_drops_that_were_told) {
  held_file file{folder_, "orders"};
  file.open();
  file.keep({0, 0, 0, 0, 5});
  file.close();
  EXPECT_FALSE(is_there());
}

TEST_F(held_file_test, is_another_functions_nothing) {
  kill_with(some);
  EXPECT_EQ(found("payments"), none);
}

TEST_F(held_file_test, is_its_owners_alone) {
  kill_with(some);
  struct stat facts {};
  ASSERT_EQ(::stat(path_of().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(held_file_test, leaves_a_living_process_its_file) {
  held_file living{folder_, "orders"};
  living.open();
  living.keep(some);
  {
    held_file other{folder_, "orders"};
    EXPECT_EQ(other.open(), none);
    other.keep({9, 9, 9, 9});
    other.close();
  }
  living.close();
  EXPECT_EQ(found().lines, some.lines);
}

TEST_F(held_file_test, does_without_where_it_cannot_be) {
  held_file file{folder_ + "/missing", "orders"};
  EXPECT_EQ(file.open(), none);
  file.keep(some);
  file.close();
  ASSERT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(held_file_test, follows_no_link_and_waits_for_no_pipe) {
  const auto other = folder_ + "/other";
  std::ofstream{other} << "another's";
  ASSERT_EQ(::symlink(other.c_str(), path_of().c_str()), 0);
  kill_with(some);
  std::string untouched;
  std::getline(std::ifstream{other} >> std::ws, untouched);
  EXPECT_EQ(untouched, "another's");
  ASSERT_EQ(::unlink(path_of().c_str()), 0);
  ASSERT_EQ(::mkfifo(path_of().c_str(), 0600), 0);
  kill_with(some);
  EXPECT_EQ(found(), none);
}

} // namespace
} // namespace apm

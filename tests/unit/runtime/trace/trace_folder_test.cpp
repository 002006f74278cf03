// Files of traces, on a real disk: rings of this process and of those before,
// segments and their bound.
#include "runtime/trace/ring_file.hpp"
#include "runtime/trace/ring_writer.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/trace_folder.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace apm::trace {
namespace {

constexpr size_t ring_bytes = 64 * 1024;

struct folder_test : ::testing::Test {
  folder_test() {
    auto name =
        (std::filesystem::temp_directory_path() / "traceXXXXXX").string();
    path = ::mkdtemp(name.data());
  }

  ~folder_test() override { std::filesystem::remove_all(path); }

  bool exists(const std::string& file) const {
    return std::filesystem::exists(file);
  }

  std::string path;
};

TEST_F(folder_test, a_ring_outlives_its_process) {
  const auto child = ::fork();
  if (child == 0) {
    auto file = ring_file::create(path, ring_bytes);
    if (!file)
      ::_exit(1);
    ring_writer ring{file.value().memory(), file.value().bytes(), 5, {}};
    for (int i = 0; i < 10; ++i)
      ring.append({record_kind::born, {}, 0, i, "x"});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto next = ring_file::create(path, ring_bytes);
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_EQ(next.value().path(), ring_path(path));
  const trace_folder folder{path, ring_bytes};
  auto left = folder.take_left();
  ASSERT_TRUE(left);
  ASSERT_TRUE(left.value());
  EXPECT_EQ(left.value()->records.size(), 10U);
  EXPECT_FALSE(left.value()->process.is_ended);
  EXPECT_FALSE(exists(left_ring_path(path)));
  left = folder.take_left();
  ASSERT_TRUE(left);
  EXPECT_FALSE(left.value()) << "it is taken once";
}

TEST_F(folder_test, a_living_process_keeps_its_ring) {
  const auto first = ring_file::create(path, ring_bytes);
  const auto second = ring_file::create(path, ring_bytes);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_NE(first.value().path(), second.value().path());
  EXPECT_TRUE(exists(first.value().path()));
  EXPECT_FALSE(exists(left_ring_path(path)));
}

TEST_F(folder_test, no_ring_without_a_folder) {
  const auto file = ring_file::create(path + "/none", ring_bytes);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, errc::io);
}

TEST_F(folder_test, a_ring_that_does_not_fit_is_not_made) {
  // More than any disk here has.
  const auto file = ring_file::create(path, size_t{1} << 60);
  ASSERT_FALSE(file);
  EXPECT_FALSE(exists(ring_path(path)));
}

TEST_F(folder_test, a_left_ring_that_is_none_is_removed) {
  std::ofstream{left_ring_path(path)} << "nonsense";
  const trace_folder folder{path, ring_bytes};
  EXPECT_FALSE(folder.take_left());
  EXPECT_FALSE(exists(left_ring_path(path)));
}

TEST_F(folder_test, keeps_segments_in_order) {
  const trace_folder folder{path, 1000};
  ASSERT_TRUE(folder.keep("b", 1'795'348'800'001, 10));
  ASSERT_TRUE(folder.keep("a", 1'795'348'800'001, 9));
  const auto path_of_a = folder.segments().at(0);
  EXPECT_EQ(path_of_a,
            path + "/apm-lambda-extension-01795348800001-0000009.atrc");
  EXPECT_EQ(read_file(path_of_a, 10).value(), "a");
  EXPECT_EQ(folder.segments().size(), 2U);
}

TEST_F(folder_test, the_oldest_segments_make_room) {
  const trace_folder folder{path, 100};
  for (uint64_t event = 1; event <= 5; ++event)
    ASSERT_TRUE(folder.keep(std::string(40, 'x'), 1, event));
  const auto left = folder.segments();
  ASSERT_EQ(left.size(), 2U);
  EXPECT_NE(left[0].find("0000004"), std::string::npos);
  EXPECT_FALSE(folder.keep(std::string(101, 'x'), 1, 6));
  EXPECT_EQ(folder.segments().size(), 2U);
}

TEST_F(folder_test, what_is_no_plain_file_is_not_read) {
  EXPECT_FALSE(read_file(path, 10));
  EXPECT_FALSE(read_file(path + "/none", 10));
  std::ofstream{path + "/long"} << "12345678901";
  const auto found = read_file(path + "/long", 10);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::too_large);
}

} // namespace
} // namespace apm::trace

// Tests of workers.hpp: facts of several processes on one pipe.
#include "tests/unit/lambda-sandbox/function_support.hpp"
#include "tools/lambda-sandbox/function/workers.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

namespace sandbox {
namespace {

using namespace builtin;

/// Runs the workers and returns what they wrote to their pipe.
std::string written_by(int count, const std::function<int(int pipe)>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    return {};
  std::string text;
  std::thread reader{[&] {
    std::array<char, 65536> piece;
    ssize_t size = 0;
    while ((size = read(ends[0], piece.data(), piece.size())) > 0)
      text.append(piece.data(), static_cast<std::size_t>(size));
  }};
  EXPECT_EQ(run_workers(count, [&] { return work(ends[1]); }), 0);
  close(ends[1]);
  reader.join();
  close(ends[0]);
  return text;
}

TEST(workers, their_facts_stay_whole) {
  const process_lock among_workers;
  // More than a pipe takes at once: without the lock they would mix.
  const std::string text(200'000, 'x');
  const auto written = written_by(4, [&](int pipe) {
    fact_writer facts{pipe, &among_workers};
    for (int i = 0; i < 10; ++i)
      facts.error(text);
    return 0;
  });
  std::map<std::int64_t, int> by_process;
  for (std::size_t at = 0; at < written.size();) {
    const auto end = written.find('\n', at);
    const auto fact = json_of_text(written.substr(at, end - at));
    ASSERT_TRUE(fact.IsObject()) << "mixed at " << at;
    ASSERT_EQ(fact["text"].GetStringLength(), text.size());
    ++by_process[fact["process"].GetInt64()];
    at = end + 1;
  }
  EXPECT_EQ(by_process.size(), 4u);
  for (const auto& [process, count] : by_process)
    EXPECT_EQ(count, 10) << process;
}

TEST(workers, one_that_dies_in_the_middle_holds_up_no_other) {
  const process_lock among_workers;
  const auto written = written_by(3, [&](int pipe) {
    among_workers.lock();
    if (write(pipe, "x", 1) == 1)
      std::_Exit(1); // with the lock held
    return 0;
  });
  EXPECT_EQ(written, "xxx");
}

} // namespace
} // namespace sandbox

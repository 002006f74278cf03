// Tests of spill_port.hpp: from one process's SPILL to the next one's, through
// a file.
#include "runtime/ports/spill_port.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {
namespace {

class spill_port_test : public testing::Test {
protected:
  spill_port_test() {
    std::string name = testing::TempDir() + "spill-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }

  /// A process that holds that is killed.
  void kill_with(const held_figures& x) const {
    held_file file{folder_, "orders"};
    file.open();
    file.keep(x);
  }

  ~spill_port_test() override { std::filesystem::remove_all(folder_); }

  spill_actor spawn(const spill_file& file) {
    held_.emplace(folder_, "orders"); // the process before has ended
    return world_.spawn(spill_port,
                        spill_port_setup{&file, &*held_, "orders", &log_});
  }

  /// What the port of a process finds.
  spill_found find(const spill_file& file) {
    spill_found found;
    auto asker =
        world_.spawn([&](spill_sink::pointer) -> spill_sink::behavior_type {
          return {[&](const spill_found& x) { found = x; }};
        });
    caf::send_as(asker, spawn(file), spill_wanted{7});
    world_.settle();
    return found;
  }

  test::loop_world world_;
  std::string folder_;
  std::optional<held_file> held_;
  std::string log_text_;
  log log_{world_.loop().time(), log_level::info,
           [this](std::string_view x) { log_text_ += x; }};
};

const spill_store left{
    {{bytes{std::string{"{}"}}, "a", 2, 1, bytes{std::string{"line\n"}}}}};

TEST_F(spill_port_test, the_next_process_finds_what_one_has_left) {
  const spill_file file{folder_, 1000};
  caf::anon_send(spawn(file), left);
  world_.settle();
  EXPECT_NE(log_text_.find("\"spilled_lines\":1"), std::string::npos)
      << log_text_;
  const auto found = find(file);
  EXPECT_EQ(found.id, 7U);
  ASSERT_EQ(found.content.size(), 1U);
  EXPECT_EQ(found.content[0].lines, left.content[0].lines);
  EXPECT_EQ(found.problem, "");
  EXPECT_TRUE(find(file).content.empty()) << "once";
}

TEST_F(spill_port_test, what_cannot_be_kept_is_told_as_lost) {
  const spill_file file{folder_ + "/missing", 1000};
  caf::anon_send(spawn(file), left);
  world_.settle();
  EXPECT_NE(log_text_.find("\"lost_lines\":1"), std::string::npos) << log_text_;
  EXPECT_EQ(find(file).problem, "");
}

TEST_F(spill_port_test, what_is_torn_is_ignored_and_counted) {
  const spill_file file{folder_, 1000};
  std::ofstream{file.path()} << "APMSPILL";
  const auto found = find(file);
  EXPECT_EQ(found.ignored_bytes, 8U);
  EXPECT_NE(found.problem, "");
}

TEST_F(spill_port_test, what_a_killed_process_held_is_lost) {
  const spill_file file{folder_, 1000};
  kill_with({7, 700, 2, 1, 3});
  EXPECT_EQ(find(file).lost, (held_figures{7, 700, 2, 1, 3}));
}

TEST_F(spill_port_test, what_it_has_left_is_not) {
  const spill_file file{folder_, 1000};
  caf::anon_send(spawn(file), left);
  world_.settle();
  kill_with({1, 5, 0, 0});
  EXPECT_EQ(find(file).lost, held_figures{});
}

TEST_F(spill_port_test, of_more_than_it_has_left_the_rest_is) {
  const spill_file file{folder_, 1000};
  caf::anon_send(spawn(file), left);
  world_.settle();
  kill_with({3, 25, 3, 1});
  EXPECT_EQ(find(file).lost, (held_figures{2, 20, 2, 1}));
}

TEST_F(spill_port_test, who_is_killed_with_what_he_found_has_lost_it) {
  const spill_file file{folder_, 1000};
  kill_with({1, 5, 0, 0});
  caf::anon_send(spawn(file), left);
  world_.settle();
  EXPECT_EQ(find(file).content.size(), 1U);
  EXPECT_EQ(find(file).lost, (held_figures{1, 5, 0, 0}));
}

TEST_F(spill_port_test, what_was_told_as_lost_is_not_told_again) {
  const spill_file nowhere{folder_ + "/missing", 1000};
  kill_with({1, 5, 0, 0});
  auto port = spawn(nowhere);
  held_->open();
  caf::anon_send(port, left);
  world_.settle();
  EXPECT_EQ(find(nowhere).lost, held_figures{});
}

} // namespace
} // namespace apm

// Tests of spill_port.hpp: what SPILL says, and what one process leaves for the
// next, through real files.
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

/// Far more than a test writes.
constexpr spill_limits wide{1 << 20, 1 << 20, 1 << 20};

class spill_port_test : public testing::Test {
protected:
  spill_port_test() {
    std::string name = testing::TempDir() + "spill-XXXXXX";
    parent_ = ::mkdtemp(name.data());
    asker_ =
        world_.spawn([this](spill_sink::pointer) -> spill_sink::behavior_type {
          return {[this](const spill_stored& x) { stored_ = x; },
                  [this](const spill_found& x) { found_ = x; }};
        });
  }

  ~spill_port_test() override { std::filesystem::remove_all(parent_); }

  /// A process begins.
  void begin(spill_limits limits = wide) {
    folder_ = std::make_unique<spill_folder>(parent_, limits);
    held_.emplace(parent_, "orders"); // the process before has ended
    port_ = world_.spawn(
        spill_port, spill_port_setup{folder_.get(), &*held_, "orders", &log_});
  }

  /// A process that holds that is killed.
  void kill_with(const held_figures& x) const {
    held_file file{parent_, "orders"};
    file.open();
    file.keep(x);
  }

  spill_stored store(spill_store x) {
    stored_ = {};
    caf::send_as(asker_, port_, std::move(x));
    world_.settle();
    return stored_;
  }

  spill_found find() {
    found_ = {};
    caf::send_as(asker_, port_, spill_wanted{7});
    world_.settle();
    return found_;
  }

  test::loop_world world_;
  std::string parent_;
  std::optional<held_file> held_;
  std::string log_text_;
  log log_{world_.loop().time(), log_level::info,
           [this](std::string_view x) { log_text_ += x; }};
  std::unique_ptr<spill_folder> folder_;
  spill_actor port_;
  spill_sink asker_;
  spill_stored stored_;
  spill_found found_;
};

spill_store with(uint64_t id, bool is_last) {
  return {
      id,
      is_last,
      {{bytes{std::string{"{}"}}, "a", 2, 1, bytes{std::string{"line\n"}}}}};
}

TEST_F(spill_port_test, the_next_process_finds_what_one_has_left) {
  begin();
  EXPECT_TRUE(store(with(0, true)).is_kept);
  EXPECT_NE(log_text_.find("\"spilled_lines\":1"), std::string::npos)
      << log_text_;
  begin();
  const auto found = find();
  EXPECT_EQ(found.id, 7U);
  EXPECT_EQ(found.store, 0U);
  EXPECT_EQ(found.left, 0U);
  ASSERT_EQ(found.content.size(), 1U);
  EXPECT_EQ(found.content[0].lines.view(), "line\n");
  EXPECT_EQ(found.problem, "");
  EXPECT_TRUE(find().content.empty()) << "once";
}

TEST_F(spill_port_test, says_which_store_a_file_is_of) {
  begin();
  store(with(0, true));
  begin();
  EXPECT_EQ(store(with(1, false)).id, 1U);
  EXPECT_EQ(store(with(2, false)).id, 2U);
  EXPECT_EQ(find().store, 0U) << "the earlier process's comes first";
  EXPECT_EQ(find().store, 1U);
  const auto last = find();
  EXPECT_EQ(last.store, 2U);
  EXPECT_EQ(last.left, 0U);
}

TEST_F(spill_port_test, nothing_to_keep_is_a_question_for_the_room) {
  begin();
  const auto answer = store({});
  EXPECT_FALSE(answer.is_kept);
  EXPECT_GT(answer.room_bytes, 0U);
  EXPECT_EQ(find().content.size(), 0U);
  begin({0, 0, 0});
  EXPECT_EQ(store({}).room_bytes, 0U);
}

TEST_F(spill_port_test, what_cannot_be_kept_is_told_as_lost) {
  begin({0, 0, 0});
  const auto answer = store(with(3, false));
  EXPECT_EQ(answer.id, 3U);
  EXPECT_FALSE(answer.is_kept);
  EXPECT_NE(log_text_.find("\"lost_lines\":1"), std::string::npos) << log_text_;
  EXPECT_EQ(find().problem, "");
}

TEST_F(spill_port_test, what_is_torn_is_ignored_and_counted) {
  begin();
  store(with(1, false));
  store(with(2, false));
  // 4 bytes of the first are gone.
  const auto first = folder_->path() + "/1.1";
  std::filesystem::resize_file(first, std::filesystem::file_size(first) - 4);
  const auto found = find();
  EXPECT_EQ(found.store, 1U);
  EXPECT_TRUE(found.content.empty());
  EXPECT_GT(found.ignored_bytes, 0U);
  EXPECT_EQ(found.problem, "it is torn");
  EXPECT_EQ(found.left, 1U);
  EXPECT_EQ(find().content.size(), 1U);
}

TEST_F(spill_port_test, what_has_vanished_is_told) {
  begin();
  store(with(1, false));
  std::filesystem::remove_all(folder_->path());
  const auto found = find();
  EXPECT_EQ(found.store, 1U);
  EXPECT_NE(found.problem, "");
}

// -- what was lost with a process that was killed --

TEST_F(spill_port_test, what_a_killed_process_held_is_lost) {
  kill_with({7, 700, 2, 1, 3});
  begin();
  EXPECT_EQ(find().lost, (held_figures{7, 700, 2, 1, 3}));
  EXPECT_EQ(find().lost, held_figures{}) << "it is told once";
}

TEST_F(spill_port_test, what_it_has_left_is_not) {
  begin();
  store(with(1, false));
  store(with(0, true));
  held_.reset();
  kill_with({2, 10, 0, 0});
  begin();
  const auto first = find();
  EXPECT_EQ(first.lost, held_figures{});
  EXPECT_EQ(first.earlier_lines, 1U) << "in the second file";
  EXPECT_EQ(find().earlier_lines, 0U);
}

TEST_F(spill_port_test, of_more_than_it_has_left_the_rest_is) {
  begin();
  store(with(1, false));
  held_.reset();
  kill_with({3, 20, 3, 1});
  begin();
  EXPECT_EQ(find().lost, (held_figures{2, 20, 2, 1}));
}

TEST_F(spill_port_test, who_is_killed_with_what_he_found_has_lost_it) {
  begin();
  store(with(1, false));
  held_.reset();
  kill_with({1, 5, 0, 0});
  begin();
  EXPECT_EQ(find().content.size(), 1U);
  begin();
  EXPECT_EQ(find().lost, (held_figures{1, 5, 0, 0}));
}

TEST_F(spill_port_test, what_was_told_as_lost_is_not_told_again) {
  begin({0, 0, 0});
  find();
  held_->keep({1, 5, 0, 0});
  EXPECT_FALSE(store(with(0, true)).is_kept);
  begin();
  EXPECT_EQ(find().lost, held_figures{});
}

} // namespace
} // namespace apm

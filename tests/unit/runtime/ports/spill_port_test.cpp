// Tests of spill_port.hpp: from one process's SPILL to the next one's, through
// a file.
#include "runtime/ports/spill_port.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

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

  ~spill_port_test() override { std::filesystem::remove_all(folder_); }

  spill_actor spawn(const spill_file& file) {
    return world_.spawn(spill_port, spill_port_setup{&file, "orders", &log_});
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
  ASSERT_TRUE(file.write("APMSPILL"));
  const auto found = find(file);
  EXPECT_EQ(found.ignored_bytes, 8U);
  EXPECT_NE(found.problem, "");
}

} // namespace
} // namespace apm

// The TRACER: what leaves the ring, when, and what happens where it cannot.
#include "runtime/formats/base64.hpp"
#include "runtime/ports/tracer_port.hpp"
#include "runtime/trace/ring_file.hpp"
#include "runtime/trace/segment.hpp"
#include "tests/support/virtual_world.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace apm {
namespace {

using namespace test;

struct tracer_port_test : ::testing::Test {
  tracer_port_test() {
    auto name =
        (std::filesystem::temp_directory_path() / "tracerXXXXXX").string();
    path = ::mkdtemp(name.data());
    folder.emplace(path, 1 << 20);
  }

  ~tracer_port_test() override { std::filesystem::remove_all(path); }

  void begin(trace::export_mode mode = trace::export_mode::missed,
             uint64_t sample = 0) {
    tracer_port_setup setup;
    setup.recorder = &recorder;
    setup.folder = &*folder;
    setup.log = world.ports().log;
    setup.mode = mode;
    setup.sample = sample;
    setup.describe_configuration = [] {
      return std::vector<std::string>{"A=b", "SECRET=(present)"};
    };
    tracer = world.spawn(tracer_port, setup);
  }

  /// An event with one draw, its sequence, in the ring.
  void event(uint64_t sequence, uint8_t outcomes, bool is_last = false) {
    caf::anon_send(tracer, export_due{sequence});
    trace::note(&recorder, trace::record_kind::random_draw, sequence);
    recorder.event_ended(sequence);
    caf::anon_send(tracer,
                   flush_finding{sequence, "r" + std::to_string(sequence),
                                 outcomes, is_last});
    world.settle();
  }

  trace::trace read(size_t which) {
    const auto files = folder->segments();
    const auto content = trace::read_file(files.at(which), 1 << 20);
    auto found = trace::read_segment(content.value());
    EXPECT_TRUE(found);
    return std::move(found.value().content);
  }

  static std::vector<uint64_t> draws(const trace::trace& in) {
    std::vector<uint64_t> found;
    for (const auto& x : in.records)
      if (x.kind == static_cast<uint8_t>(trace::record_kind::random_draw))
        found.push_back(trace::byte_reader{x.payload}.u());
    return found;
  }

  static std::vector<std::string> settings_of(const trace::trace& in) {
    std::vector<std::string> found;
    for (const auto& x : in.dictionary)
      if (x.kind == trace::entry_kind::configuration)
        found.push_back(x.text);
    return found;
  }

  std::string path;
  trace::test::ring_memory memory{1024};
  trace::test::scripted_clock time;
  trace::recorder recorder{trace::recorder_setup{
      memory.data(), memory.size(), 1, trace::test::some_clocks, &time, 99,
      trace::payload_mode::shape}};
  std::optional<trace::trace_folder> folder;
  virtual_world world;
  tracer_actor tracer;
};

TEST_F(tracer_port_test, exports_what_was_missed_when_the_next_event_begins) {
  begin();
  event(1, 0);
  event(2, 2);
  EXPECT_TRUE(folder->segments().empty()) << "it would hold the invocation up";
  event(3, 0);
  ASSERT_EQ(folder->segments().size(), 1U);
  const auto found = read(0);
  EXPECT_EQ(found.process.first_event, 2U);
  EXPECT_EQ(found.fact("reason"), "missed");
  // The next event's records up to the export are evidence, too.
  EXPECT_EQ(draws(found).front(), 2U);
  EXPECT_EQ(settings_of(found),
            (std::vector<std::string>{"A=b", "SECRET=(present)"}));
}

TEST_F(tracer_port_test, puts_it_in_the_log) {
  begin();
  event(1, 1);
  event(2, 0);
  const std::string mark = R"("trace.segment":")";
  const auto at = world.log_text.find(mark);
  ASSERT_NE(at, std::string::npos);
  const auto text = world.log_text.substr(at + mark.size());
  const auto segment = decode_base64(text.substr(0, text.find('"')));
  ASSERT_TRUE(segment);
  const auto found = trace::read_segment(segment.value());
  ASSERT_TRUE(found);
  EXPECT_EQ(draws(found.value().content).front(), 1U);
}

TEST_F(tracer_port_test, exports_the_last_at_once) {
  begin();
  event(1, 0);
  event(2, 4, true);
  EXPECT_EQ(folder->segments().size(), 1U);
}

TEST_F(tracer_port_test, exports_all_where_it_is_asked_to) {
  begin(trace::export_mode::all);
  event(1, 0);
  event(2, 0);
  event(3, 0, true);
  ASSERT_EQ(folder->segments().size(), 3U);
  EXPECT_EQ(draws(read(1)), std::vector<uint64_t>{2});
  EXPECT_EQ(read(1).fact("reason"), "asked");
  EXPECT_EQ(world.log_text.find("trace.segment"), std::string::npos);
}

TEST_F(tracer_port_test, exports_a_sample) {
  begin(trace::export_mode::missed, 2);
  for (uint64_t i = 1; i <= 5; ++i)
    event(i, 0);
  EXPECT_EQ(folder->segments().size(), 2U);
}

TEST_F(tracer_port_test, keeps_what_a_killed_process_has_left) {
  {
    trace::test::ring_memory left{64};
    trace::ring_writer writer{
        left.data(), left.size(), 42, {1, 1'795'348'800'000'000'000, 1}};
    writer.append({trace::record_kind::born, {}, 0, 0, {}});
    std::ofstream{trace::left_ring_path(path), std::ios::binary}
        << left.image();
  }
  begin();
  event(1, 0);
  ASSERT_EQ(folder->segments().size(), 1U);
  EXPECT_EQ(read(0).process.process_id, 42U);
  EXPECT_EQ(read(0).fact("reason"), "killed");
  // It had not come to say what it was started with: as we were.
  EXPECT_EQ(settings_of(read(0)),
            (std::vector<std::string>{"A=b", "SECRET=(present)"}));
  EXPECT_NE(world.log_text.find("was killed"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(trace::left_ring_path(path)));
}

TEST_F(tracer_port_test, lets_go_of_what_ended_in_good_order) {
  {
    trace::test::ring_memory left{64};
    trace::ring_writer writer{left.data(), left.size(), 42, {}};
    writer.seal();
    std::ofstream{trace::left_ring_path(path), std::ios::binary}
        << left.image();
  }
  begin();
  event(1, 0);
  EXPECT_TRUE(folder->segments().empty());
  EXPECT_EQ(world.log_text, "");
}

TEST_F(tracer_port_test, gives_up_once_and_says_so) {
  folder.emplace(path + "/none", 1 << 20);
  begin();
  for (uint64_t i = 1; i <= 5; ++i)
    event(i, 2);
  const std::string mark = "no more traces are kept";
  const auto first = world.log_text.find(mark);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(world.log_text.find(mark, first + 1), std::string::npos);
}

} // namespace
} // namespace apm

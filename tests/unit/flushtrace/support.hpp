// Traces as verbs read them: golden ones, files in a folder of the test's own,
// and that of a real recorder, with verbs that run over them.
#pragma once

#include "messages/type_ids.hpp"
#include "runtime/recording/message_inspector.hpp"
#include "runtime/trace/segment.hpp"
#include "tests/unit/runtime/trace/support.hpp"
#include "tools/flushtrace/trace_set.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

namespace flushtrace {

using apm::trace::note;
using apm::trace::record_kind;

inline trace_options options_for(const std::string& path,
                                 bool is_json = false) {
  trace_options x;
  x.paths = {path};
  x.is_json = is_json;
  return x;
}

/// The one process whose trace is in a file.
inline process_trace load(const std::string& file) {
  auto loaded = load_traces({file});
  EXPECT_EQ(loaded.processes.size(), 1U) << file;
  return std::move(loaded.processes.at(0));
}

/// @param name such as `demo.syncflush`
inline std::string golden_file(const std::string& name) {
  return std::string{GOLDEN_DIR} + '/' + name + ".atrc";
}

/// The n-th record of a kind.
inline record& find(process_trace& in, record_kind kind, size_t n = 0) {
  for (auto& x : in.content.records)
    if (is_kind(x, kind) && n-- == 0)
      return x;
  ADD_FAILURE() << "no such record";
  return in.content.records.front();
}

/// The n-th message of a type.
inline record& find(process_trace& in, std::string_view type, size_t n = 0) {
  const apm::trace::schema_book book{in.content};
  for (auto& x : in.content.records)
    if (book.type_of(x) == type && n-- == 0)
      return x;
  ADD_FAILURE() << "no such message";
  return in.content.records.front();
}

/// Process 7 started at 2026-11-22T12:00:00Z, 1 s after its machine.
inline apm::trace::clock_readings start_clocks() {
  return {1'000'000'000, 1'795'348'800'000'000'000, 1'000'000'000};
}

/// A folder of the test's own, and verbs that run over what is in it.
struct verb_test : ::testing::Test {
  verb_test() {
    auto name =
        (std::filesystem::temp_directory_path() / "flushtraceXXXXXX").string();
    folder = ::mkdtemp(name.data());
  }

  ~verb_test() override { std::filesystem::remove_all(folder); }

  std::string save(const std::string& name, const std::string& content) const {
    const auto path = folder + '/' + name;
    std::ofstream{path, std::ios::binary} << content;
    return path;
  }

  template <class Run, class Options>
  int run(Run verb, const Options& options) {
    std::ostringstream out_text;
    std::ostringstream trouble_text;
    const int status = verb(options, streams{out_text, trouble_text});
    out = out_text.str();
    trouble = trouble_text.str();
    return status;
  }

  std::string folder;
  std::string out;
  std::string trouble;
};

/// What a real recorder writes.
struct flushtrace_test : verb_test {
  flushtrace_test() {
    actor = recorder.next_of(recorder.role("coordinator", 0));
  }

  void event(uint64_t number, uint64_t outcomes) {
    const apm::trace::turn_scope turn{
        &recorder, actor, recorder.record(record_kind::handled, actor, 0, {}),
        false};
    note(&recorder, record_kind::event_begin, number, uint64_t{0},
         "request-" + std::to_string(number), int64_t{9'000'000'000});
    time.now_ns += 5'000'000;
    note(&recorder, record_kind::winner, number, uint64_t{1},
         int64_t{2'000'000'000});
    time.now_ns += 2'500'000;
    const std::vector<uint64_t> dropped{1, 0, 0, 0, 0};
    note(&recorder, record_kind::ledger, number, uint64_t{5}, uint64_t{3},
         dropped, uint64_t{1}, uint64_t{5}, uint64_t{3}, uint64_t{1},
         uint64_t{1}, uint64_t{0}, uint64_t{0});
    if (outcomes != 0)
      note(&recorder, record_kind::verdict, number, outcomes, uint64_t{0},
           uint64_t{1}, uint64_t{0});
    recorder.event_ended(number);
  }

  /// A message, enqueued from outside. @returns the record's number
  template <class T>
  uint64_t message(const char* name, uint32_t type, const T& x,
                   apm::trace::actor_reference to, uint64_t cause = 0) {
    if (known_types.insert(type).second) {
      char buffer[512];
      apm::trace::byte_writer text{buffer, sizeof buffer};
      text.text(name);
      text.text(" ");
      apm::signature_inspector signature{text};
      signature.put(x);
      recorder.define(apm::trace::entry_kind::message_type, type, 0,
                      text.written());
    }
    auto payload = recorder.payload();
    payload.u(type);
    payload.byte(apm::trace::is_from_outside);
    apm::message_inspector f{recorder, payload, true};
    f.put(x);
    return recorder.record(record_kind::enqueued, to, cause, payload.written());
  }

  std::string segment(apm::trace::sequence_range wanted = {}) {
    auto part = apm::trace::read_ring(memory.image(), wanted);
    EXPECT_TRUE(part);
    return apm::trace::write_segment(part.value()).value();
  }

  apm::trace::test::ring_memory memory{1024};
  apm::trace::test::scripted_clock time;
  apm::trace::recorder recorder{
      apm::trace::recorder_setup{memory.data(), memory.size(), 7, start_clocks,
                                 &time, 99, apm::trace::payload_mode::shape}};
  apm::trace::actor_reference actor;
  std::set<uint32_t> known_types;
};

} // namespace flushtrace

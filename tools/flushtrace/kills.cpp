// Killing a process that records, and looking at what it has left.
#include "runtime/trace/ring_file.hpp"
#include "runtime/trace/ring_writer.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "tools/flushtrace/selfcheck.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

constexpr size_t ring_bytes = 64 * 1024;

/// A record's payload follows from its sequence, so that each can be checked.
size_t size_of(uint64_t sequence) {
  return sequence * 2654435761 % 200; // up to five slots
}

void fill(char* to, uint64_t sequence, size_t size) {
  for (size_t i = 0; i < size; ++i)
    to[i] = static_cast<char>(sequence + i);
}

/// Records until it is killed.
[[noreturn]] void record_for_ever(const std::string& folder, int is_ready) {
  auto file = apm::trace::ring_file::create(folder, ring_bytes);
  if (!file)
    ::_exit(1);
  apm::trace::ring_writer ring{
      file.value().memory(), file.value().bytes(), 1, {}};
  ring.append({record_kind::born, {}, 0, 0, {}});
  if (::write(is_ready, "x", 1) != 1)
    ::_exit(1);
  char payload[256];
  for (;;) {
    const auto sequence = ring.next_sequence();
    const auto size = size_of(sequence);
    fill(payload, sequence, size);
    ring.append({record_kind::enqueued, {}, 0, 0, {payload, size}});
  }
}

void check(const apm::trace::trace& found, kill_outcome& to) {
  to.records += found.records.size();
  to.torn += found.process.torn > 0 ? 1 : 0;
  to.holes += found.process.gaps > 0 ? 1 : 0;
  char expected[256];
  for (const auto& x : found.records) {
    const auto size = is_kind(x, record_kind::born) ? 0 : size_of(x.sequence);
    fill(expected, x.sequence, size);
    if (x.payload != std::string_view{expected, size}) {
      ++to.wrong;
      return;
    }
  }
}

/// @returns what is wrong with this machine; empty: nothing
std::string kill_one(const std::string& folder, std::mt19937_64& random,
                     kill_outcome& to) {
  int ready[2];
  if (::pipe(ready) != 0)
    return "no pipe";
  const auto child = ::fork();
  if (child < 0)
    return "no process";
  if (child == 0)
    record_for_ever(folder, ready[1]);
  ::close(ready[1]);
  char one = 0;
  const bool has_begun = ::read(ready[0], &one, 1) == 1;
  ::close(ready[0]);
  // A ring is written in 100 us: many are killed in a later round of it.
  constexpr uint64_t wait_us_max = 2000;
  ::usleep(static_cast<useconds_t>(random() % wait_us_max));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  if (!has_begun)
    return "no ring in " + folder;
  ++to.kills;
  const auto image =
      apm::trace::read_file(apm::trace::ring_path(folder), uint64_t{1} << 30);
  ::unlink(apm::trace::ring_path(folder).c_str());
  const auto found = image ? apm::trace::read_ring(image.value())
                           : apm::result<apm::trace::trace>{image.error()};
  if (found)
    check(found.value(), to);
  else
    ++to.unreadable;
  return {};
}

} // namespace

kill_outcome kill_and_salvage(uint32_t kills, uint64_t seed, progress* shown) {
  kill_outcome outcome;
  std::mt19937_64 random{seed};
  std::error_code ignored;
  auto folder =
      (std::filesystem::temp_directory_path(ignored) / "flushtraceXXXXXX")
          .string();
  if (::mkdtemp(folder.data()) == nullptr) {
    outcome.problem = "no folder for it: " + folder;
    return outcome;
  }
  while (outcome.kills < kills && outcome.problem.empty()) {
    outcome.problem = kill_one(folder, random, outcome);
    if (shown != nullptr)
      shown->step("killed", outcome.kills, kills);
  }
  if (shown != nullptr)
    shown->clear();
  std::filesystem::remove_all(folder, ignored);
  return outcome;
}

} // namespace flushtrace

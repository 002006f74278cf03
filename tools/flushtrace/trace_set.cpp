#include "tools/flushtrace/trace_set.hpp"

#include "runtime/trace/trace_folder.hpp"
#include "runtime/trace/wire.hpp"
#include "tools/flushtrace/trace_files.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace flushtrace {

namespace {

using apm::trace::entry_kind;
using apm::trace::record_kind;

/// More than any folder's bound, and little enough to be read at once.
constexpr uint64_t file_bytes_max = uint64_t{1} << 31;

/// Of all traces of one command, unpacked: a folder is at most 64 MiB.
constexpr size_t bodies_bytes_max = apm::trace::file_bodies_bytes_max;

/// Takes the entries that are new into one dictionary.
class dictionary_merger {
public:
  explicit dictionary_merger(trace& to) : to_(to) {
    for (const auto& x : to.dictionary)
      known_.emplace(x.kind, x.id, x.text);
  }

  void add(const trace& from) {
    for (const auto& x : from.dictionary)
      if (known_.emplace(x.kind, x.id, x.text).second)
        to_.dictionary.push_back(x);
  }

private:
  trace& to_;
  std::set<std::tuple<entry_kind, uint32_t, std::string>> known_;
};

/// Puts the records of all parts of one trace in one row. Parts overlap.
trace merge(std::vector<trace> parts) {
  using storages = std::vector<std::shared_ptr<const std::string>>;
  auto to = std::move(parts.front());
  if (parts.size() == 1)
    return to;
  const auto kept = std::make_shared<storages>(storages{to.storage});
  dictionary_merger dictionary{to};
  for (size_t i = 1; i < parts.size(); ++i) {
    const auto& from = parts[i];
    dictionary.add(from);
    to.records.insert(to.records.end(), from.records.begin(),
                      from.records.end());
    kept->push_back(from.storage);
    to.process.is_ended = to.process.is_ended || from.process.is_ended;
    to.process.torn += from.process.torn;
    to.process.gaps += from.process.gaps;
  }
  std::stable_sort(
      to.records.begin(), to.records.end(),
      [](const record& x, const record& y) { return x.sequence < y.sequence; });
  to.records.erase(std::unique(to.records.begin(), to.records.end(),
                               [](const record& x, const record& y) {
                                 return x.sequence == y.sequence;
                               }),
                   to.records.end());
  // One owner of all texts that payloads are in.
  to.storage = {kept, kept->front().get()};
  return to;
}

/// A process, while its parts are found.
struct process_parts {
  std::vector<trace> parts;
  std::vector<std::string> files;
  bool reaches_end = false;
};

/// Whether what both have is the same. A life that whatif, explore or redact
/// has made bears the process' number, too, and is no part of what it did.
bool agree(const trace& x, const trace& y) {
  const bool are_apart =
      x.records.empty() || y.records.empty()
      || y.records.back().sequence < x.records.front().sequence;
  if (are_apart)
    return true;
  auto at = x.records.begin()
            + static_cast<std::ptrdiff_t>(
                place_of(x.records, y.records.front().sequence));
  for (const auto& each : y.records) {
    while (at != x.records.end() && at->sequence < each.sequence)
      ++at;
    if (at == x.records.end())
      return true;
    if (at->sequence == each.sequence
        && (at->time_ns != each.time_ns || at->kind != each.kind
            || at->payload != each.payload))
      return false;
  }
  return true;
}

/// What `read_file` says, which has the path in front.
std::string without_path(const std::string& text, const std::string& path) {
  const auto front = path + ": ";
  return text.compare(0, front.size(), front) == 0 ? text.substr(front.size())
                                                   : text;
}

/// Of a part. *Source:* FORMAT.md, the fact `reason`; a ring has none.
bool is_last_part(const trace& x) {
  const auto reason = x.fact("reason");
  return reason.empty() || reason == "killed" || reason == "salvaged";
}

class trace_loader {
public:
  void read(const std::string& file) {
    const auto content = apm::trace::read_file(file, file_bytes_max);
    if (!content)
      return fail(file, without_path(content.error().detail, file));
    auto found = apm::trace::read_traces(content.value(), bytes_left_);
    if (!found)
      return fail(file, found.error().detail);
    if (!found.value().problem.empty())
      fail(file, found.value().problem);
    for (auto& each : found.value().traces) {
      bytes_left_ -= std::min(bytes_left_, each.storage->size());
      auto& process = process_of(each);
      process.reaches_end = process.reaches_end || is_last_part(each);
      process.parts.push_back(std::move(each));
      if (process.files.empty() || process.files.back() != file)
        process.files.push_back(file);
    }
  }

  void fail(const std::string& file, const std::string& what) {
    problems_.push_back({file, what});
  }

  trace_set take() {
    trace_set found;
    for (auto& [key, lives] : processes_)
      for (auto& x : lives) {
        found.processes.push_back(
            {merge(std::move(x.parts)), std::move(x.files), {}, x.reaches_end});
        found.processes.back().anchors =
            find_anchors(found.processes.back().content);
      }
    found.problems = std::move(problems_);
    return found;
  }

private:
  /// The one whose parts it agrees with.
  process_parts& process_of(const trace& part) {
    auto& lives =
        processes_[{part.process.start.real, part.process.process_id}];
    for (auto& x : lives)
      if (std::all_of(x.parts.begin(), x.parts.end(),
                      [&](const auto& other) { return agree(other, part); }))
        return x;
    return lives.emplace_back();
  }

  /// Recorded ones, and what was made of them.
  std::map<std::pair<int64_t, uint32_t>, std::vector<process_parts>> processes_;
  std::vector<load_problem> problems_;
  size_t bytes_left_ = bodies_bytes_max;
};

} // namespace

int64_t process_trace::wall_ns(int64_t monotonic_ns) const {
  // By the last anchor before it: the wall clock may have been set.
  auto at = content.process.start;
  const auto after = std::upper_bound(
      anchors.begin(), anchors.end(), monotonic_ns,
      [](int64_t time, const auto& x) { return time < x.monotonic; });
  if (after != anchors.begin())
    at = *(after - 1);
  return static_cast<int64_t>(static_cast<uint64_t>(at.real)
                              + static_cast<uint64_t>(monotonic_ns)
                              - static_cast<uint64_t>(at.monotonic));
}

std::vector<apm::trace::clock_readings> find_anchors(const trace& x) {
  std::vector<apm::trace::clock_readings> found{x.process.start};
  for (const auto& each : x.records) {
    if (!is_kind(each, record_kind::clock_anchor))
      continue;
    apm::trace::byte_reader in{each.payload};
    apm::trace::clock_readings at;
    at.monotonic = in.i();
    at.real = in.i();
    at.boot = in.i();
    if (in.is_sound() && at.monotonic >= found.back().monotonic)
      found.push_back(at); // else it is damaged: time does not run back
  }
  return found;
}

trace_set load_traces(const std::vector<std::string>& paths, progress* shown) {
  trace_loader loader;
  std::vector<std::string> files;
  for (const auto& path : paths) {
    const auto found = trace_files_in(path, 0);
    if (found.empty())
      loader.fail(path, "holds no trace: *.atrc, *.ring");
    files.insert(files.end(), found.begin(), found.end());
  }
  for (size_t i = 0; i < files.size(); ++i) {
    if (shown != nullptr)
      shown->step("reading file", i + 1, files.size());
    loader.read(files[i]);
  }
  if (shown != nullptr)
    shown->clear();
  return loader.take();
}

} // namespace flushtrace

#include "tools/flushtrace/trace_set.hpp"

#include "runtime/trace/ring_file.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "runtime/trace/wire.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <memory>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// More than any folder's bound, and little enough to be read at once.
constexpr uint64_t file_bytes_max = uint64_t{1} << 31;

bool is_folder(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool exists(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0;
}

std::vector<std::string> files_of(const std::string& path) {
  if (!is_folder(path))
    return {path};
  auto files = apm::trace::trace_folder{path, 0}.segments();
  for (const auto& ring :
       {apm::trace::ring_path(path), apm::trace::left_ring_path(path)})
    if (exists(ring))
      files.push_back(ring);
  return files;
}

bool is_same_process(const trace& x, const trace& y) {
  return x.process.process_id == y.process.process_id
         && x.process.start.real == y.process.start.real;
}

void merge_dictionaries(const trace& from, trace& to) {
  for (const auto& x : from.dictionary) {
    const bool is_known = std::any_of(
        to.dictionary.begin(), to.dictionary.end(), [&](const auto& y) {
          return x.kind == y.kind && x.id == y.id && x.text == y.text;
        });
    if (!is_known)
      to.dictionary.push_back(x);
  }
}

/// Puts the records of two parts of one trace in one row. Parts overlap.
void merge(trace from, process_trace& into) {
  auto& to = into.content;
  merge_dictionaries(from, to);
  auto text = std::make_shared<std::string>();
  std::vector<record> records = to.records;
  records.insert(records.end(), from.records.begin(), from.records.end());
  std::stable_sort(
      records.begin(), records.end(),
      [](const record& x, const record& y) { return x.sequence < y.sequence; });
  records.erase(std::unique(records.begin(), records.end(),
                            [](const record& x, const record& y) {
                              return x.sequence == y.sequence;
                            }),
                records.end());
  size_t bytes = 0;
  for (const auto& x : records)
    bytes += x.payload.size();
  text->reserve(bytes); // views into it stay
  for (auto& x : records) {
    const auto begin = text->size();
    text->append(x.payload);
    x.payload = std::string_view{*text}.substr(begin, x.payload.size());
  }
  to.records = std::move(records);
  to.storage = std::move(text);
  to.process.is_ended = to.process.is_ended || from.process.is_ended;
  to.process.torn += from.process.torn;
  to.process.gaps += from.process.gaps;
}

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
    if (each.kind != static_cast<uint8_t>(record_kind::clock_anchor))
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

trace_set load_traces(const std::vector<std::string>& paths) {
  trace_set found;
  for (const auto& path : paths) {
    const auto files = files_of(path);
    if (files.empty())
      found.problems.push_back({path, "holds no trace"});
    for (const auto& file : files) {
      const auto content = apm::trace::read_file(file, file_bytes_max);
      if (!content) { // its text has the path in front
        found.problems.push_back({file, content.error().detail});
        continue;
      }
      auto read = apm::trace::read_traces(content.value());
      if (!read) {
        found.problems.push_back({file, read.error().detail});
        continue;
      }
      if (!read.value().problem.empty())
        found.problems.push_back({file, read.value().problem});
      for (auto& each : read.value().traces) {
        auto same = std::find_if(
            found.processes.begin(), found.processes.end(),
            [&](const auto& x) { return is_same_process(x.content, each); });
        if (same == found.processes.end()) {
          found.processes.push_back({std::move(each), {file}, {}});
          continue;
        }
        merge(std::move(each), *same);
        same->files.push_back(file);
      }
    }
  }
  for (auto& each : found.processes)
    each.anchors = find_anchors(each.content);
  std::stable_sort(found.processes.begin(), found.processes.end(),
                   [](const auto& x, const auto& y) {
                     return x.content.process.start.real
                            < y.content.process.start.real;
                   });
  return found;
}

} // namespace flushtrace

#include "tools/flushtrace/segment_file.hpp"

#include "runtime/formats/json_write.hpp"
#include "runtime/trace/segment.hpp"
#include "tools/flushtrace/trace_files.hpp"

#include <algorithm>
#include <ostream>

namespace flushtrace {

void set_fact(trace& of, const std::string& name, const std::string& value) {
  using apm::trace::entry_kind;
  auto& entries = of.dictionary;
  const auto front = name + '=';
  entries.erase(
      std::remove_if(entries.begin(), entries.end(),
                     [&](const auto& x) {
                       return x.kind == entry_kind::fact
                              && x.text.compare(0, front.size(), front) == 0;
                     }),
      entries.end());
  entries.push_back({entry_kind::fact, 0, 0, front + value});
}

bool write_segments(const std::vector<trace>& content, const std::string& path,
                    streams to) {
  std::string text;
  for (const auto& x : content) {
    const auto segment = apm::trace::write_segment(x);
    if (!segment) {
      to.trouble << "flushtrace: " << path << ": " << segment.error().detail
                 << '\n';
      return false;
    }
    text += segment.value();
  }
  return replace_file(path, text, to);
}

void tell_written(const std::vector<trace>& content, const std::string& path,
                  bool is_json, streams all) {
  const auto to = told_beside(path, all);
  uint64_t records = 0;
  uint64_t torn = 0;
  uint64_t gaps = 0;
  for (const auto& x : content) {
    records += x.records.size();
    torn += x.process.torn;
    gaps += x.process.gaps;
  }
  if (!is_json) {
    to.out << path << ": " << records << " records, " << torn << " torn, "
           << gaps << " slots damaged\n";
    return;
  }
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.string("file", path);
  out.integer("processes", static_cast<int64_t>(content.size()));
  out.integer("records", static_cast<int64_t>(records));
  out.integer("torn", static_cast<int64_t>(torn));
  out.integer("gaps", static_cast<int64_t>(gaps));
  out.end();
  to.out << line << '\n';
}

} // namespace flushtrace

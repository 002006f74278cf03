// salvage and extract: getting segments out of what is left of them.
#include "runtime/formats/base64.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/json_write.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "tools/flushtrace/segment_file.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <ostream>

namespace flushtrace {

namespace {

constexpr uint64_t ring_bytes_max = uint64_t{1} << 30;

bool write_file(const std::string& path, std::string_view content) {
  std::ofstream file{path, std::ios::binary};
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return file.good();
}

/// The parts of one trace in a log, by their numbers.
struct log_parts {
  std::string name;
  size_t count = 0;
  std::map<size_t, std::string> texts;
};

/// A string member of a log line; empty where there is none.
struct log_members {
  std::string message;
  std::string file;
  std::string segment;
  std::string event;
  size_t part = 0;
  size_t parts = 0;
};

size_t number_of(std::string_view text) {
  size_t number = 0;
  for (const char c : text.substr(0, 6)) {
    if (c < '0' || c > '9')
      break;
    number = number * 10 + static_cast<size_t>(c - '0');
  }
  return number;
}

log_members members_of(std::string_view json) {
  log_members x;
  for (apm::json_walk member{json}; member.next();) {
    const auto key = member.key();
    if (key == "message")
      x.message = apm::json_string(member.value()).value_or("");
    else if (key == "trace.file")
      x.file = apm::json_string(member.value()).value_or("");
    else if (key == "trace.segment")
      x.segment = apm::json_string(member.value()).value_or("");
    else if (key == "trace.event")
      x.event = member.value();
    else if (key == "trace.part")
      x.part = number_of(member.value());
    else if (key == "trace.parts")
      x.parts = number_of(member.value());
  }
  return x;
}

/// A name without folders, as a file of ours has: nothing in a log may say
/// where we write.
std::string safe_name(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  const bool is_sound =
      name.size() > 5 && name.substr(name.size() - 5) == ".atrc"
      && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
                  || c == '.';
         });
  return is_sound ? std::string{name} : std::string{};
}

/// The object of a line of ours: logs come with times and tabs in front, and
/// inside of other JSON as a text.
std::string object_in(std::string_view line) {
  constexpr std::string_view mark = "trace.segment";
  if (line.find(mark) == std::string_view::npos)
    return {};
  const auto begin = line.find('{');
  if (begin == std::string_view::npos)
    return {};
  auto text = std::string{line.substr(begin)};
  if (text.find("\\\"trace.segment\\\"") == std::string::npos)
    return text;
  // As `aws logs` and Elasticsearch give it: the line is a member's value.
  for (apm::json_walk member{text}; member.next();) {
    const auto inner = apm::json_string(member.value());
    if (inner && inner->find(mark) != std::string::npos)
      return object_in(*inner);
  }
  return {};
}

std::string json_of(const std::string& path) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.string("file", path);
  out.end();
  return line;
}

class log_reader {
public:
  void read(std::istream& log) {
    for (std::string line; std::getline(log, line);)
      take(line);
  }

  /// Writes what is whole. @returns how many were not
  size_t write(const extract_options& options, streams to) const {
    size_t bad = 0;
    for (const auto& [key, x] : found_)
      bad += write_one(x, options, to) ? 0 : 1;
    return bad;
  }

  size_t count() const { return found_.size(); }

private:
  void take(std::string_view line) {
    const auto x = members_of(object_in(line));
    if (x.message != "trace of a missed flush")
      return;
    auto& parts = found_[x.file + ' ' + x.event];
    parts.name = safe_name(x.file);
    parts.count = x.parts;
    parts.texts[x.part] = x.segment;
  }

  static bool write_one(const log_parts& x, const extract_options& options,
                        streams to) {
    if (x.name.empty() || x.texts.size() != x.count) {
      to.trouble << "flushtrace: " << x.name << ": " << x.texts.size() << " of "
                 << x.count << " parts are in the log\n";
      return false;
    }
    std::string text;
    for (const auto& [number, part] : x.texts)
      text += part;
    const auto segment = apm::decode_base64(text);
    if (!segment || !apm::trace::read_segment(segment.value())) {
      to.trouble << "flushtrace: " << x.name << ": is damaged\n";
      return false;
    }
    const auto path = options.folder + '/' + x.name;
    if (!write_file(path, segment.value())) {
      to.trouble << "flushtrace: " << path << ": cannot be written\n";
      return false;
    }
    to.out << (options.is_json ? json_of(path) : path) << '\n';
    return true;
  }

  std::map<std::string, log_parts> found_;
};

} // namespace

int run_salvage(const salvage_options& options, streams to) {
  const auto image = apm::trace::read_file(options.ring, ring_bytes_max);
  auto found = image ? apm::trace::read_ring(image.value())
                     : apm::result<apm::trace::trace>{image.error()};
  if (!found) {
    to.trouble << "flushtrace: " << options.ring << ": " << found.error().detail
               << '\n';
    return exit_unreadable;
  }
  set_fact(found.value(), "reason", "salvaged");
  const std::vector<apm::trace::trace> salvaged{std::move(found.value())};
  const auto path =
      options.output.empty() ? options.ring + ".atrc" : options.output;
  if (!write_segments(salvaged, path, to))
    return exit_usage;
  tell_written(salvaged, path, options.is_json, to);
  return exit_clean;
}

int run_extract(const extract_options& options, streams to) {
  log_reader reader;
  if (options.logs.empty())
    reader.read(std::cin);
  for (const auto& path : options.logs) {
    std::ifstream log{path};
    if (!log) {
      to.trouble << "flushtrace: " << path << ": cannot be read\n";
      return exit_unreadable;
    }
    reader.read(log);
  }
  if (reader.count() == 0) {
    to.trouble << "flushtrace: the log holds no trace\n";
    return exit_unreadable;
  }
  return reader.write(options, to) == 0 ? exit_clean : exit_unreadable;
}

} // namespace flushtrace

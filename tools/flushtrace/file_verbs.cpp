// salvage and extract: getting segments out of what is left of them.
#include "runtime/formats/base64.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/json_write.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "tools/flushtrace/segment_file.hpp"
#include "tools/flushtrace/trace_files.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <ostream>
#include <system_error>

namespace flushtrace {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t ring_bytes_max = uint64_t{1} << 30;

/// Of CloudWatch a line has 1 MiB at most, and less than twice as much as a
/// text in other JSON.
constexpr size_t line_bytes_max = size_t{16} << 20;

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
  /// @returns why it was not read to its end; empty: it was
  std::string read(std::istream& log) {
    for (;;) {
      log.getline(line_.get(), line_bytes_max);
      const auto bytes = static_cast<size_t>(log.gcount());
      if (log.eof() && bytes == 0)
        return {};
      if (log.bad())
        return "cannot be read";
      if (log.fail())
        return "has a line of more than 16 MiB: this is no log";
      take({line_.get(), log.eof() ? bytes : bytes - 1});
    }
  }

  /// Writes what is whole.
  int write(const extract_options& options, streams to) const {
    int status = exit_clean;
    for (const auto& [key, x] : found_) {
      const int one = write_one(x, options, to);
      if (status != exit_usage && one != exit_clean)
        status = one;
    }
    return status;
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

  static int write_one(const log_parts& x, const extract_options& options,
                       streams to) {
    if (x.name.empty() || x.texts.size() != x.count) {
      to.trouble << "flushtrace: " << x.name << ": " << x.texts.size() << " of "
                 << x.count << " parts are in the log\n";
      return exit_unreadable;
    }
    std::string text;
    for (const auto& [number, part] : x.texts)
      text += part;
    const auto segment = apm::decode_base64(text);
    if (!segment || !apm::trace::read_segment(segment.value())) {
      to.trouble << "flushtrace: " << x.name << ": is damaged\n";
      return exit_unreadable;
    }
    const auto path = options.folder + '/' + x.name;
    if (!replace_file(path, segment.value(), to))
      return exit_usage;
    to.out << (options.is_json ? json_of(path) : path) << '\n';
    return exit_clean;
  }

  std::unique_ptr<char[]> line_{new char[line_bytes_max]};
  std::map<std::string, log_parts> found_;
};

bool reads(std::istream& log, const std::string& name, log_reader& into,
           streams to) {
  const auto why = into.read(log);
  if (!why.empty())
    to.trouble << "flushtrace: " << name << ": " << why << '\n';
  return why.empty();
}

bool read_log(const std::string& path, log_reader& into, streams to) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    to.trouble << "flushtrace: " << path
               << ": is a folder: name the logs in it\n";
    return false;
  }
  std::ifstream log{path};
  if (log)
    return reads(log, path, into, to);
  to.trouble << "flushtrace: " << path << ": "
             << std::generic_category().message(errno) << '\n';
  return false;
}

/// Makes it where there is none.
bool has_folder(const std::string& path, streams to) {
  std::error_code failure;
  if (fs::is_directory(path, failure))
    return true;
  fs::create_directories(path, failure);
  if (failure)
    to.trouble << "flushtrace: " << path
               << ": cannot be made a folder: " << failure.message() << '\n';
  return !failure;
}

} // namespace

int run_salvage(const salvage_options& options, streams to) {
  const auto image = apm::trace::read_file(options.ring, ring_bytes_max);
  if (!image) {
    to.trouble << "flushtrace: " << image.error().detail << '\n';
    return exit_unreadable;
  }
  auto found = apm::trace::read_ring(image.value());
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
  bool is_read = options.logs.empty() && reads(std::cin, "the log", reader, to);
  for (const auto& path : options.logs)
    is_read = read_log(path, reader, to) || is_read;
  if (reader.count() == 0) {
    if (is_read)
      to.trouble << "flushtrace: the log holds no trace\n";
    return exit_unreadable;
  }
  return has_folder(options.folder, to) ? reader.write(options, to)
                                        : exit_usage;
}

} // namespace flushtrace

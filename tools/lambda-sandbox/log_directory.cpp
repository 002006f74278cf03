// Keeping raw material; see log_directory.hpp.
#include "tools/lambda-sandbox/log_directory.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <filesystem>
#include <utility>

namespace sandbox {

namespace {

const char* suffix_of(output_stream stream) {
  switch (stream) {
  case output_stream::standard_output:
    return ".stdout.log";
  case output_stream::standard_error:
    return ".stderr.log";
  case output_stream::frames:
    return ".frames.log";
  case output_stream::facts:
    break;
  }
  return ".log";
}

} // namespace

log_directory::log_directory(std::string path) : path_{std::move(path)} {
  if (path_.empty())
    return;
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error)
    problem_ = path_ + ": " + error.message();
}

std::ofstream& log_directory::file(const std::string& name) {
  auto& stream = files_[name];
  if (!stream.is_open())
    stream.open(std::filesystem::path{path_} / name, std::ios::binary);
  return stream;
}

void log_directory::keep(const program& program, output_stream stream,
                         std::string_view line) {
  if (!path_.empty())
    file(program.name() + suffix_of(stream)) << line << std::endl;
}

void log_directory::keep_fact(std::string_view line) {
  if (!path_.empty())
    file("facts.ndjson") << line << '\n';
}

void log_directory::keep_received(const std::vector<received_line>& lines,
                                  std::int64_t begin_ns) {
  if (path_.empty())
    return;
  auto& bare = file("received.ndjson");
  auto& full = file("received-lines.ndjson");
  for (const auto& line : lines) {
    bare << line.text << '\n';
    full << json_object{}
                .add("at_ms", to_ms(line.at_ns - begin_ns), 4)
                .add("request", std::uint64_t{line.request})
                .add("kind", line.kind)
                .add("accepted", line.accepted)
                .add("text", line.text)
                .text()
         << '\n';
  }
}

} // namespace sandbox

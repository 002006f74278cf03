// --log-dir: raw output of the programs, and what the APM Server received.
#pragma once

#include "tools/lambda-sandbox/apm_server/apm_server.hpp"
#include "tools/lambda-sandbox/lambda/program.hpp"

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

class log_directory {
public:
  /// Makes the directory. Empty: nothing is kept.
  /// *Errors*: `problem()` is not empty.
  explicit log_directory(std::string path);
  const std::string& problem() const { return problem_; }

  /// Appends to NAME.stdout.log, NAME.stderr.log or NAME.frames.log.
  void keep(const program& program, output_stream stream,
            std::string_view line);
  /// Appends to facts.ndjson.
  void keep_fact(std::string_view line);
  /// Writes received.ndjson, the bare lines, and received-lines.ndjson, each
  /// with its request, kind, time and whether it was accepted.
  void keep_received(const std::vector<received_line>& lines,
                     std::int64_t begin_ns);

private:
  std::ofstream& file(const std::string& name);

  std::string path_;
  std::string problem_;
  std::map<std::string, std::ofstream> files_;
};

} // namespace sandbox

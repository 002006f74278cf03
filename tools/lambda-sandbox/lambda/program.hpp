// One program of the sandbox, extension or function: its process, and its
// output as lines. What it has used is sampled while it lives.
#pragma once

#include "tools/lambda-sandbox/lambda/child_process.hpp"
#include "tools/lambda-sandbox/lambda/output_reader.hpp"
#include "tools/lambda-sandbox/report/run_record.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// Where a program wrote a line.
enum class output_stream { standard_output, standard_error, frames, facts };

class program {
public:
  struct handlers {
    std::function<void(program&, output_stream, std::string_view line)> on_line;
    std::function<void(program&, const process_exit&)> on_exit;
  };

  /// Starts it.
  /// *Errors*: null; `error` says why.
  static std::unique_ptr<program> start(boost::asio::io_context& io,
                                        child_reaper& reaper, std::string name,
                                        bool is_extension,
                                        const child_options& options,
                                        handlers handle, std::string& error);

  const std::string& name() const { return name_; }
  bool is_extension() const { return is_extension_; }
  bool is_running() const { return process_ && process_->is_running(); }

  void signal(int number) const { process_->signal_group(number); }
  /// Reads all output that is there now.
  void drain();
  /// Reads the rest of the output, after the end.
  void finish();

  /// Takes stock of processor time, memory and threads.
  void sample();
  /// Processor time at the last sample, memory and threads at their highest.
  const program_usage& usage() const { return usage_; }

  /// Filled as the program ends.
  process_end end;

private:
  program(std::string name, bool is_extension, handlers handle);

  void learn_peak(std::int64_t peak_kib);

  std::string name_;
  bool is_extension_;
  handlers handlers_;
  program_usage usage_;
  /// Least resident pages of files: what its own memory is counted without.
  std::int64_t file_kib_ = -1;
  std::unique_ptr<child_process> process_;
  /// Destroyed before the process whose pipes they read.
  std::vector<std::unique_ptr<output_reader>> readers_;
};

} // namespace sandbox

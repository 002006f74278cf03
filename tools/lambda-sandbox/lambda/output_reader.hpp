// Cuts what a child writes into log lines, as Lambda does: one line of standard
// output or error, one record. Lambda's runtime writes its lines before it asks
// for the next invocation, so `drain` takes all that is in the pipe at once.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sandbox {

class output_reader {
public:
  using line_handler = std::function<void(std::string_view line)>;
  /// Takes complete lines (or frames) from the begin of `pending`.
  using cutter =
      std::function<void(std::string& pending, const line_handler& on_line)>;

  /// `pipe` must outlive the reader.
  output_reader(boost::asio::posix::stream_descriptor& pipe,
                line_handler on_line, cutter cut);

  /// Begins to read whenever there is something.
  void start();
  /// Reads all that is there now, without waiting.
  void drain();
  /// Hands out what is left without a newline. For the end of the process.
  void finish();

private:
  void wait();

  boost::asio::posix::stream_descriptor& pipe_;
  line_handler on_line_;
  cutter cut_;
  std::string pending_;
  /// Gone with the reader: a wait that had completed already finds out by it.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Cuts at newlines; a line longer than 256 KiB is cut there.
void cut_lines(std::string& pending,
               const output_reader::line_handler& on_line);

/// Cuts the frames that AWS's runtime clients write to
/// _LAMBDA_TELEMETRY_LOG_FD: u32 type, u32 length, i64 time, all big-endian,
/// then the text; type 0xa55a0001 has no time. Bytes that are no frame are
/// given out as one line.
/// Source: aws-lambda-ric 3.3.0 for Node.js, measured; for Python bootstrap.py
/// of awslambdaric (FramedTelemetryLogSink).
void cut_frames(std::string& pending,
                const output_reader::line_handler& on_line);

} // namespace sandbox

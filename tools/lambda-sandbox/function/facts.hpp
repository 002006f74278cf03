// Facts: what the built-in function did, told to the sandbox through an
// inherited pipe, so that it is known even if the function is killed at once.
// One JSON line per fact, all with `at_ns` (CLOCK_MONOTONIC), `process`,
// `request_id` and `fact`; the facts and their further members:
//   line_offered {line, kind, text, metadata}   before the line is written to
//                                     the extension; `line` counts from 1 in
//                                     each process, `metadata` is a number
//   metadata     {metadata, text}     the metadata line with that number
//   line_taken   {line}               its request was answered 2xx
//   registered   {status}             answer to /register/transaction; 0: none
//   flush_sent, flush_answered {status}
//   log          {text}               the line written to stdout
//   request      {target, status, expected}     a scripted request's answer
//   error        {text}               what the agent would log on trouble
//   info         {status, version}    answer to the agent's GET /
//   response_sent {status}            Lambda's answer to /response or /error
#pragma once

#include "tools/lambda-sandbox/function/workers.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace sandbox::builtin {

/// Writes facts. Thread-safe: parallel requests report from their threads.
class fact_writer {
public:
  /// Writes to the file descriptor `descriptor`; -1: writes nothing. Workers
  /// share the pipe: `among_workers` keeps their facts whole.
  explicit fact_writer(int descriptor,
                       const process_lock* among_workers = nullptr)
      : descriptor_(descriptor), among_workers_(among_workers) {}
  /// Returns the number in LAMBDA_SANDBOX_REPORT_FD, -1 if there is none.
  static int descriptor_from_environment();

  void set_request_id(std::string request_id);

  /// These two are kept until the next other fact or `write_out`: a write(2)
  /// for each of thousands of lines would slow the agent down. Whoever offers
  /// lines calls `write_out` before their first byte is on the wire.
  /// `metadata` is the line under which the line goes; empty: there is none.
  std::uint64_t line_offered(std::string_view kind, std::string_view text,
                             std::string_view metadata);
  void line_taken(std::uint64_t line);
  void write_out();

  void registered(int status);
  void flush_sent();
  void flush_answered(int status);
  void log(std::string_view text);
  void request(std::string_view target, int status, int expected);
  void error(std::string_view text);
  void info(int status, std::string_view version);
  void response_sent(int status);

private:
  /// Keeps one fact; `members` is empty or begins with a comma.
  void keep(std::string_view fact, std::string_view members);
  void write(std::string_view fact, std::string_view members);

  int descriptor_;
  const process_lock* among_workers_;
  std::mutex mutex_;
  std::string request_id_;
  std::uint64_t lines_ = 0;
  /// Numbers of the metadata lines told, from 1.
  std::map<std::string, std::uint64_t, std::less<>> metadata_;
  std::string kept_;
};

/// Returns `text` as a JSON string, quotes included. Bytes that are no UTF-8
/// pass as they are.
std::string json_string(std::string_view text);

} // namespace sandbox::builtin

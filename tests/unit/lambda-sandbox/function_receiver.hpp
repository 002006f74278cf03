// A stand-in for an extension's receiver that records every request of an agent
// to the byte: headers in order and case, chunk sizes, connection, time.
#pragma once

#include "tools/lambda-sandbox/function/http_connection.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sandbox {

struct recorded_request {
  /// Counts connections from 1 in the order in which they were accepted.
  int connection = 0;
  std::string method;
  std::string target;
  builtin::http_headers headers;
  std::vector<std::size_t> chunks;
  /// As it came, chunks joined.
  std::string wire_body;
  /// Decompressed by its Content-Encoding, as far as it goes.
  std::string body;
  bool is_complete = false;
  /// CLOCK_MONOTONIC when the header was there.
  std::int64_t head_ns = 0;

  std::string header(std::string_view name) const;
  /// The names of the headers, in order, joined by commas.
  std::string header_names() const;
  /// The first key of each line of the body.
  std::vector<std::string> kinds() const;
};

class recording_receiver {
public:
  /// Returns the bytes of the answer to a request; empty closes the connection.
  using answer_function = std::function<std::string(const recorded_request&)>;

  /// Answers as an extension should: 200 to registrations and to GET /, 202 to
  /// the rest.
  recording_receiver();
  explicit recording_receiver(answer_function answer);
  ~recording_receiver();

  builtin::http_address address() const { return {"127.0.0.1", port_}; }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }
  /// Waits until so many requests have come (cut ones count when they are cut),
  /// and returns all.
  std::vector<recorded_request> wait_for(std::size_t count);
  std::vector<recorded_request> requests();

private:
  void accept_all();
  void serve(int descriptor, int connection);
  /// Reads one request; false at the end of the connection.
  bool read_request(int descriptor, std::string& input,
                    recorded_request& request);
  void record(recorded_request request);

  answer_function answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<recorded_request> requests_;
  std::vector<int> descriptors_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Returns an answer without a body.
std::string answer_of(int status);

/// The answer of a well-behaved extension.
std::string good_answer(const recorded_request& request);

} // namespace sandbox

// The connection on which a subscriber gets its batches: one POST at a time on
// a kept-alive connection, or lines over plain TCP. Nothing here knows of
// freezes: who does, stops its timers and waits.
#pragma once

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sandbox {

class telemetry_connection {
public:
  struct handlers {
    /// Connected; the first byte is about to be written.
    std::function<void(std::int64_t begin_ns)> on_begin;
    /// The status of the answer; 0 and a reason if there was none.
    std::function<void(int status, const std::string& reason)> on_end;
  };

  telemetry_connection(boost::asio::io_context& io, std::uint16_t port,
                       std::string path, bool is_tcp);
  telemetry_connection(const telemetry_connection&) = delete;
  telemetry_connection& operator=(const telemetry_connection&) = delete;
  ~telemetry_connection();

  /// Sends one batch. Not before the one before has ended.
  void post(const std::string& body, handlers handle);
  /// Gives up what is under way: no handler is called any more.
  void abort();

private:
  class exchange;

  boost::asio::io_context& io_;
  std::uint16_t port_;
  std::string path_;
  bool is_tcp_;
  std::shared_ptr<exchange> exchange_;
};

} // namespace sandbox

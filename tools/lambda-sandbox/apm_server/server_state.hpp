// Server state: what the connections of the APM Server stand-in share: the
// port, the rules, and the record of requests and lines. Internal to this
// folder; users see apm_server.hpp.
#pragma once

#include "tools/lambda-sandbox/apm_server/apm_server.hpp"
#include "tools/lambda-sandbox/apm_server/rule_cursor.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox {

class server_connection;

/// Returns CLOCK_MONOTONIC in ns.
std::int64_t server_now_ns();

class server_state : public std::enable_shared_from_this<server_state> {
public:
  server_state(boost::asio::io_context& io, apm_server_settings settings,
               apm_server::request_handler on_request);

  std::optional<std::uint16_t> listen(std::uint16_t port);
  void close();

  /// Adds a request to the record; `number` is filled in and returned.
  std::uint64_t begin_request(received_request request);
  received_request& request(std::uint64_t number);
  /// Returns the rule for a request to the intake.
  apm_server_rule take_rule();
  /// Reads a complete body into the record, whatever the rule makes of it.
  void add_body(std::uint64_t number, const std::string& wire,
                bool is_recorded);
  /// Counts the first `count` event lines of a request as accepted.
  void accept_lines(std::uint64_t number, std::size_t count);
  /// Tells the user that nothing more will happen to a request.
  void settle(std::uint64_t number);
  void remove(const std::shared_ptr<server_connection>& connection);

  const std::string& error() const { return error_; }
  const std::string& version() const { return settings_.version; }
  const std::string& authorization() const { return settings_.authorization; }
  const std::vector<received_line>& lines() const { return lines_; }
  const std::vector<received_request>& requests() const { return requests_; }
  std::size_t open_requests() const { return open_requests_; }

private:
  bool open_port(bool is_listening);
  void accept_next();
  void refuse_if_due();
  void close_connections();

  boost::asio::io_context& io_;
  apm_server_settings settings_;
  apm_server::request_handler on_request_;
  rule_cursor rules_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer refusal_timer_;
  std::uint16_t port_ = 0;
  bool is_closed_ = false;
  bool is_refusing_ = false;
  std::string error_;
  std::vector<received_line> lines_;
  /// Where in `lines_` those of a request are: from first to before second.
  std::map<std::uint64_t, std::pair<std::size_t, std::size_t>> line_ranges_;
  std::vector<received_request> requests_;
  std::size_t open_requests_ = 0;
  std::set<std::shared_ptr<server_connection>> connections_;
};

} // namespace sandbox

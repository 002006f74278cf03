// Server connection: one client's connection to the APM Server stand-in; reads
// one request after the other and does to each what its rule says. Internal to
// this folder.
#pragma once

#include "tools/lambda-sandbox/apm_server/server_state.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <memory>
#include <optional>

namespace sandbox {

class server_connection
    : public std::enable_shared_from_this<server_connection> {
public:
  server_connection(boost::asio::ip::tcp::socket socket,
                    std::shared_ptr<server_state> state);
  void start();
  /// Closes the socket; an open request is settled as aborted.
  void close();

private:
  using parser_type =
      boost::beast::http::request_parser<boost::beast::http::string_body>;
  using response_type =
      boost::beast::http::response<boost::beast::http::string_body>;
  using error_code = boost::beast::error_code;

  void read_header();
  void on_header(const error_code& error);
  void on_unreadable(const error_code& error);
  void read_body();
  void on_body(const error_code& error);
  void watch_for_end();
  bool is_client_gone();
  void obey_rule();
  void answer_intake();
  void break_off_answer();
  void answer_other();
  void write(response_type response);
  void on_written(const error_code& error, bool is_last);
  /// Ends the current request in the record.
  void settle(bool is_aborted);
  bool is_intake() const;
  /// Whether it shows the credentials that the scenario asks for.
  bool is_authorized() const;

  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<server_state> state_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<parser_type> parser_;
  std::optional<response_type> response_;
  apm_server_rule rule_;
  /// The record's number of the current request; 0: none.
  std::uint64_t request_ = 0;
  bool is_closed_ = false;
};

} // namespace sandbox

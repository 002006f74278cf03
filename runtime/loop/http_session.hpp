// One connection of the HTTP server; only http_server.cpp includes this.
#pragma once

#include "runtime/loop/http_server.hpp"
#include "runtime/loop/request_body.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>
#include <optional>
#include <string>

namespace apm {

/// One connection: reads a request, waits for its answer, reads the next.
class http_server::session : public std::enable_shared_from_this<session>,
                             reactor::watcher {
public:
  /// *Ownership:* of `socket`.
  session(http_server& server, int socket)
      : server_(&server),
        socket_(socket),
        watch_(server.loop_.reactor(), *this) {
    watch_.assign(socket);
  }

  ~session() { end(); }

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Whether it has been answered, and no further request is coming in.
  bool is_idle();

  /// Which of two idle connections is idle longer: the lower.
  uint64_t idle_order() const noexcept { return idle_order_; }

  /// What of it the server holds.
  uint64_t held_bytes() const noexcept { return held_bytes_; }

  /// There is room for more of it; its time begins anew.
  void resume();

  /// Ends the connection, and knows the server no longer.
  void end();

  void begin() {
    expect_request();
    arm_timer(server_->options_.request_timeout);
    watch_.want(reactor::readable);
  }

  void answer(uint16_t status, const std::vector<http_header>& headers,
              const bytes& body);

private:
  using parser = boost::beast::http::request_parser<request_body>;

  enum class phase {
    reading,   ///< a request, or waiting for one
    answering, ///< the request is whole; nothing is read
    draining,  ///< the last answer is out; what comes is thrown away
  };

  void on_ready(unsigned events) override;
  void expect_request();
  void read_on();
  void read();
  void pause();
  void take(std::string_view data);
  void advance();
  void begin_request();
  std::optional<size_t> parse(std::string_view data);
  void note_held();
  void note_held_bytes(uint64_t now);
  void note_answering_bytes(uint64_t now);
  void end_incoming();
  void continue_if_expected();
  void complete();
  void note_begun();
  void note_cut(bool is_sound);
  void refuse(uint16_t status, const std::string& reason);
  void write();
  void finish_answer();
  void arm_timer(std::chrono::milliseconds after);
  void on_timer(steady_time due);

  http_server* server_; ///< none: the connection has ended
  int socket_;
  reactor::watch watch_;
  phase phase_ = phase::reading;
  bool is_begun_ = false;         ///< the request's first byte is here
  bool is_noted_ = false;         ///< as begun, and neither whole nor cut yet
  bool is_continue_sent_ = false; ///< "100 Continue"
  bool is_keeping_alive_ = true;
  bool is_head_ = false;         ///< the answer has no body
  bool is_handing_over_ = false; ///< the handler runs, and may answer
  bool is_answer_timed_ = false; ///< the peer is slow to read it
  /// Bytes that the parser cannot use yet: it wants the header in one piece.
  boost::beast::flat_buffer pending_;
  std::optional<parser> parser_;
  std::string out_;
  size_t sent_ = 0; ///< of `out_`
  timer_queue::timer_id timer_{};
  uint64_t idle_order_ = 0;      ///< 0: no request has been answered yet
  uint64_t held_bytes_ = 0;      ///< this session's part of the server's
  uint64_t answering_bytes_ = 0; ///< likewise
  uint64_t begun_order_ = 0;     ///< 0: no request is coming in
  uint64_t pause_order_ = 0;     ///< 0: it is read
};

} // namespace apm

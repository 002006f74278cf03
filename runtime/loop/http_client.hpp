// HTTP out: libcurl's multi interface on the loop. Any number of requests at a
// time, connections kept and reused, every request bounded by its own time-out.
//
//   http_client client{loop, options};
//   auto ticket = client.start(request, [](http_response answer) { … });
//   client.cancel(ticket);
#pragma once

#include "messages/http.hpp"
#include "runtime/aws/aws_signing.hpp"
#include "runtime/formats/proxy_rules.hpp"
#include "runtime/loop/loop.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace apm {

class trust_store;

/// What holds for all requests of a client.
struct http_client_options {
  /// Which CAs hold for https. *Ownership:* outlives the client. Null: those
  /// that libcurl was built with.
  trust_store* trust = nullptr;
  /// The one server whose certificate is not looked at.
  std::optional<url_origin> unverified_server;
  /// Which requests go through a proxy.
  proxy_rules proxies;
  /// A request goes out again if a connection that has served before ends
  /// without an answer. That is right where it was closed while it idled, but
  /// the server may also have read the request.
  bool posts_at_most_once = false;
};

/// How a request went, as libcurl has measured it from its start. *Units:*
/// microseconds; 0: it did not come to that.
struct http_phases {
  uint16_t status = 0;
  http_failure failure = http_failure::none;
  int64_t name_us = 0;    ///< the name was resolved
  int64_t connect_us = 0; ///< the connection stood
  int64_t tls_us = 0;     ///< the handshake was through
  int64_t sent_us = 0;    ///< the request began to leave
  int64_t first_byte_us = 0;
  int64_t total_us = 0;
  bool is_reused = false; ///< the connection was there before
  uint64_t bytes_out = 0; ///< of the body
  uint64_t bytes_in = 0;
};

class http_client {
public:
  using callback = std::function<void(http_response)>;
  using observer = std::function<void(const http_phases&)>;
  using ticket = uint64_t;

  explicit http_client(loop& owner, http_client_options options = {});

  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends `request` as soon as there is a connection. `on_answer` is called
  /// once, later, unless the request is cancelled before. With `signing` it is
  /// signed for AWS when it leaves, all of its headers included.
  ticket start(const http_request& request, callback on_answer,
               std::optional<aws_signing> signing = {});

  /// Drops the request and its connection. Nothing is called any more.
  void cancel(ticket which);

  /// Closes the connections that no request uses, so that none of them is used
  /// again: what they lead to may be gone.
  void close_idle();

  /// Has each request's course told, just before its answer.
  void observe(observer on_end) { on_end_ = std::move(on_end); }

  size_t open_requests() const noexcept { return transfers_.size(); }

private:
  struct transfer;
  struct watched_socket;

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self,
                       void* socket) noexcept;
  static curl_socket_t on_open(void* self, curlsocktype purpose,
                               curl_sockaddr* address) noexcept;
  static int on_close(void* self, curl_socket_t fd) noexcept;
  static int on_timer(CURLM* multi, long timeout_ms, void* self) noexcept;

  void watch(curl_socket_t fd, int wanted);
  void act(curl_socket_t fd, int events);
  void collect_finished();
  void report_failures_later();
  void release(ticket which);

  loop& loop_;
  http_client_options options_;
  CURLM* multi_;
  std::map<ticket, std::unique_ptr<transfer>> transfers_;
  std::map<curl_socket_t, std::unique_ptr<watched_socket>> sockets_;
  /// Connections, and whether a request uses them.
  std::map<curl_socket_t, bool> open_sockets_;
  std::vector<CURL*> idle_handles_; ///< kept: making one costs 0.1 ms
  timer_queue::timer_id timer_{};   ///< libcurl's
  timer_queue::timer_id failure_timer_{};
  ticket next_ticket_ = 1;
  observer on_end_;
};

} // namespace apm

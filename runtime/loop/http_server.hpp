// HTTP in: a small HTTP/1.1 server on the loop, one for the agents and one for
// the platform's telemetry. It reads a request whole, hands it to the handler,
// and writes the answer when that is given, at once or later. Everything that
// comes in is bounded; what breaks a bound is answered by the server itself.
//
//   http_server server{loop, options, [&](server_request request) {
//     server.answer(request.id, 200, {}, bytes{});
//   }};
//   result<uint16_t> port = server.listen();
#pragma once

#include "messages/http.hpp"
#include "runtime/loop/loop.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace apm {

/// A request that has come in whole.
struct server_request {
  uint64_t id = 0; ///< for `answer`
  std::string method;
  std::string target; ///< path and query, as sent
  std::vector<http_header> headers;
  std::string body;
  bool has_begun = false; ///< the server's observer was told when it began

  /// The first header of that name in any case, empty where there is none.
  std::string_view header(std::string_view name) const;

  /// `target` up to the query.
  std::string_view path() const;

  /// What follows the question mark.
  std::string_view query() const;
};

struct http_server_options {
  uint16_t port = 0;       ///< 0: the kernel's choice
  bool is_loopback = true; ///< else every interface
  uint32_t header_bytes_max = 64 * 1024;
  uint64_t body_bytes_max = 8 * 1024 * 1024;
  /// All requests that are held, from their first byte until they are answered:
  /// an agent has three connections, and sends some 10 KB at a time. Beyond it
  /// no connection is read but the one whose request began first, and, for what
  /// is small, the others up to `small_bytes`; the kernel holds the rest, as
  /// agents never send again.
  uint64_t held_bytes_max = 512 * 1024;
  /// A flush signal, or a registration with its metadata.
  uint64_t small_bytes = 4 * 1024;
  /// Open at once. A process in Lambda has 1024 descriptors, and there are two
  /// listeners. No connection is refused at the bound, for agents never send
  /// again: the kernel's backlog holds what is not accepted yet.
  size_t connections_max = 256;
  /// From the first byte of a request to its last.
  std::chrono::milliseconds request_timeout{15000};
};

/// What else a listener may want to know of requests on their way in.
struct http_server_observer {
  /// A request's header is here, and its body will take more reads.
  std::function<void(const server_request& begun)> on_begun;
  /// A request that had begun will not become whole. `body` is what came of it
  /// where its peer has gone or was too slow, and empty where it is unsound.
  std::function<void(server_request cut)> on_cut;
  /// A request is answered.
  std::function<void(uint64_t id)> on_answered;
};

/// Why a request was answered by the server itself.
struct server_refusal {
  uint16_t status = 0;
  std::string reason;
  uint64_t body_bytes = 0; ///< received of the body until then
};

class http_server : reactor::watcher {
public:
  using handler = std::function<void(server_request)>;
  using refusal_handler = std::function<void(const server_refusal&)>;

  http_server(loop& owner, http_server_options options, handler on_request,
              refusal_handler on_refusal);

  ~http_server();

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// To be called before `listen`.
  void observe(http_server_observer observer) {
    observer_ = std::move(observer);
  }

  /// Binds and begins to accept. *Errors:* `errc::io`, naming the address.
  result<uint16_t> listen();

  /// Connections that are open, idle ones among them.
  size_t connections() const noexcept { return sessions_.size(); }

  /// Answers a request, once. Does nothing where its peer has gone.
  void answer(uint64_t id, uint16_t status,
              const std::vector<http_header>& headers, const bytes& body);

private:
  class session;
  friend class session;

  void on_ready(unsigned events) override;
  void accept();
  void pause();
  bool close_oldest_idle();
  void on_room();
  size_t may_read(const session& x) const;
  void read_paused();

  loop& loop_;
  http_server_options options_;
  handler on_request_;
  refusal_handler on_refusal_;
  http_server_observer observer_;
  reactor::watch watch_; ///< of the socket that listens
  timer_queue::timer_id accept_timer_{};
  std::map<session*, std::shared_ptr<session>> sessions_;
  /// Sessions that wait for an answer, by the id of their request.
  std::map<uint64_t, std::shared_ptr<session>> waiting_;
  uint64_t next_id_ = 1;
  bool is_full_ = false;         ///< perhaps others wait in the backlog
  uint64_t idle_count_ = 0;      ///< gives the idle sessions their order
  uint64_t held_bytes_ = 0;      ///< of requests that are not answered yet
  uint64_t answering_bytes_ = 0; ///< of these, of those that are whole
  uint64_t begun_count_ = 0;
  uint64_t pause_count_ = 0;
  std::map<uint64_t, session*> incoming_; ///< by the order of their begins
  std::map<uint64_t, session*> paused_;   ///< by the order of their pauses
};

} // namespace apm

// The real loop in a test, over real loopback sockets, on one thread: the test
// runs the loop until something is so, and plays the peers itself.
//
//   loop_world world;
//   raw_peer peer{world, port};
//   peer.send("GET / HTTP/1.1\r\n\r\n");
//   EXPECT_EQ(peer.read_answer().status, 200);
//
// Nothing sleeps and nothing asks how long something took: what never happens
// fails the test after some thousand turns.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/loop/loop.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/send.hpp"

namespace apm::test {

class loop_world {
public:
  loop_world();

  /// Ends the actors that `spawn` made.
  ~loop_world();

  loop_world(const loop_world&) = delete;
  loop_world& operator=(const loop_world&) = delete;

  apm::loop& loop() { return apm::loop::of(system_); }

  caf::actor_system& system() { return system_; }

  template <class... Ts>
  auto spawn(Ts&&... xs) {
    auto handle = system_.spawn(std::forward<Ts>(xs)...);
    owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  /// Runs the loop until `is_so`. Fails the test where that never comes.
  void run_until(const std::function<bool()>& is_so);

  /// Runs the loop until it has nothing more to do.
  void settle();

  /// Fires all timers that are due until then, as if it were then. What their
  /// callbacks see of the clock is the present.
  void fire_timers(std::chrono::milliseconds ahead);

private:
  struct config : caf::actor_system_config {
    config();
  };

  config config_;
  caf::actor_system system_;
  std::vector<caf::strong_actor_ptr> owned_;
};

/// An HTTP message as it came over the wire.
struct raw_message {
  std::string start_line;
  std::vector<http_header> headers; ///< names in lower case
  std::string body;
  int status = 0; ///< of an answer

  /// The first header of that name, in lower case; empty where there is none.
  std::string header(std::string_view name) const;
};

/// One end of a TCP connection, driven by hand. *Ownership:* of the socket.
class raw_peer {
public:
  /// Connects to the loopback address.
  raw_peer(loop_world& world, uint16_t port);

  /// Takes over a socket that was accepted.
  raw_peer(loop_world& world, int socket);

  raw_peer(raw_peer&& other) noexcept;
  raw_peer& operator=(raw_peer&&) = delete;

  ~raw_peer();

  /// Sends all of it, running the loop while the other end must read first.
  /// Stops where the other end is gone.
  void send(std::string_view text);

  /// FIN: nothing more will be sent.
  void finish_sending();

  /// RST: the connection is gone, whatever was under way.
  void reset();

  void close();

  /// What has come and was not taken by `read_…` yet.
  const std::string& received();

  /// Whether the other end has closed or reset the connection.
  bool is_closed();

  /// Runs the loop until that; what has come until then is `received`.
  void wait_closed();

  /// The next answer, up to the end of its body. A body is as long as
  /// Content-Length says; `has_body` is false for answers to HEAD.
  raw_message read_answer(bool has_body = true);

  /// The next request, likewise.
  raw_message read_request() { return read_message(true); }

private:
  void receive();
  raw_message read_message(bool has_body);

  loop_world& world_;
  int socket_;
  bool is_closed_ = false;
  std::string received_;
};

/// A server's socket on the loopback address, driven by hand.
class raw_listener {
public:
  explicit raw_listener(loop_world& world);
  ~raw_listener();

  raw_listener(const raw_listener&) = delete;
  raw_listener& operator=(const raw_listener&) = delete;

  uint16_t port() const { return port_; }

  /// `http://127.0.0.1:PORT` and the path.
  std::string url(std::string_view path = "/") const;

  /// The next connection, running the loop until there is one.
  raw_peer accept();

  /// Whether a connection waits to be accepted.
  bool has_connection() const;

private:
  loop_world& world_;
  int socket_;
  uint16_t port_ = 0;
};

} // namespace apm::test

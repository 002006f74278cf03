// Relay: passes bytes between two streams, both ways, until one of them ends;
// then it closes both. Internal to this folder.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

namespace sandbox {

/// *Shape*: `Front` and `Back` are Asio streams with a `lowest_layer()`.
/// Lives until both directions have ended.
template <class Front, class Back>
class relay : public std::enable_shared_from_this<relay<Front, Back>> {
public:
  relay(Front front, Back back)
      : front_(std::move(front)), back_(std::move(back)) {}

  Front& front() { return front_; }
  Back& back() { return back_; }

  void start() {
    pass(front_, back_, forth_);
    pass(back_, front_, forth_back_);
  }

  void close() {
    boost::system::error_code ignored;
    front_.lowest_layer().close(ignored);
    back_.lowest_layer().close(ignored);
  }

private:
  using buffer = std::array<char, 16 * 1024>;

  template <class From, class To>
  void pass(From& from, To& to, buffer& bytes) {
    from.async_read_some(
        boost::asio::buffer(bytes),
        [&, self = this->shared_from_this()](boost::system::error_code error,
                                             std::size_t size) {
          if (error)
            return close();
          boost::asio::async_write(
              to, boost::asio::buffer(bytes, size),
              [&, self](boost::system::error_code failed, std::size_t) {
                if (failed)
                  return close();
                pass(from, to, bytes);
              });
        });
  }

  Front front_;
  Back back_;
  buffer forth_;
  buffer forth_back_;
};

} // namespace sandbox

// The body of a request as the HTTP parser makes it; only http_session.hpp
// includes this.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace apm {

/// Beast's `string_body`, but that what comes is appended: that one makes the
/// string longer first, which fills with zeros what is then written over.
struct request_body {
  using value_type = std::string;

  class reader {
  public:
    template <bool IsRequest, class Fields>
    reader(boost::beast::http::header<IsRequest, Fields>&, value_type& body)
        : body_(body) {}

    /// `length` is within the parser's limit; its memory is not touched yet.
    void init(const boost::optional<uint64_t>& length,
              boost::system::error_code& ec) {
      ec = {};
      if (length)
        body_.reserve(static_cast<size_t>(*length));
    }

    template <class Buffers>
    size_t put(const Buffers& buffers, boost::system::error_code& ec) {
      ec = {};
      const auto before = body_.size();
      for (auto i = boost::asio::buffer_sequence_begin(buffers);
           i != boost::asio::buffer_sequence_end(buffers); ++i) {
        const boost::asio::const_buffer piece{*i};
        body_.append(static_cast<const char*>(piece.data()), piece.size());
      }
      return body_.size() - before;
    }

    void finish(boost::system::error_code& ec) { ec = {}; }

  private:
    value_type& body_;
  };
};

} // namespace apm

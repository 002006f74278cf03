// Reading and cutting children's output; see output_reader.hpp.
#include "tools/lambda-sandbox/lambda/output_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace sandbox {

namespace {

/// Lambda cuts longer lines. Source: AWS Lambda developer guide, log limits.
constexpr std::size_t line_bytes_max = 256 * 1024;
constexpr std::size_t read_bytes = 64 * 1024;

std::uint32_t big_endian_at(std::string_view bytes, std::size_t place) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[place + i]);
  return value;
}

std::string_view without_newline(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

} // namespace

void cut_lines(std::string& pending,
               const output_reader::line_handler& on_line) {
  std::size_t begin = 0;
  for (;;) {
    const auto newline = pending.find('\n', begin);
    if (newline == std::string::npos && pending.size() - begin < line_bytes_max)
      break;
    const auto length = std::min(newline - begin, line_bytes_max);
    on_line(std::string_view{pending}.substr(begin, length));
    begin += length;
    if (begin == newline)
      ++begin;
  }
  pending.erase(0, begin);
}

void cut_frames(std::string& pending,
                const output_reader::line_handler& on_line) {
  constexpr std::uint32_t frame_mark = 0xa55a0000;
  constexpr std::uint32_t untimed_frame = 0xa55a0001;
  while (pending.size() >= 8) {
    const auto type = big_endian_at(pending, 0);
    if ((type & 0xffff0000) != frame_mark) {
      on_line(without_newline(std::exchange(pending, {})));
      return;
    }
    const std::size_t length = big_endian_at(pending, 4);
    const std::size_t header = type == untimed_frame ? 8 : 16;
    if (pending.size() < header + length)
      return;
    on_line(without_newline(std::string_view{pending}.substr(header, length)));
    pending.erase(0, header + length);
  }
}

output_reader::output_reader(boost::asio::posix::stream_descriptor& pipe,
                             line_handler on_line, cutter cut)
    : pipe_{pipe}, on_line_{std::move(on_line)}, cut_{std::move(cut)} {}

void output_reader::start() {
  if (pipe_.is_open())
    wait();
}

void output_reader::wait() {
  pipe_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                   [this, alive = std::weak_ptr<bool>{alive_}](
                       boost::system::error_code error) {
                     if (error || alive.expired())
                       return;
                     drain();
                     if (pipe_.is_open())
                       wait();
                   });
}

void output_reader::drain() {
  std::array<char, read_bytes> bytes;
  while (pipe_.is_open()) {
    boost::system::error_code error;
    const auto got = pipe_.read_some(boost::asio::buffer(bytes), error);
    pending_.append(bytes.data(), got);
    cut_(pending_, on_line_);
    if (error == boost::asio::error::would_block)
      return;
    if (error)
      pipe_.close(error);
  }
}

void output_reader::finish() {
  drain();
  if (!pending_.empty())
    on_line_(without_newline(std::exchange(pending_, {})));
}

} // namespace sandbox

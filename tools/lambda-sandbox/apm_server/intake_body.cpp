// Intake body: decompression with zlib, one iterative JSON pass per line that
// looks at top-level keys only.
#include "tools/lambda-sandbox/apm_server/intake_body.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace sandbox {

namespace {

/// More than any sane batch; stops a gzip bomb from filling the machine.
constexpr std::size_t body_bytes_max = 512u << 20;

/// Notes the keys of the top-level object and how deep we are.
class top_level_keys
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, top_level_keys> {
public:
  bool Default() { return note_value(); }
  bool StartObject() {
    if (depth_++ == 0)
      is_object_ = true;
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return --depth_ >= 0; }
  bool StartArray() {
    ++depth_;
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return --depth_ >= 0; }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ == 1 && is_object_ && ++keys_ == 1)
      first_key_.assign(text, size);
    return true;
  }

  bool is_object() const { return is_object_; }
  int keys() const { return keys_; }
  const std::string& first_key() const { return first_key_; }

private:
  static bool note_value() { return true; }

  int depth_ = 0;
  int keys_ = 0;
  bool is_object_ = false;
  std::string first_key_;
};

/// Inflates gzip or zlib data; `text` gets all that could be read.
/// *Errors*: returns what is wrong, empty if nothing is.
std::string inflate_all(std::string_view wire, bool is_gzip,
                        std::string& text) {
  z_stream stream{};
  // windowBits: 15 is the largest window, 16 more means a gzip wrapper.
  if (inflateInit2(&stream, is_gzip ? 15 + 16 : 15) != Z_OK)
    return "zlib could not be started";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(wire.data()));
  stream.avail_in = static_cast<uInt>(wire.size());
  std::array<char, 64 * 1024> piece;
  int status = Z_OK;
  while (status == Z_OK && text.size() <= body_bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(piece.data(), piece.size() - stream.avail_out);
  }
  const auto left = stream.avail_in;
  const std::string message = stream.msg == nullptr ? "" : stream.msg;
  inflateEnd(&stream);
  if (text.size() > body_bytes_max)
    return "inflates to more than 512 MiB";
  if (status == Z_BUF_ERROR)
    return "ends in the middle of its compressed data";
  if (status != Z_STREAM_END)
    return "can't be decompressed: " + message;
  if (left > 0)
    return std::to_string(left) + " bytes follow the end of compressed data";
  return {};
}

std::string line_name(std::size_t number) {
  return "line " + std::to_string(number) + ": ";
}

void add_line(std::string_view line, std::size_t number, intake_body& body) {
  // Blank lines were allowed in old versions of the protocol, and still are.
  if (line.empty())
    return;
  std::string error;
  auto kind = kind_of_line(line, error);
  if (!error.empty())
    body.errors.push_back(line_name(number) + error);
  else if (number == 1 && kind != "metadata")
    body.errors.push_back("line 1: is no metadata line, but " + kind);
  else if (number > 1 && kind == "metadata")
    body.errors.push_back(line_name(number) + "a further metadata line");
  body.lines.push_back({std::move(kind), std::string{line}});
}

} // namespace

std::string kind_of_line(std::string_view line, std::string& error) {
  static const std::array<std::string_view, 6> known{
      "metadata", "transaction", "span", "error", "metricset", "log"};
  rapidjson::MemoryStream stream{line.data(), line.size()};
  rapidjson::Reader reader;
  top_level_keys keys;
  const auto result =
      reader.Parse<rapidjson::kParseIterativeFlag
                   | rapidjson::kParseValidateEncodingFlag>(stream, keys);
  if (result.IsError()) {
    error = std::string{"is no JSON: "} + GetParseError_En(result.Code())
            + " (byte " + std::to_string(result.Offset()) + ")";
    return "other";
  }
  if (!keys.is_object()) {
    error = "is no JSON object";
    return "other";
  }
  if (keys.keys() != 1) {
    error = "has " + std::to_string(keys.keys()) + " keys instead of one";
    return "other";
  }
  if (std::find(known.begin(), known.end(), keys.first_key()) == known.end()) {
    error = "has the unknown key \"" + keys.first_key() + "\"";
    return "other";
  }
  return keys.first_key();
}

intake_body read_intake_body(std::string_view wire,
                             std::string_view content_encoding) {
  intake_body body;
  std::string inflated;
  auto text = wire;
  if (content_encoding == "gzip" || content_encoding == "deflate") {
    const auto error = inflate_all(wire, content_encoding == "gzip", inflated);
    if (!error.empty())
      body.errors.push_back("body " + error);
    text = inflated;
  } else if (!content_encoding.empty() && content_encoding != "identity") {
    body.errors.push_back("unknown Content-Encoding "
                          + std::string{content_encoding});
    return body;
  }
  body.body_bytes = text.size();
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    add_line(text.substr(0, end), ++number, body);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (body.lines.empty())
    body.errors.emplace_back("body is empty: a metadata line is missing");
  return body;
}

} // namespace sandbox

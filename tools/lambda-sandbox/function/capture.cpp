// Capture: see the header.
#include "tools/lambda-sandbox/function/capture.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

namespace sandbox::builtin {

namespace {

using json = rapidjson::Value;

std::string text_member(const json& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsString()
             ? std::string{found->value.GetString(),
                           found->value.GetStringLength()}
             : std::string{};
}

double number_member(const json& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsNumber()
             ? found->value.GetDouble()
             : 0;
}

bool is_pair(const json& value) {
  return value.IsArray() && value.Size() == 2;
}

std::optional<captured_request> read_request(const json& value,
                                             const std::string& folder,
                                             std::string& message) {
  if (!value.IsObject())
    return std::nullopt;
  captured_request request;
  request.connection = static_cast<int>(number_member(value, "connection"));
  request.method = text_member(value, "method");
  request.target = text_member(value, "path");
  const auto query = text_member(value, "query");
  if (!query.empty())
    request.target += "?" + query;
  request.head_ms = number_member(value, "t_head_ms");
  request.end_ms = number_member(value, "t_end_ms");
  const auto complete = value.FindMember("complete");
  request.is_complete =
      complete == value.MemberEnd() || !complete->value.IsFalse();
  const auto headers = value.FindMember("headers");
  if (headers != value.MemberEnd() && headers->value.IsArray())
    for (const auto& header : headers->value.GetArray())
      if (is_pair(header) && header[0].IsString() && header[1].IsString())
        request.headers.emplace_back(header[0].GetString(),
                                     header[1].GetString());
  for (const auto& [name, text] : request.headers) {
    if (is_same_header(name, "Transfer-Encoding"))
      request.is_chunked = true;
    else if (is_same_header(name, "Content-Encoding"))
      request.content_encoding = text;
  }
  const auto chunks = value.FindMember("chunks");
  if (chunks != value.MemberEnd() && chunks->value.IsArray())
    for (const auto& chunk : chunks->value.GetArray())
      if (is_pair(chunk) && chunk[0].IsUint64() && chunk[1].IsNumber())
        request.chunks.emplace_back(chunk[0].GetUint64(), chunk[1].GetDouble());
  const auto file = text_member(value, "body_file");
  if (!file.empty()) {
    auto body = read_file(folder + "/" + file);
    if (!body) {
      message = "can't read " + folder + "/" + file;
      return std::nullopt;
    }
    request.body = std::move(*body);
  }
  return request;
}

/// Reads the end of the invocation out of the capture's timeline.
void read_outcome(const json& timeline, capture& result) {
  bool is_known = false;
  for (const auto& entry : timeline.GetArray()) {
    if (!is_pair(entry) || !entry[0].IsNumber() || !entry[1].IsString())
      continue;
    const std::string_view what{entry[1].GetString()};
    constexpr std::string_view exits = "runtime exits ";
    if (what == "runtime posts response" || what == "runtime posts error"
        || what == "runtime done: timeout") {
      result.outcome = what == "runtime posts response" ? "success"
                       : what == "runtime posts error"  ? "failure"
                                                        : "hang";
      result.outcome_ms = entry[0].GetDouble();
      is_known = true;
    } else if (what.substr(0, exits.size()) == exits) {
      // A negative number is the signal with which Lambda ended it.
      const auto status = static_cast<int>(
          std::strtol(what.data() + exits.size(), nullptr, 10));
      if (status < 0 || (is_known && result.outcome != "failure"))
        continue;
      result.outcome = is_known ? "throw" : "exit";
      result.exit_status = status;
      if (!is_known)
        result.outcome_ms = entry[0].GetDouble();
    }
  }
}

} // namespace

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

std::optional<capture> load_capture(const std::string& folder,
                                    std::string& message) {
  const auto path = folder + "/requests.json";
  const auto text = read_file(path);
  if (!text) {
    message = "can't read " + path;
    return std::nullopt;
  }
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text->data(), text->size());
  if (document.HasParseError() || !document.IsObject()
      || !document.HasMember("requests") || !document["requests"].IsArray()) {
    message = path + " is no JSON object with an array `requests`";
    return std::nullopt;
  }
  capture result;
  result.request_id = text_member(document, "request_id");
  for (const auto& value : document["requests"].GetArray()) {
    auto request = read_request(value, folder, message);
    if (!request) {
      if (message.empty())
        message = path + ": a request is no object";
      return std::nullopt;
    }
    result.requests.push_back(std::move(*request));
  }
  const auto timeline = document.FindMember("timeline");
  if (timeline != document.MemberEnd() && timeline->value.IsArray())
    read_outcome(timeline->value, result);
  return result;
}

std::vector<std::size_t>
cut_like(const std::vector<std::pair<std::size_t, double>>& chunks,
         std::size_t bytes) {
  constexpr std::size_t gzip_header_bytes = 10;
  std::vector<std::size_t> sizes;
  std::size_t captured = 0;
  for (const auto& [size, time_ms] : chunks)
    captured += size;
  if (bytes == 0)
    return sizes;
  if (captured == 0)
    return {bytes};
  const bool has_header = chunks.size() > 1
                          && chunks[0].first == gzip_header_bytes
                          && bytes > gzip_header_bytes;
  std::size_t captured_so_far = 0;
  std::size_t cut_so_far = 0;
  for (const auto& [size, time_ms] : chunks) {
    captured_so_far += size;
    // The ends of the chunks are scaled, so that rounding never adds up.
    auto end = bytes * captured_so_far / captured;
    if (has_header && sizes.empty())
      end = gzip_header_bytes;
    end = std::max(end, cut_so_far);
    sizes.push_back(end - cut_so_far);
    cut_so_far = end;
  }
  return sizes;
}

} // namespace sandbox::builtin

// Facts: see the header.
#include "tools/lambda-sandbox/function/facts.hpp"

#include "tools/lambda-sandbox/function/clock.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace sandbox::builtin {

int fact_writer::descriptor_from_environment() {
  const auto* text = std::getenv("LAMBDA_SANDBOX_REPORT_FD");
  if (text == nullptr || *text == '\0')
    return -1;
  char* end = nullptr;
  const auto number = std::strtol(text, &end, 10);
  return *end == '\0' && number >= 0 ? static_cast<int>(number) : -1;
}

void fact_writer::set_request_id(std::string request_id) {
  const std::lock_guard lock{mutex_};
  request_id_ = std::move(request_id);
}

std::uint64_t fact_writer::line_offered(std::string_view kind,
                                        std::string_view text,
                                        std::string_view metadata) {
  std::uint64_t line = 0;
  std::uint64_t number = 0;
  bool is_new = false;
  {
    const std::lock_guard lock{mutex_};
    line = ++lines_;
    if (!metadata.empty()) {
      auto place = metadata_.find(metadata);
      is_new = place == metadata_.end();
      if (is_new)
        place = metadata_.emplace(metadata, metadata_.size() + 1).first;
      number = place->second;
    }
  }
  const auto under = ",\"metadata\":" + std::to_string(number);
  if (is_new)
    keep("metadata", under + ",\"text\":" + json_string(metadata));
  keep("line_offered", ",\"line\":" + std::to_string(line)
                           + ",\"kind\":" + json_string(kind)
                           + ",\"text\":" + json_string(text) + under);
  return line;
}

void fact_writer::line_taken(std::uint64_t line) {
  keep("line_taken", ",\"line\":" + std::to_string(line));
}

void fact_writer::registered(int status) {
  write("registered", ",\"status\":" + std::to_string(status));
}

void fact_writer::flush_sent() {
  write("flush_sent", "");
}

void fact_writer::flush_answered(int status) {
  write("flush_answered", ",\"status\":" + std::to_string(status));
}

void fact_writer::log(std::string_view text) {
  write("log", ",\"text\":" + json_string(text));
}

void fact_writer::request(std::string_view target, int status, int expected) {
  write("request", ",\"target\":" + json_string(target)
                       + ",\"status\":" + std::to_string(status)
                       + ",\"expected\":" + std::to_string(expected));
}

void fact_writer::error(std::string_view text) {
  write("error", ",\"text\":" + json_string(text));
}

void fact_writer::info(int status, std::string_view version) {
  write("info", ",\"status\":" + std::to_string(status)
                    + ",\"version\":" + json_string(version));
}

void fact_writer::response_sent(int status) {
  write("response_sent", ",\"status\":" + std::to_string(status));
}

void fact_writer::keep(std::string_view fact, std::string_view members) {
  if (descriptor_ < 0)
    return;
  const std::lock_guard lock{mutex_};
  kept_ += "{\"at_ns\":" + std::to_string(monotonic_ns())
           + ",\"process\":" + std::to_string(getpid())
           + ",\"request_id\":" + json_string(request_id_) + ",\"fact\":\"";
  kept_.append(fact).append("\"").append(members).append("}\n");
}

void fact_writer::write(std::string_view fact, std::string_view members) {
  keep(fact, members);
  write_out();
}

void fact_writer::write_out() {
  const std::lock_guard lock{mutex_};
  if (among_workers_ != nullptr)
    among_workers_->lock();
  std::string_view left = kept_;
  while (!left.empty()) {
    const auto written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      break; // The sandbox is gone; the function goes on, as Lambda's would.
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  kept_.clear();
  if (among_workers_ != nullptr)
    among_workers_->unlock();
}

std::string json_string(std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace sandbox::builtin

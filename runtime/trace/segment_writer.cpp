// Writing segments; see segment.hpp.
#include "runtime/trace/segment.hpp"
#include "runtime/trace/segment_body.hpp"
#include "runtime/trace/wire.hpp"

namespace apm::trace {

namespace {

enum section : uint8_t {
  process_section = 1,
  dictionary_section = 2,
  records_section = 3
};

void append_section(std::string& to, section kind, const std::string& content) {
  to += static_cast<char>(kind);
  append_varint(to, content.size());
  to += content;
}

std::string process_content(const process_facts& x) {
  std::string text;
  append_varint(text, x.process_id);
  for (const auto time : {x.start.monotonic, x.start.real, x.start.boot})
    append_varint(text, zigzag(time));
  text += static_cast<char>(x.is_ended ? 1 : 0);
  for (const auto number :
       {x.first_event, x.last_event, x.overwritten, x.torn, x.gaps})
    append_varint(text, number);
  return text;
}

std::string dictionary_content(const std::vector<dictionary_entry>& entries) {
  std::string text;
  for (const auto& x : entries) {
    append_varint(text, static_cast<uint64_t>(x.kind));
    append_varint(text, x.id);
    append_varint(text, x.other);
    append_varint(text, x.text.size());
    text += x.text;
  }
  return text;
}

std::string records_content(const std::vector<record>& records) {
  std::string text;
  uint64_t sequence = 0;
  int64_t time_ns = 0;
  for (const auto& x : records) {
    text += static_cast<char>(x.kind);
    append_varint(text, x.sequence - sequence);
    append_varint(
        text, zigzag(static_cast<int64_t>(static_cast<uint64_t>(x.time_ns)
                                          - static_cast<uint64_t>(time_ns))));
    text += static_cast<char>(x.actor.role());
    append_varint(text, x.actor.ordinal());
    append_varint(text, x.cause == 0 ? 0 : x.sequence - x.cause);
    append_varint(text, x.payload.size());
    text += x.payload;
    sequence = x.sequence;
    time_ns = x.time_ns;
  }
  return text;
}

} // namespace

result<std::string> write_segment(const trace& x) {
  std::string body;
  append_section(body, process_section, process_content(x.process));
  append_section(body, dictionary_section, dictionary_content(x.dictionary));
  append_section(body, records_section, records_content(x.records));
  return pack_segment(std::move(body));
}

} // namespace apm::trace

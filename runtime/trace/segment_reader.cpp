// Reading segments, and files of whichever kind; see segment.hpp and
// trace_reader.hpp.
#include "runtime/trace/ring_layout.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/segment_body.hpp"

#include <algorithm>

namespace apm::trace {

namespace {

bool read_process(byte_reader in, process_facts& to) {
  to.process_id = static_cast<uint32_t>(in.u());
  to.start.monotonic = in.i();
  to.start.real = in.i();
  to.start.boot = in.i();
  to.is_ended = in.byte() != 0;
  for (auto* number :
       {&to.first_event, &to.last_event, &to.overwritten, &to.torn, &to.gaps})
    *number = in.u();
  return in.is_sound();
}

bool read_dictionary(byte_reader in, std::vector<dictionary_entry>& to) {
  while (!in.is_at_end()) {
    dictionary_entry x;
    x.kind = static_cast<entry_kind>(in.u());
    x.id = static_cast<uint32_t>(in.u());
    x.other = static_cast<uint32_t>(in.u());
    x.text = in.text(in.u());
    if (!in.is_sound())
      return false;
    to.push_back(std::move(x));
  }
  return in.is_sound();
}

bool read_records(byte_reader in, std::vector<record>& to) {
  // Sections of records go on where the one before has ended.
  uint64_t sequence = to.empty() ? 0 : to.back().sequence;
  uint64_t time_ns = to.empty() ? 0 : static_cast<uint64_t>(to.back().time_ns);
  while (!in.is_at_end()) {
    record x;
    x.kind = in.byte();
    const auto step = in.u();
    time_ns += static_cast<uint64_t>(in.i());
    const auto role = in.byte();
    x.actor = actor_reference::make(role, static_cast<uint32_t>(in.u()));
    const auto back = in.u();
    x.payload = in.text(in.u());
    if (!in.is_sound() || step == 0 || step > UINT64_MAX - sequence)
      return false;
    sequence += step;
    x.sequence = sequence;
    x.time_ns = static_cast<int64_t>(time_ns);
    x.cause = back != 0 && back < sequence ? sequence - back : 0;
    to.push_back(x);
  }
  return in.is_sound();
}

bool read_body(trace& to) {
  byte_reader in{*to.storage};
  bool is_sound = true;
  while (is_sound && !in.is_at_end()) {
    const auto kind = in.byte();
    const byte_reader content{in.text(in.u())};
    is_sound = in.is_sound();
    if (kind == 1)
      is_sound = is_sound && read_process(content, to.process);
    else if (kind == 2)
      is_sound = is_sound && read_dictionary(content, to.dictionary);
    else if (kind == 3)
      is_sound = is_sound && read_records(content, to.records);
  }
  return is_sound;
}

} // namespace

result<segment_found> read_segment(std::string_view content) {
  auto body = unpack_segment(content);
  if (!body)
    return body.error();
  segment_found found;
  found.bytes = body.value().bytes;
  found.content.storage =
      std::make_shared<const std::string>(std::move(body.value().content));
  if (!read_body(found.content))
    return error{errc::bad_shape, "has a body that cannot be read"};
  return found;
}

result<trace_file> read_traces(std::string_view content, size_t bytes_max) {
  trace_file found;
  if (content.substr(0, ring_magic.size()) == ring_magic) {
    auto ring = read_ring(content);
    if (!ring)
      return ring.error();
    found.traces.push_back(std::move(ring.value()));
    return found;
  }
  error first{errc::bad_shape, "is neither a ring nor a segment of a trace"};
  bool has_failed = false;
  size_t left = bytes_max;
  while (!content.empty()) {
    auto next = read_segment(content);
    if (next && next.value().content.storage->size() > left) {
      first = {errc::too_large, "holds more than can be read at once"};
      has_failed = true;
      found.ignored_bytes += content.size();
      break;
    }
    if (next) {
      left -= next.value().content.storage->size();
      found.traces.push_back(std::move(next.value().content));
      content.remove_prefix(next.value().bytes);
      continue;
    }
    if (!has_failed && content.substr(0, 4) == segment_magic)
      first = next.error();
    has_failed = true;
    // The next segment may be sound.
    const auto mark = std::min(content.find(segment_magic, 1), content.size());
    found.ignored_bytes += mark;
    content.remove_prefix(mark);
  }
  if (found.traces.empty())
    return first;
  if (has_failed)
    found.problem = first.detail;
  return found;
}

} // namespace apm::trace

// Following a ring; see ring_cursor.hpp.
#include "tools/flushtrace/replay/ring_cursor.hpp"

#include "runtime/trace/ring_layout.hpp"

#include <algorithm>

namespace flushtrace {

using namespace apm::trace;

ring_cursor::ring_cursor(std::string_view image)
    : image_(image), slots_((image.size() - slots_offset) / slot_bytes) {}

const char* ring_cursor::slot(uint64_t sequence) const noexcept {
  return image_.data() + slots_offset + sequence % slots_ * slot_bytes;
}

const record* ring_cursor::next() {
  const char* first = slot(next_);
  if (load<uint64_t>(first + 8) != next_ || first[4] == 0)
    return nullptr;
  const size_t bytes = load<uint32_t>(first + 32);
  const uint64_t count = load<uint16_t>(first + 6);
  const uint64_t back = load<uint32_t>(first + 28);
  current_.sequence = next_;
  current_.time_ns = load<int64_t>(first + 16);
  current_.cause = back == 0 ? 0 : next_ - back;
  current_.actor.value = load<uint32_t>(first + 24);
  current_.kind = static_cast<uint8_t>(first[4]);
  current_.payload = {first + first_payload_offset,
                      std::min(bytes, first_payload_bytes)};
  if (count > 1) {
    payload_.assign(current_.payload);
    for (uint64_t part = 1; part < count; ++part)
      payload_.append(slot(next_ + part) + next_payload_offset,
                      std::min(next_payload_bytes, bytes - payload_.size()));
    current_.payload = payload_;
  }
  next_ += count;
  return &current_;
}

} // namespace flushtrace

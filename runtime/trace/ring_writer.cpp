#include "runtime/trace/ring_writer.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

namespace apm::trace {

namespace {

/// What was stored before is in memory before what is stored after, for whoever
/// finds the ring of a process that was killed in between.
void keep_order() noexcept {
  std::atomic_signal_fence(std::memory_order_release);
}

/// A slot is made here, where nothing has to be loaded first, and put in its
/// place as a whole.
struct new_slot {
  alignas(slot_bytes) char bytes[slot_bytes] = {};

  void put(size_t payload_offset, std::string_view part) noexcept {
    if (!part.empty())
      std::memcpy(bytes + payload_offset, part.data(), part.size());
  }

  void store_at(char* to) const noexcept {
    std::memcpy(to + 4, bytes + 4, slot_bytes - 4);
    const auto sum = slot_checksum(bytes);
    keep_order();
    store(to, sum);
    keep_order();
  }
};

} // namespace

ring_writer::ring_writer(char* memory, size_t bytes, uint32_t process_id,
                         const clock_readings& start) noexcept
    : memory_(memory),
      bytes_(bytes),
      slots_((bytes - slots_offset) / slot_bytes),
      payload_bytes_max_(
          std::min<size_t>((bytes - slots_offset) / 8, 64 * 1024)) {
  std::memcpy(memory, ring_magic.data(), ring_magic.size());
  store(memory + 8, format_version);
  store(memory + 10, static_cast<uint16_t>(slot_bytes));
  store(memory + 12, static_cast<uint32_t>(slots_));
  store(memory + 16, static_cast<uint32_t>(slots_offset));
  store(memory + 20, process_id);
  store(memory + 24, start.monotonic);
  store(memory + 32, start.real);
  store(memory + 40, start.boot);
  keep_order();
  store(memory + 48, checksum(memory, header_checked_bytes));
}

uint64_t ring_writer::append(const new_record& x) noexcept {
  const auto payload = x.payload.substr(0, payload_bytes_max_);
  const auto count = slots_for(payload.size());
  const auto sequence = next_;
  next_ += count;
  for (size_t part = 1; part < count; ++part) {
    new_slot next;
    store(next.bytes + 4, static_cast<uint32_t>(part) << 16); // kind 0
    store(next.bytes + 8, sequence + part);
    next.put(
        next_payload_offset,
        payload.substr(first_payload_bytes + (part - 1) * next_payload_bytes,
                       next_payload_bytes));
    next.store_at(slot(sequence + part));
  }
  constexpr uint64_t furthest = std::numeric_limits<uint32_t>::max();
  const auto back = x.cause == 0 ? 0 : std::min(sequence - x.cause, furthest);
  new_slot first;
  store(first.bytes + 4,
        static_cast<uint32_t>(x.kind) | static_cast<uint32_t>(count) << 16);
  store(first.bytes + 8, sequence);
  store(first.bytes + 16, x.time_ns);
  store(first.bytes + 24, x.actor.value);
  store(first.bytes + 28, static_cast<uint32_t>(back));
  store(first.bytes + 32, static_cast<uint32_t>(payload.size()));
  first.put(first_payload_offset, payload.substr(0, first_payload_bytes));
  first.store_at(slot(sequence));
  return sequence;
}

bool ring_writer::define(entry_kind kind, uint32_t id, uint32_t other,
                         std::string_view text) noexcept {
  text = text.substr(0, std::numeric_limits<uint16_t>::max());
  const auto size = (entry_header_bytes + text.size() + 7) / 8 * 8;
  // An end of the dictionary must remain: a header of zeros.
  if (size + entry_header_bytes > slots_offset - dictionary_end_)
    return false;
  char* to = memory_ + dictionary_end_;
  store(to + 4,
        static_cast<uint32_t>(text.size()) | static_cast<uint32_t>(kind) << 16);
  store(to + 8, id);
  store(to + 12, other);
  std::memcpy(to + entry_header_bytes, text.data(), text.size());
  const auto sum = checksum(to + 4, size - 4);
  keep_order();
  store(to, sum);
  dictionary_end_ += size;
  return true;
}

void ring_writer::seal() noexcept {
  store(memory_ + state_offset, uint32_t{1});
}

} // namespace apm::trace

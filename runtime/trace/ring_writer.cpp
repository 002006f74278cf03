#include "runtime/trace/ring_writer.hpp"

#include "runtime/trace/short_copy.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <limits>

namespace apm::trace {

namespace {

/// What was stored before is in memory before what is stored after, for whoever
/// finds the ring of a process that was killed in between.
void keep_order() noexcept {
  std::atomic_signal_fence(std::memory_order_release);
}

/// A slot as it is made, in registers, and put in its place as a whole.
struct new_slot {
  uint64_t words[slot_words] = {};

  /// What precedes the checked words 1 … 7.
  static uint64_t head(uint32_t kind, uint64_t count) noexcept {
    return (kind | count << 16) << 32;
  }

  /// The checksum last: until then what stands there is not believed.
  void store_at(char* to) const noexcept {
    store(to + 4, static_cast<uint32_t>(words[0] >> 32));
    for (size_t i = 1; i < slot_words; ++i)
      store(to + i * sizeof(uint64_t), words[i]);
    const auto sum = slot_checksum(words);
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
  store(memory + 8, ring_version);
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
  const auto bytes = std::min(x.payload.size(), payload_bytes_max_);
  const auto sequence = next_;
  const size_t count =
      bytes <= first_payload_bytes
          ? 1
          : append_rest({x.payload.data() + first_payload_bytes,
                         bytes - first_payload_bytes});
  constexpr uint64_t furthest = std::numeric_limits<uint32_t>::max();
  const auto back = x.cause == 0 ? 0 : std::min(sequence - x.cause, furthest);
  new_slot first;
  first.words[0] = new_slot::head(static_cast<uint32_t>(x.kind), count);
  first.words[1] = sequence;
  first.words[2] = static_cast<uint64_t>(x.time_ns);
  first.words[3] = x.actor.value | back << 32;
  if (bytes == 0) { // as every second record is
    first.store_at(slot(0));
  } else {
    uint64_t last[slot_words / 2] = {};
    auto* begin = reinterpret_cast<char*>(last);
    store(begin, static_cast<uint32_t>(bytes));
    copy_short(begin + sizeof(uint32_t), x.payload.data(),
               std::min(bytes, first_payload_bytes));
    std::copy(std::begin(last), std::end(last), first.words + 4);
    first.store_at(slot(0));
  }
  next_ += count;
  next_slot_ += count;
  if (next_slot_ >= slots_)
    next_slot_ -= slots_;
  return sequence;
}

size_t ring_writer::append_rest(std::string_view payload) noexcept {
  size_t part = 0;
  while (!payload.empty()) {
    ++part;
    const auto size = std::min(payload.size(), next_payload_bytes);
    uint64_t last[next_payload_bytes / sizeof(uint64_t)] = {};
    copy_short(reinterpret_cast<char*>(last), payload.data(), size);
    new_slot next;
    next.words[0] = new_slot::head(0, part);
    next.words[1] = next_ + part;
    std::copy(std::begin(last), std::end(last), next.words + 2);
    payload.remove_prefix(size);
    next.store_at(slot(part));
  }
  return part + 1;
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
  if (!text.empty())
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

// Reading a ring's image; see FORMAT.md, "The ring".
#include "runtime/trace/ring_layout.hpp"
#include "runtime/trace/trace_reader.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace apm::trace {

namespace {

/// The geometry of a ring, checked against its image.
struct geometry {
  std::string_view image;
  uint64_t slots = 0;
  size_t offset = 0;
  uint16_t version = ring_version;

  const char* slot(uint64_t sequence) const noexcept {
    return image.data() + offset + sequence % slots * slot_bytes;
  }

  /// Whether the slot holds what was written as `sequence`.
  bool holds(uint64_t sequence) const noexcept {
    const char* at = slot(sequence);
    return load<uint64_t>(at + 8) == sequence
           && load<uint32_t>(at)
                  == (version == 1 ? checksum(at + 4, slot_bytes - 4)
                                   : slot_checksum(at));
  }
};

result<geometry> read_header(std::string_view image) {
  if (image.size() < header_bytes
      || image.substr(0, ring_magic.size()) != ring_magic)
    return error{errc::bad_shape, "is no ring of a trace"};
  const char* at = image.data();
  const auto version = ring_version_of(image);
  if (version == 0 || version > ring_version)
    return error{errc::bad_value, "is of version " + std::to_string(version)
                                      + "; this program knows versions 1 and "
                                        "2, and a newer flushtrace may know "
                                        "it"};
  if (load<uint32_t>(at + 48) != checksum(at, header_checked_bytes)
      || load<uint16_t>(at + 10) != slot_bytes)
    return error{errc::bad_shape, "has a damaged header"};
  geometry found;
  found.image = image;
  found.version = version;
  found.slots = load<uint32_t>(at + 12);
  found.offset = load<uint32_t>(at + 16);
  // What was cut off is missing, and what is there can be read.
  if (found.offset < header_bytes || found.slots == 0
      || found.offset % slot_bytes != 0
      || found.slots * slot_bytes > std::numeric_limits<size_t>::max() / 2)
    return error{errc::bad_shape, "has a damaged header"};
  return found;
}

std::vector<dictionary_entry> read_dictionary(std::string_view area) {
  std::vector<dictionary_entry> entries;
  while (area.size() >= entry_header_bytes) {
    const char* at = area.data();
    const auto sizes = load<uint32_t>(at + 4);
    const size_t text_bytes = sizes & 0xFFFF;
    const auto kind = static_cast<entry_kind>(sizes >> 16 & 0xFF);
    const auto size = (entry_header_bytes + text_bytes + 7) / 8 * 8;
    if ((text_bytes == 0 && kind == entry_kind::none) || size > area.size()
        || load<uint32_t>(at) != checksum(at + 4, size - 4))
      break;
    entries.push_back({kind, load<uint32_t>(at + 8), load<uint32_t>(at + 12),
                       std::string(at + entry_header_bytes, text_bytes)});
    area.remove_prefix(size);
  }
  return entries;
}

/// The first and the last sequence of all sound slots.
struct extent {
  uint64_t first = 0;
  uint64_t last = 0; ///< 0: there are none
};

extent find_extent(const geometry& ring) {
  uint64_t last = 0;
  for (uint64_t i = 0; i < ring.slots; ++i) {
    const auto sequence = load<uint64_t>(ring.slot(i) + 8);
    if (sequence > last && sequence % ring.slots == i && ring.holds(sequence))
      last = sequence;
  }
  return {last < ring.slots ? 1 : last - ring.slots + 1, last};
}

class record_collector {
public:
  /// @param wanted the first sequence that is wanted
  record_collector(const geometry& ring, uint64_t wanted, trace& to)
      : ring_(ring), wanted_(std::max<uint64_t>(wanted, 1)), to_(to) {}

  void collect(uint64_t first, uint64_t last) {
    uint64_t at = first;
    while (at <= last && at >= first) {
      const auto slots = take(at, last);
      if (slots == 0)
        misses_.push_back(at);
      at += std::max<uint64_t>(slots, 1);
    }
    settle(last);
  }

private:
  struct position {
    size_t offset;
    size_t size;
  };

  /// @returns how many slots the record at `sequence` has; 0: there is none
  uint64_t take(uint64_t sequence, uint64_t last) {
    const char* slot = ring_.slot(sequence);
    if (slot[4] == 0 || !ring_.holds(sequence))
      return 0;
    const uint64_t slots = load<uint16_t>(slot + 6);
    const size_t bytes = load<uint32_t>(slot + 32);
    if (slots == 0 || slots > ring_.slots || sequence + slots - 1 > last
        || slots_for(bytes) != slots)
      return 0;
    for (uint64_t part = 1; part < slots; ++part) {
      const char* next = ring_.slot(sequence + part);
      if (next[4] != 0 || load<uint16_t>(next + 6) != part
          || !ring_.holds(sequence + part))
        return 0;
    }
    keep(sequence, slots, bytes);
    return slots;
  }

  void keep(uint64_t sequence, uint64_t slots, size_t bytes) {
    const char* slot = ring_.slot(sequence);
    record x;
    x.sequence = sequence;
    x.kind = static_cast<uint8_t>(slot[4]);
    x.time_ns = load<int64_t>(slot + 16);
    x.actor.value = load<uint32_t>(slot + 24);
    const uint64_t back = load<uint32_t>(slot + 28);
    x.cause = back != 0 && back < sequence ? sequence - back : 0;
    const auto begin = text_.size();
    text_.append(slot + first_payload_offset,
                 std::min(bytes, first_payload_bytes));
    for (uint64_t part = 1; part < slots; ++part)
      text_.append(
          ring_.slot(sequence + part) + next_payload_offset,
          std::min(next_payload_bytes, bytes - (text_.size() - begin)));
    to_.records.push_back(x);
    payloads_.push_back({begin, bytes});
  }

  /// What is missing before the first record was overwritten, what is missing
  /// after the last one is torn.
  void settle(uint64_t last) {
    auto storage = std::make_shared<const std::string>(std::move(text_));
    for (size_t i = 0; i < payloads_.size(); ++i)
      to_.records[i].payload = std::string_view{*storage}.substr(
          payloads_[i].offset, payloads_[i].size);
    to_.storage = std::move(storage);
    const auto oldest =
        to_.records.empty() ? last + 1 : to_.records.front().sequence;
    const auto newest = to_.records.empty() ? 0 : to_.records.back().sequence;
    to_.process.overwritten = oldest > wanted_ ? oldest - wanted_ : 0;
    for (const auto missed : misses_) {
      if (missed > newest)
        to_.process.torn = 1;
      else if (missed > oldest)
        ++to_.process.gaps;
    }
  }

  const geometry& ring_;
  uint64_t wanted_;
  trace& to_;
  std::string text_;
  std::vector<position> payloads_; ///< of the records
  std::vector<uint64_t> misses_;
};

} // namespace

uint16_t ring_version_of(std::string_view image) noexcept {
  return image.size() < header_bytes ? uint16_t{0}
                                     : load<uint16_t>(image.data() + 8);
}

result<trace> read_ring(std::string_view image, sequence_range wanted) {
  auto header = read_header(image);
  if (!header)
    return header.error();
  auto ring = header.value();
  trace found;
  const char* at = image.data();
  found.process.process_id = load<uint32_t>(at + 20);
  found.process.start = {load<int64_t>(at + 24), load<int64_t>(at + 32),
                         load<int64_t>(at + 40)};
  found.process.is_ended = load<uint32_t>(at + state_offset) == 1;
  found.dictionary = read_dictionary(
      image.substr(header_bytes, std::min(ring.offset, image.size())
                                     - std::min(header_bytes, image.size())));
  // A slot that was cut off is one that does not hold: read zeros in its place.
  std::string completed;
  const auto needed = ring.offset + ring.slots * slot_bytes;
  if (image.size() < needed) {
    constexpr size_t largest = size_t{1} << 30;
    if (needed > largest)
      return error{errc::bad_shape, "is cut short"};
    completed.assign(image);
    completed.resize(needed);
    ring.image = completed;
  }
  auto range = sequence_range{wanted.first, wanted.end};
  if (wanted.end == UINT64_MAX || wanted.end - wanted.first > ring.slots) {
    const auto there = find_extent(ring);
    range.first = std::max(there.first, wanted.first);
    range.end = std::min(there.last + 1, wanted.end);
  }
  record_collector collector{ring, wanted.first, found};
  if (range.first < range.end)
    collector.collect(std::max<uint64_t>(range.first, 1), range.end - 1);
  else
    collector.collect(1, 0);
  return found;
}

} // namespace apm::trace

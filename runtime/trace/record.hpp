// What a trace consists of, in memory: records, and the dictionary that makes
// them readable. See FORMAT.md for what each kind and field means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apm::trace {

enum class record_kind : uint8_t {
  none = 0,
  born = 1,
  exited = 2,
  enqueued = 3,
  handled = 4,
  not_consumed = 5,
  wall_read = 8,
  random_draw = 9,
  clock_anchor = 10,
  process_end = 11,
  event_begin = 32,
  winner = 33,
  late_signal = 34,
  flush_begin = 35,
  flush_end = 36,
  ledger = 37,
  dropped = 38,
  buffer = 39,
  post = 40,
  breaker = 41,
  verdict = 42,
};

/// A kind's name and fields, as its dictionary entry has them.
std::string_view schema_of(record_kind kind) noexcept;

/// How a text stands in a payload.
enum text_form : uint8_t { hashed_text = 0, kept_text = 1, sized_text = 2 };

/// Of a record `enqueued`.
enum enqueued_flags : uint8_t {
  is_urgent = 1,
  is_from_outside = 2,
};

/// Who did something, or to whom it was done: a role and which of that role.
struct actor_reference {
  uint32_t value = 0; ///< 0: the world

  static constexpr uint32_t ordinal_bits = 24;

  static actor_reference make(uint8_t role, uint32_t ordinal) noexcept {
    return {static_cast<uint32_t>(role) << ordinal_bits
            | (ordinal & ((1U << ordinal_bits) - 1))};
  }

  uint8_t role() const noexcept {
    return static_cast<uint8_t>(value >> ordinal_bits);
  }

  uint32_t ordinal() const noexcept {
    return value & ((1U << ordinal_bits) - 1);
  }
};

struct record {
  uint64_t sequence = 0;
  int64_t time_ns = 0;
  uint64_t cause = 0; ///< 0: none is known
  actor_reference actor;
  uint8_t kind = 0;         ///< a `record_kind`, or one that is not known
  std::string_view payload; ///< in the storage of its trace
};

enum class entry_kind : uint8_t {
  none = 0,
  role = 1,
  message_type = 2,
  record_schema = 3,
  configuration = 4,
  fact = 5,
};

struct dictionary_entry {
  entry_kind kind = entry_kind::none;
  uint32_t id = 0;
  uint32_t other = 0; ///< role: the parent's
  std::string text;
};

/// Where the clocks stood. *Units:* ns.
struct clock_readings {
  int64_t monotonic = 0;
  int64_t real = 0;
  int64_t boot = 0;
};

/// The process that wrote a trace, and what is missing of it.
struct process_facts {
  uint32_t process_id = 0;
  clock_readings start;
  bool is_ended = false; ///< in good order: it was not killed
  uint64_t first_event = 0;
  uint64_t last_event = 0;
  uint64_t overwritten = 0; ///< slots
  uint64_t torn = 0;        ///< records
  uint64_t gaps = 0;        ///< slots
};

} // namespace apm::trace

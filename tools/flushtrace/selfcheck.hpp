// What selfcheck measures and proves on this machine.
#pragma once

#include "tools/flushtrace/progress.hpp"

#include <cstdint>
#include <string>

namespace flushtrace {

/// *Units:* ns per record, median over batches of 1000.
struct record_costs {
  double handled = 0;  ///< one slot, no fields
  double noted = 0;    ///< one slot, three fields
  double enqueued = 0; ///< a typical message, two slots
  double ledger = 0;   ///< the longest record of our field
};

record_costs measure_costs(uint64_t records);

/// *Units:* ns per record, median of many readings of a ring of the default
/// size, full of a typical mixture.
struct reading_costs {
  double ring = 0;    ///< checksums, and the records in their order
  double segment = 0; ///< unpacked, its checksum, and the records
  double fields = 0;  ///< every field of a record, by its schema
  uint64_t records = 0;
};

reading_costs measure_reading(uint32_t rounds);

struct kill_outcome {
  uint32_t kills = 0;
  uint64_t records = 0; ///< that were salvaged
  uint32_t torn = 0;    ///< kills that tore a record
  uint32_t unreadable = 0;
  uint32_t holes = 0;  ///< salvages with a hole
  uint32_t wrong = 0;  ///< salvages with a record that was not written so
  std::string problem; ///< why not all were made; empty: they were
};

/// Has a process record, kills it at a random point and salvages its ring,
/// again and again.
kill_outcome kill_and_salvage(uint32_t kills, uint64_t seed, progress* shown);

} // namespace flushtrace

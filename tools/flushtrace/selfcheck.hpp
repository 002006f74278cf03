// What selfcheck measures and proves on this machine.
#pragma once

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
kill_outcome kill_and_salvage(uint32_t kills, uint64_t seed);

} // namespace flushtrace

// What many traces come to: causes by how much they cost, how near deadlines
// were, and the worst events. Traces are added one by one and not kept.
//
//   fleet sum;
//   sum.add(process, analysis);
//   print_fleet(sum, out);
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace flushtrace {

/// What events of one primary cause have cost. *Units:* intake lines, bytes.
struct cause_cost {
  uint64_t events = 0;
  uint64_t lost = 0;
  uint64_t delayed = 0; ///< or at risk
  uint64_t rejected = 0;
  uint64_t held_bytes = 0; ///< when the flush was over
  uint64_t also = 0;       ///< events of which it is another cause
};

/// An event of which something was missed.
struct missed_event {
  uint32_t process = 0;
  uint64_t event = 0;
  std::string request_id;
  std::string begin; ///< RFC 3339
  std::string outcome;
  std::string cause; ///< `unknown` where none was found
  std::string remedy;
  uint64_t lost = 0;
  uint64_t delayed = 0;
  uint64_t rejected = 0;
};

/// *Units:* ms.
struct percentiles {
  size_t count = 0;
  double least = 0;
  double p1 = 0;
  double p10 = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double most = 0;
};

/// *Shape:* of no values all are 0.
percentiles percentiles_of(std::vector<double> values);

/// The cause's id of events for which no rule holds.
constexpr const char* unknown_cause = "unknown";

class fleet {
public:
  /// @param chosen events; none: all
  void add(const process_trace& of, const process_analysis& found,
           const std::set<uint64_t>* chosen);

  uint64_t processes = 0;
  uint64_t events = 0;
  uint64_t missed = 0;
  uint64_t undecidable = 0;
  uint64_t received = 0;
  uint64_t accepted = 0;
  std::map<std::string, cause_cost> causes; ///< by id, of missed events
  std::vector<double> slack_ms;     ///< before the deadline, at the event's end
  std::vector<double> held_ms;      ///< by us, of invocations
  std::vector<missed_event> misses; ///< in the order of the traces
};

/// The misses that have cost most, the worst first.
std::vector<missed_event> worst_of(const fleet& x, size_t most);

} // namespace flushtrace

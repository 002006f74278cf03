// What the APM Server says to a request, and when: what it said to the same one
// in the recording; else to the last one before, in the median of the recorded
// times; or as an alteration says. Where all that is known is that it takes
// longer than somebody waited for it, it takes the median of what is known to
// be longer, or for ever.
//
//   server_model server{exchanges, alteration};
//   const auto answer = server.plan(exchange);
#pragma once

#include "tools/flushtrace/whatif/alteration.hpp"
#include "tools/flushtrace/whatif/exchanges.hpp"
#include "tools/flushtrace/whatif/script.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace flushtrace {

constexpr int64_t never = INT64_MAX;

struct planned_answer {
  int64_t latency_ns = never;
  const exchange* like = nullptr; ///< whose answer it has; null: see `stated`
  stated_answer stated;
};

class server_model {
public:
  /// @param exchanges outlives it, as do all others
  server_model(const exchange_book& exchanges, const world_script& script,
               const alteration& how);

  /// One that is in the recording.
  planned_answer plan(const exchange& x);

  /// One that is not, or is another one.
  planned_answer plan(request_kind kind, size_t interval, size_t order);

private:
  planned_answer plan(request_kind kind, const exchange* like, bool is_same);
  int64_t latency_of(const exchange* like, bool is_same);
  int64_t longer_than(int64_t ns) const;
  const exchange* good_one() const;

  const exchange_book& exchanges_;
  const world_script& script_;
  const alteration& how_;
  std::mt19937_64 random_;
  size_t posts_ = 0;               ///< that were planned
  std::vector<int64_t> latencies_; ///< of answers to POSTs, ascending
};

} // namespace flushtrace

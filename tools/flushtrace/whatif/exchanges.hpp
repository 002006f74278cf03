// What a recorded process has asked for over HTTP, and what became of it.
//
//   const exchange_book book{run};
//   if (const auto* x = book.of_request(sequence))
//     … x->end_ns - x->begin_ns
#pragma once

#include "messages/http.hpp"
#include "tools/flushtrace/replay/recorded_run.hpp"

#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace flushtrace {

enum class request_kind : uint8_t {
  intake,     ///< the FORWARDER's POST
  relay,      ///< an agent's own, through the COORDINATOR
  next_event, ///< `event/next`
  lambda,     ///< registration, subscription
};

request_kind kind_of(std::string_view sender_role, std::string_view url);

enum class exchange_end : uint8_t { open, answered, failed, cancelled };

constexpr size_t no_index = SIZE_MAX;

struct exchange {
  request_kind kind = request_kind::intake;
  uint64_t request = 0;   ///< record, of the message to the HTTP CLIENT
  int64_t begin_ns = 0;   ///< when that handled it
  int64_t timeout_ms = 0; ///< 0: none
  size_t interval = 0;    ///< how many events had been given out before
  size_t order = 0;       ///< among those of its kind in the interval
  exchange_end how = exchange_end::open;
  int64_t end_ns = 0;
  size_t answer = no_index; ///< index of its `http_response`
  size_t phases = no_index; ///< index of its `post`
  uint16_t status = 0;
  apm::http_failure failure = apm::http_failure::none;
  /// It began before an event was given out and was answered behind that.
  bool is_over_freeze = false;
  size_t end_interval = 0; ///< in which it was answered

  int64_t took_ns() const noexcept { return end_ns - begin_ns; }

  bool has_answer() const noexcept {
    return how == exchange_end::answered || how == exchange_end::failed;
  }

  /// How long the server takes is known, and not only that it takes longer.
  bool is_latency_known() const noexcept {
    return has_answer() && !is_over_freeze
           && failure != apm::http_failure::timeout
           && failure != apm::http_failure::cancelled;
  }
};

class exchange_book {
public:
  /// @param run outlives it
  explicit exchange_book(const recorded_run& run);

  /// By the request's record; null: it is none.
  const exchange* of_request(uint64_t sequence) const;

  /// By the index of its answer's record.
  const exchange* of_answer(size_t index) const;

  /// The n-th of a kind, from 0; for those of which there are few.
  const exchange* nth(request_kind kind, size_t n) const;

  const exchange* of_order(request_kind kind, size_t interval,
                           size_t order) const;

  /// The last of a kind that began in this interval or before; else the first.
  const exchange* nearest(request_kind kind, size_t interval) const;

  const std::vector<exchange>& all() const noexcept { return all_; }

private:
  class reader;

  std::vector<exchange> all_; ///< in the order of their requests
  std::map<uint64_t, size_t> by_request_;
  std::map<size_t, size_t> by_answer_;
  std::map<std::tuple<request_kind, size_t, size_t>, size_t> by_order_;
};

} // namespace flushtrace

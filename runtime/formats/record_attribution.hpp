// Which request a log record belongs to that does not say it itself.
//
// Usually the stream says it: a line follows its request's `platform.start`.
// Times decide where the stream cannot: where records come out of order, where
// a start was lost, where a line comes late. Lambda stamps records inside the
// sandbox, with the clock by which we receive its events.
#pragma once

#include "messages/telemetry.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// The order in which a batch is to be read: as it came, but for a start that
/// comes right behind lines of the same time, which are its own; or, where the
/// times run backwards, by time, and at the same time starts come first,
/// reports last. *Shape:* indices of `records`.
[[nodiscard]] std::vector<size_t>
reading_order(const std::vector<telemetry_record>& records);

/// *Ownership:* refers to the work that it is made of.
class record_attribution {
public:
  explicit record_attribution(const telemetry_work& work);

  /// The stream shows a `platform.start`. *Units:* Unix epoch in microseconds;
  /// 0: not said.
  void started(std::string_view request_id, int64_t started_us);

  /// The request of a record of this time; empty where none is known.
  /// *Units:* Unix epoch in microseconds; 0: not said.
  [[nodiscard]] std::string_view request_at(int64_t time_us) const;

  /// What is known of a request; null where nothing is.
  [[nodiscard]] const invocation_facts*
  find(std::string_view request_id) const noexcept;

  /// The last starts, for the next batch; where requests run side by side, all
  /// of this batch.
  [[nodiscard]] std::vector<request_start> take_starts();

private:
  bool is_announced(std::string_view request_id) const;

  const telemetry_work& work_;
  std::vector<request_start> starts_;  ///< by time where it is known
  std::vector<std::string> announced_; ///< whose start is in this batch
};

/// The member `requestId` of a platform record; empty where it has none.
[[nodiscard]] std::string request_id_of(const telemetry_record& record);

} // namespace apm

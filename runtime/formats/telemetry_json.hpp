// Lambda's telemetry: a delivery is taken apart without interpreting it (on the
// TELEMETRY LISTENER's side), and interpreted later (by the LOG PROCESSOR).
// Both the Telemetry API's and the Logs API's forms are understood.
//
//   auto records = split_telemetry(bytes{std::move(body)});
//   auto result = interpret_telemetry(work);
#pragma once

#include "messages/bytes.hpp"
#include "messages/telemetry.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <vector>

namespace apm {

/// The most records of one delivery. *Source:* five times the `maxItems` that
/// we subscribe with; a record takes some 120 bytes beside its text.
constexpr size_t telemetry_records_max = 50'000;

/// Takes a delivery apart, a JSON array of objects.
/// *Shape:* one record per element, in their order; `record` is that member's
/// JSON text as it came, on the storage of `body`, and is not looked into: one
/// odd record costs none of its neighbours. An element that is no object or has
/// no `type` becomes a record of type "", so that it is counted.
/// *Errors:* `bad_json`, `bad_shape` where it is no array, `too_large` by
/// `telemetry_records_max`.
[[nodiscard]] result<std::vector<telemetry_record>> split_telemetry(bytes body);

/// Makes intake lines of a batch, and tells what it says of the invocations.
/// A function's log line belongs to the request that it names itself (a member
/// of a JSON log, a field of a runtime's text), else to the one that
/// record_attribution finds. An empty message makes a line like any other: the
/// Go extension sends it too, and who counts lines finds them all.
[[nodiscard]] telemetry_result interpret_telemetry(const telemetry_work& work);

} // namespace apm

// Fuzzes the platform's deliveries. Properties: a sound array is taken apart
// without loss; whatever the records are, each line made of them is one JSON
// object, and the counts are right.
#include "runtime/formats/intake_scan.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/telemetry_json.hpp"
#include "tests/fuzz/property.hpp"

#include <string>

namespace apm {
namespace {

using test::require;

void check_made_lines(const bytes& lines, uint32_t count) {
  const auto split = split_lines(lines.view());
  require(split.size() == count, "lines are counted right");
  for (const auto line : split) {
    require(!check_json(line).has_value(), "a line made is sound JSON");
    require(kind_of(line) != line_kind::other, "a line made has a kind");
  }
}

void check_delivery(const std::string& text) {
  auto records = split_telemetry(bytes{text});
  if (!records) {
    require(!records.error().detail.empty(), "a refusal says why");
    return;
  }
  size_t elements = 0;
  for (json_walk element{text}; element.next();)
    ++elements;
  require(records.value().size() == elements, "records out = elements in");
  telemetry_work work;
  work.id = 7;
  work.records = std::move(records.value());
  invocation_facts known;
  known.sequence = 1;
  known.request_id = "r1";
  known.function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:f";
  known.received_ms = 1'700'000'000'000;
  known.deadline_ms = known.received_ms + 3000;
  work.invocations.push_back(known);
  const auto result = interpret_telemetry(work);
  require(result.id == work.id, "the answer names its question");
  check_made_lines(result.log_lines, result.log_count);
  check_made_lines(result.metric_lines, result.metric_count);
  require(result.log_count + result.extension_records + result.unusable_records
              <= elements,
          "a record is counted once");
}

} // namespace
} // namespace apm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  apm::check_delivery({reinterpret_cast<const char*>(data), size});
  return 0;
}

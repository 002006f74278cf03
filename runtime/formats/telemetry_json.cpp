// One record after the other: the only thing that one hands to the next is
// which requests the stream has shown.
// Source: AWS Lambda developer guide, "Telemetry API Event schema reference"
// and "Lambda Logs API" (schema 2021-03-18).
#include "runtime/formats/telemetry_json.hpp"

#include "runtime/formats/function_log.hpp"
#include "runtime/formats/intake_lines.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/platform_report.hpp"
#include "runtime/formats/record_attribution.hpp"
#include "runtime/formats/rfc3339.hpp"
#include "runtime/formats/text_log.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace apm {

namespace {

/// Of the platform's sentence on why it dropped records; it takes some 90.
constexpr size_t reason_max = 200;

/// More than a platform can have dropped; sums of it cannot overflow.
constexpr uint64_t counts_max = uint64_t{1} << 62;

/// Reads one element; what is no object with a string `type` gives type "".
telemetry_record read_element(const bytes& body, std::string_view element) {
  telemetry_record record;
  json_walk member{element};
  while (member.next()) {
    std::string_view value = member.value();
    if (value.empty())
      break;
    if (member.key() == "type") {
      record.type = json_string(value).value_or("");
    } else if (member.key() == "time") {
      record.time = json_string(value).value_or("");
    } else if (member.key() == "record") {
      auto offset = static_cast<size_t>(value.data() - body.view().data());
      record.record = body.slice(offset, value.size());
    }
  }
  return member.is_whole() ? record : telemetry_record{};
}

/// Goes through one batch, record by record.
class interpreter {
public:
  explicit interpreter(const telemetry_work& work)
      : work_(work), attribution_(work) {
    result_.id = work.id;
  }

  void take(const telemetry_record& record) {
    std::string_view type = record.type;
    if (type == "function")
      take_function(record);
    else if (type == "platform.start")
      take_start(record);
    else if (type == "platform.runtimeDone")
      take_runtime_done(record);
    else if (type == "platform.report")
      take_report(record);
    else if (type == "platform.initReport")
      take_init_report(record);
    else if (type == "platform.restoreReport")
      take_restore_report(record);
    else if (type == "platform.logsDropped")
      take_logs_dropped(record);
    else if (type == "extension")
      ++result_.extension_records; // sent on, our own log would feed itself
    else if (type.empty())
      note_unusable("an element that is no object with a type");
    // All others are of no interest here, and new types are normal.
  }

  telemetry_result finish() {
    result_.starts = attribution_.take_starts();
    if (!log_lines_.empty())
      result_.log_lines = bytes{std::move(log_lines_)};
    if (!metric_lines_.empty())
      result_.metric_lines = bytes{std::move(metric_lines_)};
    return std::move(result_);
  }

private:
  void note_unusable(std::string detail) {
    if (result_.unusable_records++ == 0)
      result_.unusable_detail = std::move(detail);
  }

  /// The ARN of an invocation, or of the newest one where that is not known:
  /// a sandbox runs one function, so that only its alias can differ.
  std::string_view arn_of(const invocation_facts* invocation) const {
    if (invocation != nullptr)
      return invocation->function_arn;
    return work_.invocations.empty()
               ? std::string_view{}
               : std::string_view{work_.invocations.back().function_arn};
  }

  /// *Units:* Unix epoch in microseconds; 0 where it is not said.
  static int64_t stamp_of(const telemetry_record& record) {
    auto us = parse_rfc3339_us(record.time);
    return us ? us.value() : 0;
  }

  static int64_t time_or_begin(int64_t time_us,
                               const invocation_facts* invocation) {
    if (time_us != 0 || invocation == nullptr)
      return time_us;
    return invocation->received_ms * 1000;
  }

  /// The request that a platform record names; counts one that names none.
  std::string named_request(const telemetry_record& record) {
    std::string request_id = request_id_of(record);
    if (request_id.empty())
      note_unusable(record.type + " without a requestId");
    return request_id;
  }

  /// The request that a log belongs to; the text is `log`'s or longer-lived.
  std::string_view request_of(const function_log& log, int64_t time_us) const {
    if (!log.request_id.empty())
      return log.request_id;
    const text_log text = read_text_log(log.message);
    if (text.is_request_certain
        || attribution_.find(text.request_id) != nullptr)
      return text.request_id;
    return attribution_.request_at(time_us);
  }

  void take_function(const telemetry_record& record) {
    if (record.record.empty())
      return note_unusable("function without a record");
    const int64_t stamp_us = stamp_of(record);
    function_log log = read_function_log(record.record.view());
    log_line line;
    line.message = log.message;
    line.request_id = request_of(log, stamp_us);
    auto invocation = attribution_.find(line.request_id);
    line.timestamp_us = log.timestamp_us != 0
                            ? log.timestamp_us
                            : time_or_begin(stamp_us, invocation);
    line.function_arn = arn_of(invocation);
    line.level = log.level;
    line.trace_id = log.trace_id;
    line.transaction_id = log.transaction_id;
    line.span_id = log.span_id;
    line.ecs = log.ecs;
    line.labels = log.labels;
    append_log_line(log_lines_, line);
    ++result_.log_count;
  }

  void take_start(const telemetry_record& record) {
    std::string request_id = named_request(record);
    if (!request_id.empty())
      attribution_.started(request_id, stamp_of(record));
  }

  void take_runtime_done(const telemetry_record& record) {
    runtime_end end;
    end.request_id = named_request(record);
    if (end.request_id.empty())
      return;
    for (json_walk member{record.record.view()}; member.next();)
      if (member.key() == "status")
        end.status = json_string(member.value()).value_or("");
    if (auto us = parse_rfc3339_us(record.time))
      end.at_ms = us.value() / 1000;
    result_.runtime_done.push_back(std::move(end));
  }

  void take_report(const telemetry_record& record) {
    std::string request_id = named_request(record);
    if (request_id.empty())
      return;
    auto report = read_platform_report(record.record.view());
    auto metrics = invocation_metrics(report);
    auto invocation = attribution_.find(request_id);
    metrics.request_id = request_id;
    set_limits(metrics, invocation);
    if (report.has_metrics)
      append_metrics(metrics, record, invocation);
    else
      note_unusable("platform.report without metrics");
    // Managed Instances have no runtimeDone: the report is all there is.
    if (work_.is_concurrent)
      result_.runtime_done.push_back(
          {request_id, report.status, stamp_of(record) / 1000});
    result_.reported.push_back(std::move(request_id));
  }

  /// All invocations of a sandbox have the same timeout, so that of another is
  /// as good, where the one that is reported began in an earlier process.
  void set_limits(report_metrics& metrics, const invocation_facts* invocation) {
    if (invocation == nullptr && !work_.invocations.empty())
      invocation = &work_.invocations.back();
    if (invocation == nullptr)
      return;
    metrics.received_ms = invocation->received_ms;
    metrics.deadline_ms = invocation->deadline_ms;
  }

  void take_init_report(const telemetry_record& record) {
    auto report = read_platform_report(record.record.view());
    if (!report.has_metrics)
      return note_unusable("platform.initReport without metrics");
    if (auto metrics = init_metrics(report))
      append_metrics(*metrics, record, nullptr);
  }

  void take_restore_report(const telemetry_record& record) {
    auto report = read_platform_report(record.record.view());
    if (!report.has_metrics)
      return note_unusable("platform.restoreReport without metrics");
    if (auto metrics = restore_metrics(report))
      append_metrics(*metrics, record, nullptr);
  }

  void append_metrics(report_metrics& metrics, const telemetry_record& record,
                      const invocation_facts* invocation) {
    metrics.timestamp_us = time_or_begin(stamp_of(record), invocation);
    metrics.function_arn = arn_of(invocation);
    if (append_report_metrics(metric_lines_, metrics))
      ++result_.metric_count;
  }

  void take_logs_dropped(const telemetry_record& record) {
    bool is_usable = false;
    for (json_walk member{record.record.view()}; member.next();) {
      if (member.key() == "reason")
        result_.dropped_reason =
            json_string(member.value()).value_or("").substr(0, reason_max);
      bool is_records = member.key() == "droppedRecords";
      if (!is_records && member.key() != "droppedBytes")
        continue;
      auto count = json_integer(member.value());
      if (!count || *count < 0)
        continue;
      is_usable = true;
      auto& sum = is_records ? result_.dropped_records : result_.dropped_bytes;
      sum = std::min(sum + static_cast<uint64_t>(*count), counts_max);
    }
    if (!is_usable)
      note_unusable("platform.logsDropped without counts");
  }

  const telemetry_work& work_;
  record_attribution attribution_;
  telemetry_result result_;
  std::string log_lines_;
  std::string metric_lines_;
};

} // namespace

result<std::vector<telemetry_record>> split_telemetry(bytes body) {
  switch (json_kind_of(body.view())) {
  case json_kind::array:
    break;
  case json_kind::none:
    return error{errc::bad_json, "the delivery is no JSON"};
  default:
    return error{errc::bad_shape, "the delivery is no array"};
  }
  std::vector<telemetry_record> records;
  json_walk element{body.view()};
  while (element.next()) {
    if (records.size() == telemetry_records_max)
      return error{errc::too_large, "the delivery has more than "
                                        + std::to_string(telemetry_records_max)
                                        + " records"};
    records.push_back(read_element(body, element.value()));
  }
  if (!element.is_whole() || !trim_json(element.rest()).empty())
    return error{errc::bad_json, "the delivery is no JSON behind record "
                                     + std::to_string(records.size())};
  return records;
}

telemetry_result interpret_telemetry(const telemetry_work& work) {
  interpreter batch{work};
  for (size_t i : reading_order(work.records))
    batch.take(work.records[i]);
  return batch.finish();
}

} // namespace apm

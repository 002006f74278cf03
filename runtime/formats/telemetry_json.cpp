// One record after the other: the only thing that one hands to the next is the
// request that the stream is in the middle of.
// Source: AWS Lambda developer guide, "Telemetry API Event schema reference"
// and "Lambda Logs API" (schema 2021-03-18).
#include "runtime/formats/telemetry_json.hpp"

#include "runtime/formats/function_log.hpp"
#include "runtime/formats/intake_lines.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/rfc3339.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace apm {

namespace {

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

/// Reads the member `metrics` of a report; `false` if there is nothing in it.
bool read_metrics(report_metrics& report, std::string_view record) {
  std::pair<std::string_view, std::optional<double>*> known[] = {
      {"durationMs", &report.duration_ms},
      {"billedDurationMs", &report.billed_duration_ms},
      {"memorySizeMB", &report.memory_size_mb},
      {"maxMemoryUsedMB", &report.max_memory_used_mb},
      {"initDurationMs", &report.init_duration_ms},
  };
  bool has_any = false;
  for (json_walk member{record}; member.next();) {
    if (member.key() != "metrics")
      continue;
    for (json_walk metric{member.value()}; metric.next();)
      for (auto& [name, value] : known)
        if (metric.key() == name) {
          *value = json_number(metric.value());
          has_any |= value->has_value();
        }
  }
  return has_any;
}

/// Goes through one batch, record by record.
class interpreter {
public:
  explicit interpreter(const telemetry_work& work) : work_(work) {
    result_.id = work.id;
    result_.stream_request_id = work.stream_request_id;
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
    else if (type == "platform.logsDropped")
      take_logs_dropped(record);
    else if (type.empty())
      note_unusable("an element that is no object with a type");
    // All others are of no interest here, and new types are normal.
  }

  telemetry_result finish() {
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

  const invocation_facts* find(std::string_view request_id) const {
    auto& known = work_.invocations;
    auto i = std::find_if(known.begin(), known.end(),
                          [&](auto& x) { return x.request_id == request_id; });
    return i == known.end() ? nullptr : &*i;
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

  /// *Units:* Unix epoch in microseconds; 0 where nothing is known.
  static int64_t time_of(const telemetry_record& record,
                         const invocation_facts* invocation) {
    if (auto us = parse_rfc3339_us(record.time))
      return us.value();
    return invocation == nullptr ? 0 : invocation->received_ms * 1000;
  }

  /// The member `requestId` of a platform record; counts one that has none.
  std::string request_id_of(const telemetry_record& record) {
    std::string request_id;
    for (json_walk member{record.record.view()}; member.next();)
      if (member.key() == "requestId")
        request_id = json_string(member.value()).value_or("");
    if (request_id.empty())
      note_unusable(record.type + " without a requestId");
    return request_id;
  }

  /// The request that a log belongs to; the text is `log`'s or longer-lived.
  std::string_view request_of(const function_log& log) const {
    if (!log.request_id.empty())
      return log.request_id;
    std::string_view named = node_request_id(log.message);
    if (find(named) != nullptr)
      return named;
    if (!result_.stream_request_id.empty() || work_.invocations.empty())
      return result_.stream_request_id;
    return work_.invocations.front().request_id;
  }

  void take_function(const telemetry_record& record) {
    if (record.record.empty())
      return note_unusable("function without a record");
    function_log log = read_function_log(record.record.view());
    log_line line;
    line.message = log.message;
    line.request_id = request_of(log);
    auto invocation = find(line.request_id);
    line.timestamp_us =
        log.timestamp_us != 0 ? log.timestamp_us : time_of(record, invocation);
    line.function_arn = arn_of(invocation);
    line.level = log.level;
    line.trace_id = log.trace_id;
    append_log_line(log_lines_, line);
    ++result_.log_count;
  }

  void take_start(const telemetry_record& record) {
    std::string request_id = request_id_of(record);
    if (!request_id.empty())
      result_.stream_request_id = std::move(request_id);
  }

  void take_runtime_done(const telemetry_record& record) {
    runtime_end end;
    end.request_id = request_id_of(record);
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
    std::string request_id = request_id_of(record);
    if (request_id.empty())
      return;
    report_metrics report;
    if (read_metrics(report, record.record.view()))
      append_metrics(report, record, request_id);
    else
      note_unusable("platform.report without metrics");
    result_.reported.push_back(std::move(request_id));
  }

  void append_metrics(report_metrics& report, const telemetry_record& record,
                      std::string_view request_id) {
    auto invocation = find(request_id);
    report.timestamp_us = time_of(record, invocation);
    report.function_arn = arn_of(invocation);
    report.request_id = request_id;
    if (invocation != nullptr) {
      report.received_ms = invocation->received_ms;
      report.deadline_ms = invocation->deadline_ms;
    }
    if (append_report_metrics(metric_lines_, report))
      ++result_.metric_count;
  }

  void take_logs_dropped(const telemetry_record& record) {
    bool is_usable = false;
    for (json_walk member{record.record.view()}; member.next();) {
      bool is_records = member.key() == "droppedRecords";
      if (!is_records && member.key() != "droppedBytes")
        continue;
      auto count = json_integer(member.value());
      if (!count || *count < 0)
        continue;
      is_usable = true;
      auto& sum = is_records ? result_.dropped_records : result_.dropped_bytes;
      sum += static_cast<uint64_t>(*count);
    }
    if (!is_usable)
      note_unusable("platform.logsDropped without counts");
  }

  const telemetry_work& work_;
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
  for (auto& record : work.records)
    batch.take(record);
  return batch.finish();
}

} // namespace apm

#include "tools/flushtrace/filter/message_fields.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

struct message_row {
  std::string_view type;
  std::string_view fields;
};

constexpr message_row messages[] = {
    {"agent_intake", "id is_flushed user_agent metadata events lines "
                     "transactions:{id request_id}"},
    {"agent_relay", "id method target headers:{name value} body"},
    {"agent_signal", "sequence"},
    {"batch", "lease user_agent metadata chunks lines"},
    {"credentials_ready", "id fetched failed"},
    {"credentials_wanted", "id"},
    {"delivery", "lease outcome accepted is_server_failing is_too_large "
                 "refused_lines retry_after_ms status detail"},
    {"done", "signal sequence"},
    {"drain", "sequence"},
    {"event_done", "sequence"},
    {"export_due", "sequence"},
    {"fetch_ended", "round source outcome problem"},
    {"flush_finding", "sequence request_id outcomes is_last"},
    {"http_cancel", "id"},
    {"http_request", "id method url headers:{name value} body timeout_ms "
                     "response_bytes_max with_credentials"},
    {"http_response", "id failure may_have_arrived status "
                      "headers:{name value} body retry_after_ms detail"},
    {"input_refused", "listener status reason body_bytes"},
    {"intake_open", "bodies"},
    {"lambda_event", "sequence kind request_id function_arn reason received_ms "
                     "deadline_ms deadline"},
    {"lifecycle_ended", "exit_code"},
    {"listener_answer", "id status headers:{name value} body"},
    {"registered", "function_name function_version handler account_id "
                   "telemetry"},
    {"sandbox_restored", "sequence"},
    {"spill_found", "id store content:{metadata user_agent value count lines} "
                    "ignored_bytes problem left room_bytes earlier_lines "
                    "lost:{lines bytes lines_under_way deliveries dropped}"},
    {"spill_store", "id is_last content:{metadata user_agent value count "
                    "lines} more"},
    {"spill_stored", "id is_kept room_bytes"},
    {"spill_wanted", "id"},
    {"stop_requested", "reason"},
    {"telemetry_batch", "id records:{time type record} body_bytes fingerprint"},
    {"telemetry_result",
     "id log_lines log_count metric_lines metric_count "
     "starts:{request_id started_us} runtime_done:{request_id status at_ms} "
     "reported dropped_records dropped_bytes dropped_reason extension_records "
     "unusable_records unusable_detail"},
    {"telemetry_work",
     "id records:{time type record} invocations:{sequence request_id "
     "function_arn received_ms deadline_ms is_reported} "
     "starts:{request_id started_us} is_concurrent"},
    {"timer_cancel", "id"},
    {"timer_fired", "id"},
    {"timer_set", "id due"},
    {"transaction_registered",
     "id request_id transaction_id user_agent metadata line"},
};

constexpr std::string_view signals = "agent_flushed runtime_done deadline";
constexpr std::string_view event_kinds = "invoke shutdown session";
constexpr std::string_view failures =
    "none resolve connect tls timeout closed too_large cancelled other";

struct names_row {
  std::string_view owner;
  std::string_view field;
  std::string_view names;
};

constexpr names_row names[] = {
    {"delivery", "outcome", "settled not_taken ambiguous"},
    {"done", "signal", signals},
    {"dropped", "reason",
     "rejected buffer_full ambiguous no_server duplicate spill_lost killed"},
    {"event_begin", "kind", event_kinds},
    {"fetch_ended", "outcome", "got try_again failed"},
    {"flush_end", "why",
     "nothing_left server_fails out_of_time put_off overtaken"},
    {"http_response", "failure", failures},
    {"lambda_event", "kind", event_kinds},
    {"late_signal", "signal", signals},
    {"not_consumed", "result", "consumed dropped skipped"},
    {"post", "failure", failures},
    {"registered", "telemetry", "none logs telemetry"},
    {"winner", "signal", signals},
};

} // namespace

std::string_view message_fields(std::string_view type) {
  const auto found =
      std::find_if(std::begin(messages), std::end(messages),
                   [&](const auto& x) { return x.type == type; });
  return found == std::end(messages) ? std::string_view{} : found->fields;
}

named_field take_field(std::string_view& fields) {
  while (!fields.empty() && fields.front() == ' ')
    fields.remove_prefix(1);
  named_field x;
  const auto end = std::min(fields.find_first_of(" :"), fields.size());
  x.name = fields.substr(0, end);
  fields.remove_prefix(end);
  if (fields.empty() || fields.front() != ':')
    return x;
  const auto close = fields.find('}');
  x.inner = fields.substr(2, close - 2);
  fields.remove_prefix(close + 1);
  return x;
}

field_place place_of(std::string_view fields, std::string_view name) {
  for (size_t i = 0;; ++i) {
    const auto x = take_field(fields);
    if (x.name.empty())
      return {};
    if (x.name == name)
      return {i, x.inner};
  }
}

std::vector<std::string_view> known_messages() {
  std::vector<std::string_view> types;
  for (const auto& x : messages)
    types.push_back(x.type);
  return types;
}

std::string_view number_names(std::string_view owner, std::string_view field) {
  const auto found =
      std::find_if(std::begin(names), std::end(names), [&](const auto& x) {
        return x.owner == owner && x.field == field;
      });
  return found == std::end(names) ? std::string_view{} : found->names;
}

std::string_view number_name(std::string_view owner, std::string_view field,
                             uint64_t number) {
  auto words = number_names(owner, field);
  for (; number > 0 && !words.empty(); --number)
    words.remove_prefix(std::min(words.find(' '), words.size() - 1) + 1);
  return words.substr(0, words.find(' '));
}

} // namespace flushtrace

// What became of lines between their arrival and a POST.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/analysis/rules.hpp"

#include <algorithm>

namespace flushtrace::rules {

namespace {

constexpr auto buffer_full =
    static_cast<uint64_t>(apm::drop_reason::buffer_full);

// Reasons that other builds have; FORMAT.md numbers them.
constexpr uint64_t batch_full_reason = 7;
constexpr uint64_t no_metadata_reason = 8;

constexpr const char* buffer_variable = "ELASTIC_APM_LAMBDA_BUFFER_BYTES";

/// Another of the same kind took its place.
bool is_replaced(const event_facts& in, const child_fact& dead) {
  return std::any_of(
      in.children.begin(), in.children.end(), [&](const child_fact& each) {
        return each.role == dead.role && each.born.record > dead.exited.record;
      });
}

const char* role_name(child_role x) noexcept {
  switch (x) {
  case child_role::forwarder:
    return "APM FORWARDER";
  case child_role::processor:
    return "LOG PROCESSOR";
  case child_role::timer:
    break;
  }
  return "TIMER";
}

} // namespace

found_cause agent_buffer_full(const rule_input& x) {
  auto dropped =
      found_drops(x.event, buffer_full, "dropped: the buffer was full");
  if (!dropped)
    return std::nullopt;
  const auto& peak = x.event.peak;
  if (peak.at) {
    dropped->detail += ", " + std::to_string(peak.bytes) + " of "
                       + std::to_string(peak.bytes_max) + " bytes";
    dropped->evidence.push_back(peak.at.record);
  }
  dropped->fix = {"Hold more.", buffer_variable,
                  std::to_string(2 * x.all.settings.buffer_bytes)};
  if (!x.all.settings.spills)
    dropped->fix = {"Let what finds no room wait on the disk.",
                    "ELASTIC_APM_LAMBDA_SPILL", "true"};
  return dropped;
}

found_cause log_backpressure(const rule_input& x) {
  constexpr uint16_t no_room = 503;
  uint64_t refused = 0;
  rule_finding finding;
  for (const auto& each : x.event.telemetry) {
    if (each.status != no_room)
      continue;
    if (++refused <= 2)
      finding.evidence.insert(finding.evidence.end(),
                              {each.at.record, each.answer});
  }
  if (refused == 0)
    return std::nullopt;
  finding.detail = "the platform was answered 503 " + counted(refused, "time")
                   + ", since there was no room";
  finding.fix = {"Hold more.", buffer_variable,
                 std::to_string(2 * x.all.settings.buffer_bytes)};
  return finding;
}

found_cause batch_full(const rule_input& x) {
  return found_drops(x.event, batch_full_reason,
                     "dropped: the batch took no more");
}

found_cause metadata_missing(const rule_input& x) {
  return found_drops(x.event, no_metadata_reason,
                     "dropped: no agent had shown its metadata");
}

found_cause not_flushed_by_policy(const rule_input& x) {
  const auto& flush = x.event.flush_end;
  if (!flush.at || flush.why != flush_end_why::put_off || flush.lines == 0)
    return std::nullopt;
  return found({x.event.flush_begin.at.record, flush.at.record},
               counted(flush.lines, "line")
                   + " put off to the next event, as the strategy says");
}

found_cause child_dead(const rule_input& x) {
  for (const auto& each : x.event.children) {
    const auto& end = x.event.flush_end.at;
    const bool is_early = each.exited && !each.asked_to_end
                          && (!end || each.exited.record < end.record);
    if (!is_early)
      continue;
    const bool is_back = is_replaced(x.event, each);
    auto finding =
        found({each.born.record, each.exited.record, end.record},
              std::string{role_name(each.role)} + " ended before the event did"
                  + (is_back ? ", and was replaced"
                             : ", and nothing took its place"));
    finding.evidence.insert(finding.evidence.end(), each.unread.begin(),
                            each.unread.end());
    // One that was replaced has cost a request's answer at most.
    finding.weight = is_back ? 20 : 0;
    return finding;
  }
  return std::nullopt;
}

found_cause arrived_during_flush(const rule_input& x) {
  const auto& event = x.event;
  const auto came = lines_during_flush(event);
  if (!has_stopped_early(event) || came < event.flush_end.lines
      || post_cut_short(x) != nullptr)
    return std::nullopt;
  auto finding = found({event.flush_begin.at.record, event.flush_end.at.record},
                       counted(event.flush_end.lines, "line")
                           + " came while the flush was under way, and are in "
                             "no POST of it");
  for (const auto& each : event.intake)
    if (each.lines > 0 && each.at.record > event.flush_begin.at.record
        && each.at.record < event.flush_end.at.record)
      finding.evidence.push_back(each.at.record);
  for (const auto& each : event.telemetry)
    if (each.lines > 0 && each.result.record > event.flush_begin.at.record
        && each.result.record < event.flush_end.at.record)
      finding.evidence.push_back(each.result.record);
  return finding;
}

found_cause unparsable(const rule_input& x) {
  rule_finding finding;
  uint64_t bytes = 0;
  uint64_t records = 0;
  for (const auto& each : x.event.refusals) {
    if (!each.is_agent || each.status / 100 != 4)
      continue;
    bytes += each.bytes;
    finding.evidence.push_back(each.at.record);
  }
  for (const auto& each : x.event.telemetry) {
    if (each.unusable_records == 0)
      continue;
    records += each.unusable_records;
    finding.evidence.push_back(each.result.record);
  }
  if (finding.evidence.empty())
    return std::nullopt;
  if (bytes > 0)
    finding.detail = counted(bytes, "byte") + " of the agent's";
  if (records > 0)
    finding.detail += (bytes > 0 ? " and " : "") + counted(records, "record")
                      + " of the platform's";
  finding.detail += " could not be read";
  return finding;
}

found_cause wrong_order_cancel(const rule_input& x) {
  for (const auto& each : x.event.children) {
    if (each.unread.empty())
      continue;
    const bool is_lost =
        std::any_of(x.event.telemetry.begin(), x.event.telemetry.end(),
                    [&](const telemetry_fact& batch) {
                      return batch.worker == each.actor && !batch.result;
                    });
    if (!each.had_batch_unread && !is_lost)
      continue;
    auto finding = found({each.asked_to_end.record, each.exited.record},
                         std::string{role_name(each.role)}
                             + " was ended before it had read "
                             + counted(each.unread.size(), "message"));
    finding.evidence.insert(finding.evidence.begin(), each.unread.begin(),
                            each.unread.end());
    return finding;
  }
  return std::nullopt;
}

} // namespace flushtrace::rules

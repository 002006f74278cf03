// What the platform delivers, and what the LOG PROCESSOR makes of it.
#include "runtime/formats/rfc3339.hpp"
#include "runtime/recording/masked_text.hpp"
#include "tools/flushtrace/analysis/fact_reader.hpp"

#include <functional>

namespace flushtrace {

namespace {

constexpr size_t uuid_bytes = 36;
constexpr size_t first_dash = 8;

/// The first request id in a text; masking keeps these.
std::string_view request_id_in(std::string_view text) {
  for (auto dash = text.find('-'); dash != std::string_view::npos;
       dash = text.find('-', dash + 1)) {
    if (dash < first_dash)
      continue;
    const auto found = text.substr(dash - first_dash, uuid_bytes);
    if (apm::is_uuid(found))
      return found;
  }
  return {};
}

/// `"status":"…"`, as the platform writes it.
std::string status_in(std::string_view text) {
  constexpr std::string_view member = "\"status\":\"";
  const auto begin = text.find(member);
  if (begin == std::string_view::npos)
    return {};
  text.remove_prefix(begin + member.size());
  return std::string{text.substr(0, text.find('"'))};
}

} // namespace

void fact_reader::on_telemetry(const record& x, const content& in) {
  const field_reader fields{in};
  telemetry_fact batch;
  batch.at = moment_of(x);
  batch.id = fields.number(0);
  batch.records = fields.list(1).size();
  batch.bytes = fields.number(2);
  for (const auto& each : fields.list(1))
    take_platform_record(batch, each);
  by_delivery_[batch.id] = {current_, now().telemetry.size()};
  now().telemetry.push_back(std::move(batch));
}

void fact_reader::take_platform_record(telemetry_fact& of,
                                       const apm::trace::value& x) {
  if (x.elements.size() < 3)
    return;
  const auto type = x.elements[1].text;
  const auto text = x.elements[2].text;
  const auto id = request_id_in(text);
  if (type == "platform.runtimeDone") {
    ++of.runtime_done_records;
    if (!id.empty())
      of.runtime_done.emplace_back(id);
  }
  if (id.empty())
    return;
  platform_fact said;
  said.at = of.at;
  said.event = now().event;
  if (const auto time = apm::parse_rfc3339_us(x.elements[0].text))
    said.happened_us = time.value();
  if (type == "platform.runtimeDone")
    said.status = status_in(text);
  const auto found = by_request_.find(std::hash<std::string_view>{}(id));
  if (found == by_request_.end())
    note_early({std::string{id}, std::string{type}, std::move(said)});
  else if (auto& event = facts_.events[found->second]; event.request_id == id)
    tell(event, type, std::move(said)); // else another one of the same hash
}

void fact_reader::tell(event_facts& of, std::string_view type,
                       platform_fact said) {
  if (type == "platform.start")
    of.starts.push_back(said.at);
  else if (type == "platform.runtimeDone")
    of.runtime_done.push_back(std::move(said));
  else if (type == "platform.report")
    of.reports.push_back(std::move(said));
  else if (type == "function" && of.is_after_end(said.at))
    of.late_logs.push_back(std::move(said));
}

void fact_reader::note_early(early_word x) {
  const bool is_of_session = now().kind == apm::event_kind::session;
  if (!is_of_session && x.type != "function") // of these no event begins
    early_words_.push_back(std::move(x));
}

void fact_reader::take_early_words(event_facts& of) {
  for (auto& each : early_words_)
    if (each.request_id == of.request_id)
      tell(of, each.type, std::move(each.said));
  early_words_.clear();
}

void fact_reader::on_answer(const record& x, const content& in) {
  const field_reader fields{in};
  if (role_of(x.actor) != role::telemetry_listener)
    return;
  if (auto* batch = telemetry(fields.number(0))) {
    batch->status = static_cast<uint16_t>(fields.number(1));
    batch->answer = x.sequence;
  }
}

void fact_reader::on_work(const record& x, const content& in) {
  const field_reader fields{in};
  note_unread(x, false);
  telemetry_of_work_[x.sequence] = fields.number(0);
  if (auto* batch = telemetry(fields.number(0))) {
    batch->work = moment_of(x);
    batch->worker = x.actor.value;
    batch->is_work_handled = false;
  }
}

void fact_reader::on_result(const record& x, const content& in) {
  const field_reader fields{in};
  auto* batch = telemetry(fields.number(0));
  if (batch == nullptr)
    return;
  batch->result = moment_of(x);
  newest_result_ = std::max(newest_result_, batch->id);
  batch->lines = fields.number(2) + fields.number(4);
  batch->lost_records = fields.number(8);
  batch->lost_bytes = fields.number(9);
  batch->unusable_records = fields.number(12);
}

telemetry_fact* fact_reader::telemetry(uint64_t id) noexcept {
  const auto found = by_delivery_.find(id);
  return found == by_delivery_.end() ? nullptr
                                     : &facts_.events[found->second.event]
                                            .telemetry[found->second.index];
}

} // namespace flushtrace

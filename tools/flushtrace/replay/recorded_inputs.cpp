// Making messages of records; see recorded_inputs.hpp.
#include "tools/flushtrace/replay/recorded_inputs.hpp"

#include "runtime/recording/message_reader.hpp"
#include "runtime/recording/twin.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::record_content;
using apm::trace::value;
using apm::trace::value_kind;

/// More than any message of the extension holds: a trace may lie.
constexpr uint64_t message_bytes_max = 256 * 1024 * 1024;

/// Where they stand in `telemetry_result`.
constexpr size_t log_lines_field = 1;
constexpr size_t log_count_field = 2;

/// Of a value with all in it; at most one more than the bound.
uint64_t bytes_of(const value& x) noexcept {
  constexpr uint64_t most = message_bytes_max + 1;
  uint64_t sum = std::min(x.size, most);
  for (const auto& line : x.lines)
    sum = std::min(sum + std::min(line.bytes, most), most);
  for (const auto& each : x.elements)
    sum = std::min(sum + bytes_of(each), most);
  return sum;
}

bool is_cut(const value& x) noexcept {
  return (x.kind == value_kind::body && x.text.size() < x.size)
         || std::any_of(x.elements.begin(), x.elements.end(), is_cut);
}

} // namespace

apm::result<caf::message> recorded_inputs::make(const record& x) {
  const auto content = book_.read(x);
  uint64_t bytes = 0;
  for (const auto& each : content.fields)
    bytes = std::min(bytes + bytes_of(each.content), message_bytes_max + 1);
  if (bytes > message_bytes_max)
    return apm::error{apm::errc::too_large,
                      "is longer than any that the extension takes"};
  const bool is_cut_batch =
      run_.is_full && content.type == "telemetry_batch"
      && std::any_of(content.fields.begin(), content.fields.end(),
                     [](const auto& each) { return is_cut(each.content); });
  if (is_cut_batch)
    cut_batches_.insert(content.fields.front().content.number);
  return apm::make_message(content);
}

void recorded_inputs::fit(caf::mailbox_element& x, size_t turn) const {
  if (!x.content().match_elements<apm::telemetry_result>())
    return;
  if (const auto* recorded = result_of(turn))
    fit(*static_cast<apm::telemetry_result*>(x.content().get_mutable(0)),
        *recorded);
}

void recorded_inputs::fit(caf::mailbox_element& x) {
  if (!x.content().match_elements<apm::telemetry_result>())
    return;
  for (size_t i = 0; results_.empty() && i < run_.records; ++i)
    if (book_.type_of(run_.all()[i]) == "telemetry_result")
      results_.emplace(book_.read(run_.all()[i]).fields.at(0).content.number,
                       &run_.all()[i]);
  auto& result =
      *static_cast<apm::telemetry_result*>(x.content().get_mutable(0));
  if (const auto found = results_.find(result.id); found != results_.end())
    fit(result, *found->second);
}

void recorded_inputs::fit(apm::telemetry_result& result,
                          const record& recorded) const {
  const bool was_whole = run_.is_full && cut_batches_.count(result.id) == 0;
  if (was_whole)
    return;
  const auto content = book_.read(recorded);
  if (content.fields.size() <= log_count_field
      || content.fields[log_count_field].content.number != result.log_count
      || content.fields[log_lines_field].content.form
             != apm::trace::body_form::lines)
    return;
  result.log_lines =
      apm::bytes{apm::twin_body(content.fields[log_lines_field].content)};
}

/// What the LOG PROCESSOR has sent in that turn; null where it has not.
const record* recorded_inputs::result_of(size_t turn) const {
  const auto& all = run_.all();
  for (size_t i = turn; i < run_.records; ++i) {
    if (all[i].time_ns != all[turn].time_ns)
      return nullptr;
    if (book_.type_of(all[i]) == "telemetry_result")
      return &all[i];
  }
  return nullptr;
}

} // namespace flushtrace

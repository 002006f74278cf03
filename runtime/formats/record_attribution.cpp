#include "runtime/formats/record_attribution.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/rfc3339.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace apm {

namespace {

/// A line is late by the time the platform buffers, 25 ms and more, and so many
/// invocations of a millisecond or two fit in there.
constexpr size_t starts_max = 32;

/// Starts before logs before ends.
int rank_of(std::string_view type) {
  if (type == "platform.start")
    return 0;
  if (type == "platform.runtimeDone")
    return 2;
  return type == "platform.report" ? 3 : 1;
}

/// Where a batch is turned round within a millisecond its times do not show it,
/// but its lines do: a request's start follows another's end, not its lines.
void put_starts_before_lines(const std::vector<telemetry_record>& records,
                             std::vector<size_t>& order) {
  for (size_t i = 1; i < order.size(); ++i) {
    const auto& start = records[order[i]];
    if (start.type != "platform.start")
      continue;
    size_t first = i;
    while (first > 0 && records[order[first - 1]].time == start.time
           && rank_of(records[order[first - 1]].type) == 1)
      --first;
    const auto at = [&](size_t index) {
      return order.begin() + static_cast<ptrdiff_t>(index);
    };
    std::rotate(at(first), at(i), at(i + 1));
  }
}

} // namespace

std::vector<size_t>
reading_order(const std::vector<telemetry_record>& records) {
  std::vector<size_t> order(records.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // The platform writes all times alike, to the millisecond, so that text order
  // is time order; where it does not, each record's time is read.
  const auto runs_backwards = [&](auto&& time_of) {
    for (size_t i = 1; i < records.size(); ++i)
      if (time_of(records[i]) < time_of(records[i - 1]))
        return true;
    return false;
  };
  if (!runs_backwards([](const telemetry_record& x) -> std::string_view {
        return x.time;
      })) {
    put_starts_before_lines(records, order);
    return order;
  }
  std::vector<int64_t> times;
  times.reserve(records.size());
  for (const auto& record : records) {
    const auto us = parse_rfc3339_us(record.time);
    const auto before = times.empty() ? 0 : times.back();
    times.push_back(us ? us.value() : before); // stays with its neighbour
  }
  if (std::is_sorted(times.begin(), times.end()))
    return order;
  std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) {
    return std::pair{times[x], rank_of(records[x].type)}
           < std::pair{times[y], rank_of(records[y].type)};
  });
  return order;
}

record_attribution::record_attribution(const telemetry_work& work)
    : work_(work) {
  if (work.is_concurrent)
    return; // the stream's position says nothing there
  starts_ = work.starts;
  for (const auto& start : starts_)
    announced_.push_back(start.request_id);
  for (const auto& record : work.records)
    if (record.type == "platform.start")
      announced_.push_back(request_id_of(record));
}

void record_attribution::started(std::string_view request_id,
                                 int64_t started_us) {
  auto i = starts_.end();
  if (started_us != 0)
    while (i != starts_.begin() && std::prev(i)->started_us > started_us)
      --i;
  starts_.insert(i, {std::string{request_id}, started_us});
}

std::string_view record_attribution::request_at(int64_t time_us) const {
  if (work_.is_concurrent)
    return {};
  const request_start* shown = nullptr;
  for (const auto& start : starts_)
    if (time_us == 0 || start.started_us <= time_us)
      shown = &start;
  // Older than all that the stream has shown: the function's initialisation, or
  // the oldest request there is.
  if (shown == nullptr && !starts_.empty())
    return starts_.front().request_id;
  // An invocation that has begun since, though its start was lost.
  const auto& known = work_.invocations;
  for (auto i = known.rbegin(); i != known.rend() && time_us != 0; ++i) {
    if (shown != nullptr && i->request_id == shown->request_id)
      break;
    const auto received_us = i->received_ms * 1000;
    const bool is_later = shown == nullptr || received_us > shown->started_us;
    if (is_later && received_us < time_us && !is_announced(i->request_id))
      return i->request_id;
  }
  if (shown != nullptr)
    return shown->request_id;
  return known.empty() ? std::string_view{} : known.front().request_id;
}

bool record_attribution::is_announced(std::string_view request_id) const {
  return std::find(announced_.begin(), announced_.end(), request_id)
         != announced_.end();
}

const invocation_facts*
record_attribution::find(std::string_view request_id) const noexcept {
  const auto& known = work_.invocations;
  const auto i = std::find_if(known.rbegin(), known.rend(), [&](auto& x) {
    return x.request_id == request_id;
  });
  return i == known.rend() ? nullptr : &*i;
}

std::vector<request_start> record_attribution::take_starts() {
  if (!work_.is_concurrent && starts_.size() > starts_max)
    starts_.erase(starts_.begin(),
                  starts_.end() - static_cast<ptrdiff_t>(starts_max));
  return std::move(starts_);
}

std::string request_id_of(const telemetry_record& record) {
  std::string request_id;
  for (json_walk member{record.record.view()}; member.next();)
    if (member.key() == "requestId")
      request_id = json_string(member.value()).value_or("");
  return request_id;
}

} // namespace apm

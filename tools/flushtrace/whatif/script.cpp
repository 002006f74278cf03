// Laying out a recorded run as a script; see script.hpp.
#include "tools/flushtrace/whatif/script.hpp"

#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::byte_reader;
using apm::trace::record_kind;

constexpr int64_t us_per_ms = 1'000;

/// What we ask the platform for when we subscribe: runtime/formats/lambda_json.
constexpr int64_t telemetry_api_holds_back_ns = 25 * ns_per_ms;
constexpr int64_t logs_api_holds_back_ns = 100 * ns_per_ms;

constexpr struct {
  std::string_view type;
  item_kind kind;
} scripted[] = {
    {"agent_intake", item_kind::agent},
    {"intake_open", item_kind::agent},
    {"transaction_registered", item_kind::agent},
    {"agent_relay", item_kind::agent},
    {"input_refused", item_kind::agent},
    {"telemetry_batch", item_kind::telemetry},
    {"stop_requested", item_kind::other},
};

} // namespace

class world_script::reader {
public:
  reader(world_script& to, const exchange_book& exchanges,
         const trace_facts& facts)
      : to_(to),
        run_(to.run_),
        exchanges_(exchanges),
        facts_(facts),
        book_(to.run_.of->content) {}

  void read() {
    to_.intervals_.emplace_back();
    to_.intervals_.back().begin = run_.all().front().time_ns;
    note_clock();
    for (size_t i = 0; i < run_.records; ++i)
      take(i);
    note_requests();
    for (const auto& x : facts_.events)
      note_event(x);
    for (auto& x : to_.intervals_)
      note_freeze(x);
    std::stable_sort(to_.items_.begin(), to_.items_.end(),
                     [](const script_item& x, const script_item& y) {
                       return x.interval < y.interval;
                     });
  }

private:
  void take(size_t i) {
    const auto& x = run_.all()[i];
    if (is_kind(x, record_kind::wall_read))
      correct_clock(x);
    if (!is_kind(x, record_kind::enqueued))
      return;
    if (const auto* asked = exchanges_.of_answer(i);
        asked != nullptr && asked->kind == request_kind::next_event) {
      to_.intervals_.emplace_back();
      to_.intervals_.back().begin = x.time_ns;
      note_clock();
      return;
    }
    if (x.cause != 0)
      return;
    const auto type = book_.type_of(x);
    const auto interval = interval_of(x);
    for (const auto& each : scripted)
      if (type == each.type)
        to_.items_.push_back({i, interval,
                              x.time_ns - to_.intervals_[interval].begin,
                              each.kind});
  }

  /// The one in which it is to come: an input can be moved to an earlier one.
  size_t interval_of(const record& x) const {
    auto found = to_.intervals_.size() - 1;
    const auto moved = to_.how_.moved_inputs.find(x.sequence);
    if (moved == to_.how_.moved_inputs.end())
      return found;
    while (found > 0 && x.time_ns + moved->second < to_.intervals_[found].begin)
      --found;
    return found;
  }

  void note_clock() {
    auto& x = to_.intervals_.back();
    const auto wall = run_.of->wall_ns(x.begin);
    x.wall_offset = is_wall_us(wall / ns_per_us) ? wall - x.begin : 0;
    is_clock_known_ = false;
  }

  /// The wall clock may have gone on while the other one stood still.
  void correct_clock(const record& read) {
    if (is_clock_known_)
      return;
    is_clock_known_ = true;
    auto& x = to_.intervals_.back();
    const auto wall_ms = byte_reader{read.payload}.i();
    if (wall_ms <= 0 || wall_ms > wall_max_us / us_per_ms)
      return;
    const auto offset = wall_ms * ns_per_ms - read.time_ns;
    if (std::abs(offset - x.wall_offset) > 2 * ns_per_ms)
      x.wall_offset = offset + ns_per_ms / 2; // ms are cut off
  }

  void note_requests() {
    for (size_t i = 0; i < to_.intervals_.size(); ++i)
      to_.intervals_[i].next = exchanges_.nth(request_kind::next_event, i);
  }

  /// The interval in which something was, by its time.
  recorded_interval* interval_at(int64_t ns) {
    const auto behind = std::upper_bound(
        to_.intervals_.begin(), to_.intervals_.end(), ns,
        [](int64_t x, const recorded_interval& y) { return x < y.begin; });
    return behind == to_.intervals_.begin() ? nullptr : &*(behind - 1);
  }

  void note_event(const event_facts& x) {
    if (x.kind != apm::event_kind::invoke || !x.begin)
      return;
    auto* in = interval_at(x.begin.ns);
    if (in == nullptr)
      return;
    in->is_invocation = true;
    in->request_id = x.request_id;
    constexpr int64_t limit_max_ns = 24 * 3600 * 1'000 * ns_per_ms;
    if (x.deadline_ns > 0 && x.deadline_ns - in->begin < limit_max_ns)
      in->limit_ns = x.deadline_ns - in->begin;
    const auto happened_us =
        x.runtime_done.empty() ? 0 : x.runtime_done.front().happened_us;
    if (is_wall_us(happened_us))
      in->function_ns = happened_us * ns_per_us - in->wall_offset - in->begin;
    else if (x.winner)
      in->function_ns = x.winner->at.ns - in->begin;
    in->function_ns = std::max<int64_t>(in->function_ns, -1);
  }

  /// Nothing tells when a process stood still: it is taken for the longest
  /// silence between the end of function and extension and the next event.
  void note_freeze(recorded_interval& x) {
    if (x.next == nullptr || !x.next->has_answer())
      return;
    x.function_ns = std::min(x.function_ns, x.next->end_ns - x.begin);
    const auto from = std::max(x.next->begin_ns,
                               x.begin + std::max<int64_t>(0, x.function_ns));
    int64_t before = std::min(from, x.next->end_ns);
    int64_t longest = -1;
    const auto look_at = [&](int64_t ns) {
      if (ns - before > longest) {
        longest = ns - before;
        x.awake_ns = std::max<int64_t>(0, before - from);
        x.tail_ns = x.next->end_ns - ns;
      }
      before = ns;
    };
    const auto& all = run_.all();
    auto i = std::upper_bound(
        all.begin(), all.begin() + static_cast<long>(x.next->answer), from,
        [](int64_t ns, const record& y) { return ns < y.time_ns; });
    for (; i != all.begin() + static_cast<long>(x.next->answer); ++i)
      look_at(i->time_ns);
    look_at(x.next->end_ns);
  }

  world_script& to_;
  const recorded_run& run_;
  const exchange_book& exchanges_;
  const trace_facts& facts_;
  apm::trace::schema_book book_;
  bool is_clock_known_ = false;
};

world_script::world_script(const recorded_run& run,
                           const exchange_book& exchanges,
                           const trace_facts& facts, const alteration& how)
    : run_(run),
      how_(how),
      held_back_ns_(facts.telemetry == apm::telemetry_api::logs
                        ? logs_api_holds_back_ns
                        : telemetry_api_holds_back_ns) {
  reader{*this, exchanges, facts}.read();
}

bool world_script::is_dropped(const script_item& x) const {
  return how_.dropped_inputs.count(run_.all()[x.index].sequence) > 0;
}

/// The n-th interval begins with the n-th event.
size_t world_script::following(size_t interval) const {
  auto next = interval + 1;
  while (how_.dropped_events.count(next) > 0)
    ++next;
  return next;
}

int64_t world_script::function_ns(const recorded_interval& x) const noexcept {
  if (x.function_ns < 0 || how_.function_duration.is_none())
    return x.function_ns;
  // One that would work on is ended by Lambda.
  const auto changed = how_.function_duration.of(x.function_ns);
  return x.limit_ns < 0 ? changed : std::min(changed, x.limit_ns);
}

/// What is said while the function works keeps its share of that time.
int64_t world_script::scaled(const recorded_interval& in,
                             int64_t offset) const noexcept {
  const auto after = function_ns(in);
  if (after == in.function_ns || in.function_ns < 0)
    return offset;
  if (offset > in.function_ns || in.function_ns == 0)
    return offset + after - in.function_ns;
  return static_cast<int64_t>(static_cast<double>(offset)
                              * static_cast<double>(after)
                              / static_cast<double>(in.function_ns));
}

int64_t world_script::later_ns(size_t interval, int64_t offset) const {
  return scaled(intervals_[interval], offset) - offset;
}

int64_t world_script::offset_of(const script_item& x) const {
  auto offset = scaled(intervals_[x.interval], x.offset_ns);
  if (x.kind == item_kind::agent)
    offset += how_.agent_delay_ns;
  if (x.kind == item_kind::telemetry && how_.telemetry_buffering_ns)
    offset += *how_.telemetry_buffering_ns - held_back_ns_;
  const auto moved = how_.moved_inputs.find(run_.all()[x.index].sequence);
  if (moved != how_.moved_inputs.end())
    offset += moved->second;
  return offset;
}

int64_t world_script::freeze_begin(size_t interval) const {
  const auto& x = intervals_[interval];
  if (x.next == nullptr)
    return x.begin;
  return std::max(x.next->begin_ns,
                  x.begin + std::max<int64_t>(0, x.function_ns))
         + x.awake_ns;
}

pause world_script::pause_after(size_t interval, int64_t begin,
                                int64_t asked) const {
  const auto& x = intervals_[interval];
  const auto end_of = [&](int64_t from, int64_t since, int64_t function) {
    return std::max(from, since + std::max<int64_t>(0, function));
  };
  const auto recorded_from = end_of(x.next->begin_ns, x.begin, x.function_ns);
  const auto recorded_gap =
      std::max<int64_t>(0, x.next->end_ns - recorded_from);
  const auto from = end_of(asked, begin, function_ns(x));
  const bool is_altered = interval + 1 < intervals_.size() && x.is_invocation
                          && intervals_[interval + 1].is_invocation;
  auto gap = recorded_gap;
  auto freeze = std::max<int64_t>(0, recorded_gap - x.awake_ns - x.tail_ns);
  if (is_altered) {
    gap = how_.gap.of(gap);
    freeze = how_.gap.is_none()
                 ? freeze
                 : std::max<int64_t>(0, gap - x.awake_ns - x.tail_ns);
    freeze = how_.freeze.of(freeze);
    if (!how_.freeze.is_none())
      gap = std::max(gap, freeze);
  }
  pause made;
  made.end = from + gap;
  made.freeze_end = std::max(from, made.end - x.tail_ns);
  made.freeze_begin = std::max(from, made.freeze_end - freeze);
  return made;
}

int64_t world_script::first_difference() const {
  int64_t first = INT64_MAX;
  const auto look_at = [&](int64_t recorded, int64_t altered) {
    if (recorded != altered)
      first = std::min({first, recorded, altered});
  };
  for (const auto& x : items_) {
    const auto begin = intervals_[x.interval].begin;
    look_at(begin + x.offset_ns,
            is_dropped(x) ? INT64_MAX : begin + offset_of(x));
  }
  if (!how_.dropped_events.empty()
      && *how_.dropped_events.begin() < intervals_.size())
    first = std::min(first, intervals_[*how_.dropped_events.begin()].begin);
  for (size_t i = 0; i < intervals_.size(); ++i) {
    const auto& x = intervals_[i];
    if (x.next == nullptr || !x.next->has_answer())
      continue;
    const auto altered = pause_after(i, x.begin, x.next->begin_ns);
    look_at(x.next->end_ns, std::max(altered.end, x.next->begin_ns));
    if (!how_.freeze.is_none() && x.is_invocation)
      look_at(x.next->begin_ns, altered.end);
  }
  return first;
}

} // namespace flushtrace

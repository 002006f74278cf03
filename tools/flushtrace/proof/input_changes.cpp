// What came in, at other times or not at all; see life_changes.hpp.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/proof/life_changes.hpp"

#include <algorithm>

namespace flushtrace::changes {

namespace {

bool is_after_winner(const suspect& of, const intake_fact& x) {
  const auto& event = of.event.facts;
  return x.lines > 0 && event.winner && x.at.record > event.winner->at.record;
}

/// What the agent sent behind the signal comes at another time.
neutralisations data_comes_at(const suspect& of, int64_t ns, const char* when) {
  const auto& event = of.event.facts;
  alteration x;
  for (const auto& each : event.intake)
    if (is_after_winner(of, each))
      x.moved_inputs[each.at.record] =
          std::max(ns, event.begin.ns + 1) - each.at.ns;
  if (x.moved_inputs.empty())
    return {};
  const auto more = x.moved_inputs.size() - 1;
  return {{x, "the agent's data of record "
                  + std::to_string(x.moved_inputs.begin()->first)
                  + (more == 0 ? "" : " and " + std::to_string(more) + " more")
                  + " comes " + when}};
}

/// The signal comes behind the data that it has overtaken.
neutralisations signal_after_data(const suspect& of) {
  const auto& event = of.event.facts;
  if (!event.winner || event.winner->source == 0)
    return {};
  int64_t last_ns = 0;
  for (const auto& each : event.intake)
    if (is_after_winner(of, each))
      last_ns = std::max(last_ns, each.at.ns);
  if (last_ns == 0)
    return {};
  alteration x;
  x.moved_inputs[event.winner->source] =
      last_ns - event.winner->at.ns + step_ns;
  return {{x, "the signal of record " + std::to_string(event.winner->source)
                  + " comes behind the data"}};
}

/// When the runtime was done, by its own word; its record must be there.
int64_t runtime_end_ns(const event_facts& x) {
  constexpr int64_t days = int64_t{1} << 40; // in us: twelve of them
  const auto into_us =
      x.runtime_done.front().happened_us - x.received_wall_ms * 1000;
  return x.begin.ns + std::clamp(into_us, -days, days) * 1000;
}

bool refuses_no_telemetry(const event_facts& x) {
  constexpr uint16_t no_room = 503;
  return std::none_of(
      x.telemetry.begin(), x.telemetry.end(),
      [](const telemetry_fact& each) { return each.status == no_room; });
}

} // namespace

neutralisations data_before_signal(const suspect& of) {
  const auto& event = of.event.facts;
  if (!event.winner)
    return {};
  auto found =
      data_comes_at(of, event.winner->at.ns - step_ns, "before the signal");
  append(found, data_comes_at(of,
                              event.begin.ns
                                  + (event.winner->at.ns - event.begin.ns) / 2,
                              "halfway to the signal"));
  return with_a_server(of, std::move(found));
}

neutralisations order_of_data(const suspect& of) {
  auto found = signal_after_data(of);
  append(found, data_before_signal(of));
  return found;
}

neutralisations no_stale_signal(const suspect& of) {
  auto found = other_actors(of);
  const auto& winner = of.event.facts.winner;
  if (!winner || winner->source == 0)
    return found;
  alteration x;
  x.dropped_inputs.insert(winner->source);
  found.push_back({x, "the signal of record " + std::to_string(winner->source)
                          + " does not come in this invocation"});
  return found;
}

neutralisations platform_tells_at_once(const suspect& of) {
  const auto& event = of.event.facts;
  if (event.runtime_done.empty())
    return {};
  const auto& done = event.runtime_done.front();
  alteration x;
  x.moved_inputs[done.at.record] = runtime_end_ns(event) + step_ns - done.at.ns;
  return with_a_server(of, {{x, "platform.runtimeDone of record "
                                    + std::to_string(done.at.record)
                                    + " comes when it happens"}});
}

neutralisations unread_does_not_come(const suspect& of) {
  alteration x;
  for (const auto& each : of.event.facts.refusals)
    x.dropped_inputs.insert(each.at.record);
  for (const auto& each : of.event.facts.telemetry)
    if (each.unusable_records > 0)
      x.dropped_inputs.insert(each.at.record);
  if (x.dropped_inputs.empty())
    return {};
  return {{x, "what could not be read does not come (record "
                  + std::to_string(*x.dropped_inputs.begin()) + ")"}};
}

neutralisations no_platform_drops(const suspect&) {
  alteration x;
  x.has_platform_drops = false;
  return {{x, "the platform drops nothing"}};
}

neutralisations room_for_telemetry(const suspect& of) {
  auto found = more_buffer(of);
  for (auto& each : found) {
    if (of.event.outcome.platform_records > 0)
      each = joined(each, no_platform_drops(of).front());
    each.has_taken_hold = refuses_no_telemetry;
  }
  return found;
}

neutralisations function_in_time(const suspect& of) {
  const auto& event = of.event.facts;
  const auto whole = event.deadline_ns - event.begin.ns;
  neutralisations found;
  for (int i = 1; i < doublings && whole > 0; ++i) {
    alteration x;
    x.function_duration.fixed_ns = whole >> i;
    // The platform tells of it as it ends, and not of a SHUTDOWN's event.
    if (!event.runtime_done.empty())
      x.moved_inputs[event.runtime_done.front().at.record] =
          runtime_end_ns(event) - step_ns - event.runtime_done.front().at.ns;
    found.push_back({x, "the function is done after " + in_words(whole >> i)});
  }
  return with_a_server(of, std::move(found));
}

neutralisations last_data_sent(const suspect& of) {
  auto found = flush_at_end(of);
  append(found, data_before_signal(of));
  return found;
}

} // namespace flushtrace::changes

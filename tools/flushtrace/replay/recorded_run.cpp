// What a trace must have to be replayed; see recorded_run.hpp.
#include "tools/flushtrace/replay/recorded_run.hpp"

#include "runtime/trace/ring_layout.hpp"
#include "tools/flushtrace/replay/shipping_facts.hpp"

#include <algorithm>
#include <charconv>

namespace flushtrace {

namespace {

using apm::errc;
using apm::error;
using apm::trace::entry_kind;
using apm::trace::record_kind;

/// Monotonic time is counted from the machine's start: a century of it.
constexpr int64_t time_max_ns = int64_t{100} * 366 * 24 * 3600 * 1'000'000'000;

error undecidable(std::string why) {
  return {errc::bad_shape, std::move(why)};
}

/// Records up to the first that is not followed by the next.
size_t whole_records(const std::vector<record>& all) {
  for (size_t i = 0; i + 1 < all.size(); ++i)
    if (all[i + 1].sequence
        != all[i].sequence + apm::trace::slots_for(all[i].payload.size()))
      return i + 1;
  return all.size();
}

uint16_t number_of(std::string_view text) {
  uint16_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Of the recorder's own, beside what was recorded: where a replay goes another
/// way it may be the longer one.
constexpr size_t spare_slots = 8 * 1024;

size_t slots_for(const std::vector<record>& all, size_t records) {
  size_t slots = spare_slots;
  for (size_t i = 0; i < records; ++i)
    slots += apm::trace::slots_for(all[i].payload.size());
  return slots + slots / 4; // twins may take other room than their originals
}

/// Roles by their numbers; what a damaged dictionary leaves out has no name.
std::vector<std::pair<std::string_view, uint8_t>> roles_of(const trace& x) {
  std::vector<std::pair<std::string_view, uint8_t>> roles;
  constexpr uint32_t number_max = 32; // a recorder's
  for (const auto& entry : x.dictionary) {
    if (entry.kind != entry_kind::role || entry.id == 0
        || entry.id > number_max)
      continue;
    roles.resize(std::max<size_t>(roles.size(), entry.id));
    roles[entry.id - 1] = {entry.text, static_cast<uint8_t>(entry.other)};
  }
  return roles;
}

world_setup setup_of(const trace& x, const apm::environment& environment) {
  world_setup setup;
  setup.config = apm::load_settings(environment).values;
  setup.config.shipping = shipping_of(x);
  setup.extension_name = x.fact("extension");
  setup.version = x.fact("version");
  setup.telemetry_port = number_of(x.fact("telemetry_port"));
  setup.process_id = x.process.process_id;
  setup.roles = roles_of(x);
  for (const auto& [name, parent] : setup.roles) {
    setup.has_credentials = setup.has_credentials || name == "credentials";
    setup.has_spill =
        setup.has_spill || (name == "spill" && setup.config.spills);
    setup.has_tracer = setup.has_tracer || name == "tracer";
  }
  return setup;
}

} // namespace

apm::environment environment_of(const trace& x) {
  apm::environment found;
  for (const auto& entry : x.dictionary) {
    const auto equals = entry.text.find('=');
    if (entry.kind == entry_kind::configuration && equals != std::string::npos)
      found.emplace(entry.text.substr(0, equals),
                    entry.text.substr(equals + 1));
  }
  return found;
}

apm::result<recorded_run> prepare_run(const process_trace& of) {
  const auto& content = of.content;
  const auto& all = content.records;
  if (all.empty())
    return undecidable("it has no records");
  if (all.front().sequence != 1)
    return undecidable(
        "its begin is missing: the oldest record is number "
        + std::to_string(all.front().sequence)
        + ". What the process held then is not known. A run is replayed from "
          "its ring and all of its segments "
          "(ELASTIC_APM_LAMBDA_TRACE=all), or from a ring that nothing was "
          "overwritten in (ELASTIC_APM_LAMBDA_TRACE_RING_BYTES)");
  if (content.fact("payload") == "digest")
    return undecidable("it was recorded with "
                       "ELASTIC_APM_LAMBDA_TRACE_PAYLOAD=digest: what came "
                       "from outside is not in it");
  const auto environment = environment_of(content);
  if (environment.empty())
    return undecidable("it has no settings: the process has ended before its "
                       "first event");
  const bool has_odd_time =
      std::any_of(all.begin(), all.end(), [](const record& x) {
        return x.time_ns < 0 || x.time_ns > time_max_ns;
      });
  if (has_odd_time)
    return undecidable("it is damaged: its time is none");
  recorded_run run;
  run.of = &of;
  run.records = whole_records(all);
  if (run.records < all.size())
    run.gap_after = all[run.records - 1].sequence;
  run.is_ended =
      run.gap_after == 0 && is_kind(all.back(), record_kind::process_end);
  run.is_full = content.fact("payload") == "full";
  run.setup = setup_of(content, environment);
  run.setup.payload = run.is_full ? apm::trace::payload_mode::full
                                  : apm::trace::payload_mode::shape;
  run.setup.slots = slots_for(all, run.records);
  return run;
}

} // namespace flushtrace

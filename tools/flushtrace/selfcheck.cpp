// The verb selfcheck; see selfcheck.hpp for what it does.
#include "tools/flushtrace/selfcheck.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <cstdio>
#include <ostream>

namespace flushtrace {

namespace {

/// Of a ring of 8192 slots: a tenth of a second on a slow machine.
constexpr uint32_t reading_rounds = 100;

std::string one_digit(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", x);
  return text;
}

bool is_sound(const kill_outcome& x) {
  return x.problem.empty() && x.unreadable == 0 && x.holes == 0 && x.wrong == 0;
}

std::string json_of(const record_costs& costs, const reading_costs& reading,
                    const kill_outcome& kills) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.number("handled_ns", costs.handled);
  out.number("noted_ns", costs.noted);
  out.number("enqueued_ns", costs.enqueued);
  out.number("ledger_ns", costs.ledger);
  out.number("read_ring_ns", reading.ring);
  out.number("read_segment_ns", reading.segment);
  out.number("read_fields_ns", reading.fields);
  out.integer("kills", kills.kills);
  out.integer("salvaged_records", static_cast<int64_t>(kills.records));
  out.integer("torn", kills.torn);
  out.integer("unreadable", kills.unreadable);
  out.integer("holes", kills.holes);
  out.integer("wrong", kills.wrong);
  out.string_if_any("problem", kills.problem);
  out.end();
  return line;
}

} // namespace

int run_selfcheck(const selfcheck_options& options, streams to) {
  const auto costs = measure_costs(options.records);
  const auto reading = measure_reading(reading_rounds);
  const auto kills = kill_and_salvage(options.kills, options.seed, to.progress);
  const int status =
      is_sound(kills) && reading.records > 0 ? exit_clean : exit_missed;
  if (options.is_json) {
    to.out << json_of(costs, reading, kills) << '\n';
    return status;
  }
  to.out << "cost of a record, median ns:  turn " << one_digit(costs.handled)
         << ", note of three fields " << one_digit(costs.noted) << ", message "
         << one_digit(costs.enqueued) << ", ledger " << one_digit(costs.ledger)
         << "\nreading a record, median ns:  ring " << one_digit(reading.ring)
         << ", segment " << one_digit(reading.segment) << ", its fields "
         << one_digit(reading.fields) << '\n'
         << kills.kills << " processes killed: " << kills.records
         << " records salvaged, " << kills.torn
         << " torn (one a kill at most), " << kills.unreadable
         << " rings unreadable, " << kills.holes << " with a hole, "
         << kills.wrong << " with a wrong record\n";
  if (!kills.problem.empty())
    to.trouble << "flushtrace: " << kills.problem << '\n';
  return status;
}

} // namespace flushtrace

#include "runtime/ports/tracer_port.hpp"

#include "runtime/formats/base64.hpp"
#include "runtime/trace/export_choice.hpp"
#include "runtime/trace/segment.hpp"

#include <algorithm>

#include "caf/typed_event_based_actor.hpp"

namespace apm {

namespace {

using trace::entry_kind;
using trace::export_mode;

/// Events that may wait for the next to begin: with a tracer there is one, but
/// a SHUTDOWN that overtakes makes it two.
constexpr size_t waiting_max = 4;

/// Of base64 in one line of the log. *Source:* CloudWatch Logs takes 256 KiB a
/// line; the other members need a few hundred bytes.
constexpr size_t part_bytes = 64 * 1024;

/// A segment of more parts is in its file alone: the log counts repeats from
/// the sixth line of a kind within a minute, instead of writing them.
constexpr size_t parts_max = 4;

int64_t start_ms(const trace::trace& x) {
  return x.process.start.real / 1'000'000;
}

} // namespace

void describe_process(const tracer_port_setup& setup) {
  for (const auto& row : setup.describe_configuration())
    setup.recorder->define(entry_kind::configuration, 0, 0, row);
}

void tracer_port_state::on_finding(const flush_finding& x) {
  if (has_failed_ || !is_wanted(x))
    return;
  if (waiting_.size() < waiting_max)
    waiting_.push_back(x);
  if (x.is_last) {
    prepare();
    export_waiting();
  }
}

void tracer_port_state::on_due() {
  prepare();
  export_waiting();
}

bool tracer_port_state::is_wanted(const flush_finding& x) const noexcept {
  return trace::is_exported(setup_.mode, setup_.sample, x.sequence,
                            x.outcomes != 0);
}

/// What need not be done before the first event.
void tracer_port_state::prepare() {
  if (has_begun_)
    return;
  has_begun_ = true;
  describe_process(setup_);
  take_left();
}

/// One that was killed before its first event has not come to say what it was
/// started with: in the same sandbox, that is what we were.
void tracer_port_state::complete(trace::trace& left) const {
  const auto& entries = left.dictionary;
  const bool has_any =
      std::any_of(entries.begin(), entries.end(), [](const auto& x) {
        return x.kind == entry_kind::configuration;
      });
  if (has_any)
    return;
  for (auto& row : setup_.describe_configuration())
    left.dictionary.push_back(
        {entry_kind::configuration, 0, 0, std::move(row)});
  left.dictionary.push_back(
      {entry_kind::fact, 0, 0, "settings=of the next process"});
}

void tracer_port_state::take_left() {
  auto left = setup_.folder->take_left();
  if (!left)
    return setup_.log->warn("cannot read the trace that an earlier process of "
                            "this sandbox has left: "
                            + left.error().detail);
  if (!left.value() || left.value()->process.is_ended)
    return; // one that ended in good order has said what it had to
  auto& found = *left.value();
  found.dictionary.push_back({entry_kind::fact, 0, 0, "reason=killed"});
  complete(found);
  const auto segment = trace::write_segment(found);
  const auto file =
      segment ? setup_.folder->keep(segment.value(), start_ms(found), 0)
              : result<std::string>{segment.error()};
  if (!file)
    return give_up(file.error().detail);
  setup_.log->warn(
      "an earlier process of this sandbox was killed: its trace is kept",
      {{"trace.file", file.value()},
       {"trace.records", static_cast<uint64_t>(found.records.size())},
       {"trace.torn", found.process.torn}});
}

void tracer_port_state::export_waiting() {
  for (const auto& x : waiting_)
    if (!has_failed_)
      export_event(x);
  waiting_.clear();
}

void tracer_port_state::export_event(const flush_finding& x) {
  const auto& ring = setup_.recorder->ring();
  // What came after the event belongs to the evidence of a missed flush.
  const auto end = x.outcomes != 0 ? ring.next_sequence()
                                   : setup_.recorder->begin_of(x.sequence + 1);
  auto part = trace::read_ring(ring.image(),
                               {setup_.recorder->begin_of(x.sequence), end});
  if (!part)
    return give_up(part.error().detail);
  trace::trim_dictionary(part.value());
  part.value().process.first_event = x.sequence;
  part.value().process.last_event = x.sequence;
  part.value().dictionary.push_back(
      {entry_kind::fact, 0, 0,
       std::string{"reason="} + (x.outcomes != 0 ? "missed" : "asked")});
  const auto segment = trace::write_segment(part.value());
  if (!segment)
    return give_up(segment.error().detail);
  const auto file =
      setup_.folder->keep(segment.value(), start_ms(part.value()), x.sequence);
  if (!file)
    return give_up(file.error().detail);
  if (x.outcomes != 0)
    put_in_log(x, segment.value(), file.value());
}

void tracer_port_state::put_in_log(const flush_finding& x,
                                   const std::string& segment,
                                   const std::string& file) {
  const auto text = encode_base64(segment);
  auto parts = (text.size() + part_bytes - 1) / part_bytes;
  if (parts > parts_max)
    parts = 0; // what is lost here is in the file
  for (size_t part = 0; part < std::max<size_t>(parts, 1); ++part)
    setup_.log->info(
        "trace of a missed flush",
        {{"faas.execution", x.request_id},
         {"trace.event", x.sequence},
         {"trace.file", file},
         {"trace.part", uint64_t{part + 1}},
         {"trace.parts", uint64_t{parts}},
         {"trace.segment", parts == 0
                               ? std::string{}
                               : text.substr(part * part_bytes, part_bytes)}});
}

void tracer_port_state::give_up(const std::string& why) {
  has_failed_ = true;
  setup_.log->warn("no more traces are kept: " + why);
}

tracer_actor::behavior_type tracer_port(tracer_port_state::self_pointer self,
                                        tracer_port_setup setup) {
  auto& state = self->state;
  state.start(std::move(setup));
  return {
      [&state](const flush_finding& x) { state.on_finding(x); },
      [&state](const export_due&) { state.on_due(); },
  };
}

} // namespace apm

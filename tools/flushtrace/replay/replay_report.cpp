// Telling of a replay; see replay_report.hpp.
#include "tools/flushtrace/replay/replay_report.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace flushtrace {

namespace {

const char* name_of(divergence_class x) noexcept {
  switch (x) {
  case divergence_class::code_changed:
    return "code changed";
  case divergence_class::unrecorded_input:
    return "unrecorded input";
  case divergence_class::nondeterministic:
    return "nondeterministic code";
  case divergence_class::gap_in_trace:
    break;
  }
  return "gap in the trace";
}

const char* name_of(divergence_kind x) noexcept {
  switch (x) {
  case divergence_kind::different:
    return "different";
  case divergence_kind::missing:
    return "missing";
  case divergence_kind::unexpected:
    return "unexpected";
  case divergence_kind::no_turn:
    return "no turn";
  case divergence_kind::unreadable:
    break;
  }
  return "unreadable";
}

bool is_same(const std::optional<divergence>& x,
             const std::optional<divergence>& y) {
  if (!x || !y)
    return !x && !y;
  return x->kind == y->kind && x->expected == y->expected && x->got == y->got;
}

divergence_class classify(const recorded_run& run, const replay_outcome& first,
                          const replay_outcome& second) {
  if (!is_same(first.first, second.first))
    return divergence_class::nondeterministic;
  if (first.first->kind == divergence_kind::unreadable)
    return divergence_class::gap_in_trace;
  if (run.setup.version != APM_VERSION)
    return divergence_class::code_changed;
  return first.first->is_input_missing ? divergence_class::unrecorded_input
                                       : divergence_class::code_changed;
}

std::string title_of(const replay_report& x) {
  return "process " + std::to_string(x.of->content.process.process_id) + ": ";
}

std::string counted(uint64_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// Ancestors shown; all are in the JSON.
constexpr size_t shown_ancestors = 8;

void append_divergence(std::string& out, const replay_report& x) {
  const record_printer records{*x.of};
  const auto& first = *x.outcome.first;
  out += "  expected   "
         + (first.expected != nullptr ? records.text(*first.expected)
                                      : std::string{"the end"})
         + '\n';
  if (first.kind != divergence_kind::unreadable)
    out += "  got        " + (first.got.empty() ? "nothing" : first.got) + '\n';
  for (const auto& each : first.fields)
    out += "    " + each.field + ": expected " + each.expected + ", got "
           + each.got + '\n';
  if (!first.why.empty())
    out += "  " + first.why + '\n';
  if (!first.ancestors.empty())
    out += "  brought about by\n";
  for (size_t i = 0; i < first.ancestors.size() && i < shown_ancestors; ++i)
    if (const auto* each =
            find_record(x.of->content.records, first.ancestors[i]))
      out += "    " + records.text(*each) + '\n';
  if (x.why)
    out += std::string{"  classified as "} + name_of(*x.why) + '\n';
}

} // namespace

replay_report replay_process(const process_trace& of,
                             const replay_settings& settings, bool is_twice) {
  replay_report report;
  report.of = &of;
  report.all_records = of.content.records.size();
  const auto run = prepare_run(of);
  if (!run) {
    report.undecidable = run.error().detail;
    return report;
  }
  report.gap_after = run.value().gap_after;
  const auto begin = std::chrono::steady_clock::now();
  report.outcome = replay(run.value(), settings);
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  if (!is_twice && !report.outcome.first)
    return report;
  const auto second = replay(run.value(), settings);
  report.was_twice = true;
  if (!report.outcome.first && second.first)
    report.outcome.first = second.first; // the first one did not differ
  if (report.outcome.first)
    report.why = classify(run.value(), report.outcome, second);
  return report;
}

int status_of(const replay_report& x) noexcept {
  if (x.outcome.first && x.why != divergence_class::gap_in_trace)
    return exit_divergence;
  return x.undecidable.empty() && x.gap_after == 0 && !x.outcome.first
             ? exit_clean
             : exit_undecidable;
}

int worse(int x, int y) noexcept {
  const auto rank = [](int status) {
    static constexpr int order[] = {exit_clean,      exit_missed,
                                    exit_unreadable, exit_undecidable,
                                    exit_divergence, exit_usage};
    return std::find(std::begin(order), std::end(order), status)
           - std::begin(order);
  };
  return rank(x) < rank(y) ? y : x;
}

std::string text_of(const replay_report& x) {
  auto out = title_of(x);
  if (!x.undecidable.empty())
    return out + "undecidable: " + x.undecidable + '\n';
  const auto& done = x.outcome;
  if (done.first) {
    out += "diverges after " + counted(done.records, "record") + " of "
           + std::to_string(x.all_records) + " (" + name_of(done.first->kind)
           + ")\n";
    append_divergence(out, x);
    return out;
  }
  const auto done_text = counted(done.records, "record") + ", "
                         + counted(done.messages, "message") + ", "
                         + counted(done.events, "event");
  if (done.stopped_at != nullptr)
    return out + "stopped at record "
           + std::to_string(done.stopped_at->sequence)
           + ", exact until then: " + done_text + "\n  "
           + record_printer{*x.of}.text(*done.stopped_at) + '\n';
  if (x.gap_after != 0)
    return out + "undecidable: records are missing after number "
           + std::to_string(x.gap_after) + ". Exact until then: " + done_text
           + '\n';
  char speed[64];
  std::snprintf(speed, sizeof speed, " (%.1f ms, %.0f messages/s)",
                x.seconds * 1e3,
                static_cast<double>(done.messages) / x.seconds);
  return out + "exact" + (x.was_twice ? ", twice" : "") + ": " + done_text
         + speed + '\n';
}

std::string json_of(const replay_report& x, const std::string& file) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", 1);
  out.string_if_any("file", file);
  out.integer("process", x.of->content.process.process_id);
  const auto& done = x.outcome;
  const bool is_decided =
      x.undecidable.empty() && (x.gap_after == 0 || done.first);
  out.string("result", done.first   ? "divergence"
                       : is_decided ? "exact"
                                    : "undecidable");
  if (!x.undecidable.empty())
    out.string("why", x.undecidable);
  out.integer("records", static_cast<int64_t>(done.records));
  out.integer("all_records", static_cast<int64_t>(x.all_records));
  out.integer("messages", static_cast<int64_t>(done.messages));
  out.integer("events", static_cast<int64_t>(done.events));
  out.integer("gap_after", static_cast<int64_t>(x.gap_after));
  out.boolean("twice", x.was_twice);
  out.number("seconds", x.seconds);
  if (done.stopped_at != nullptr)
    out.integer("stopped_at", static_cast<int64_t>(done.stopped_at->sequence));
  if (done.first) {
    const auto& first = *done.first;
    out.string("kind", name_of(first.kind));
    out.string("class", x.why ? name_of(*x.why) : "");
    if (first.expected != nullptr) {
      out.integer("record", static_cast<int64_t>(first.expected->sequence));
      out.string("expected", record_printer{*x.of}.text(*first.expected));
    }
    out.string("got", first.got);
    out.string("detail", first.why);
  }
  out.end();
  if (!done.first)
    return line + '\n';
  line.pop_back(); // lists follow
  line += ",\"fields\":[";
  for (size_t i = 0; i < done.first->fields.size(); ++i) {
    const auto& each = done.first->fields[i];
    line += i == 0 ? "" : ",";
    apm::json_object field{line};
    field.string("field", each.field);
    field.string("expected", each.expected);
    field.string("got", each.got);
    field.end();
  }
  line += "],\"ancestors\":[";
  for (size_t i = 0; i < done.first->ancestors.size(); ++i)
    line += (i == 0 ? "" : ",") + std::to_string(done.first->ancestors[i]);
  return line + "]}\n";
}

} // namespace flushtrace

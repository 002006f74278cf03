// The verb diff; see diff_verb.hpp.
#include "tools/flushtrace/diff/diff_verb.hpp"

#include "tools/flushtrace/diff/diff_report.hpp"
#include "tools/flushtrace/filter/quantity.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"

#include <charconv>
#include <map>
#include <ostream>

namespace flushtrace {

namespace {

bool read_number(std::string_view text, uint64_t& to) {
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, to);
  return read.ec == std::errc{} && read.ptr == end && to != 0;
}

/// @returns whether the options can be used
bool read_settings(const diff_options& options, diff_settings& to,
                   std::ostream& trouble) {
  if (!options.events.empty()) {
    event_pair pair;
    const auto colon = options.events.find(':');
    const std::string_view all = options.events;
    const bool is_sound = read_number(all.substr(0, colon), pair.a)
                          && (colon == std::string::npos
                              || read_number(all.substr(colon + 1), pair.b));
    if (!is_sound) {
      trouble << "flushtrace: --event: '" << options.events
              << "' is no event: 5, or 5:8 for 5 of A and 8 of B\n";
      return false;
    }
    pair.b = colon == std::string::npos ? pair.a : pair.b;
    to.only = pair;
  }
  const auto threshold = parse_quantity(options.threshold);
  if (!threshold || threshold->unit != unit_kind::time || threshold->real < 0) {
    trouble << "flushtrace: --threshold: '" << options.threshold
            << "' is no duration, such as 50ms\n";
    return false;
  }
  to.threshold_ns = static_cast<int64_t>(threshold->real);
  const bool is_exact = options.is_replay && !options.is_strictness_given;
  to.rules = {is_exact ? strictness::exact : options.how, !options.is_replay};
  return true;
}

class differ {
public:
  differ(const diff_options& options, streams to) : options_(options), to_(to) {
    view_.is_all = options.is_all;
    view_.is_coloured = to.is_coloured;
    view_.is_replay = options.is_replay;
  }

  int run() {
    if (!read_settings(options_, settings_, to_.trouble))
      return exit_usage;
    const size_t paths = options_.is_replay ? 1 : 2;
    if (options_.paths.size() != paths) {
      to_.trouble << "flushtrace: diff takes two traces, or one with "
                     "--replay; a trace is a file, or a folder of them\n";
      return exit_usage;
    }
    const auto a = load_traces({options_.paths.front()}, to_.progress);
    if (tell_problems(a, to_.trouble))
      return exit_unreadable;
    if (settings_.only
        && !is_event_there(a, settings_.only->a, to_.trouble, "A"))
      return exit_usage;
    return status_beside(a, options_.is_replay ? with_replays(a)
                                               : with_another(a));
  }

private:
  int with_another(const trace_set& a) {
    const auto b = load_traces({options_.paths.back()}, to_.progress);
    if (tell_problems(b, to_.trouble))
      return exit_unreadable;
    if (settings_.only
        && !is_event_there(b, settings_.only->b, to_.trouble, "B"))
      return exit_usage;
    int status = exit_clean;
    const auto common = std::min(a.processes.size(), b.processes.size());
    for (size_t i = 0; i < common; ++i)
      status = worse(status, compare(a.processes[i], b.processes[i]));
    for (const auto* rest : {&a, &b})
      for (size_t i = common; i < rest->processes.size(); ++i) {
        to_.trouble << "flushtrace: process "
                    << rest->processes[i].content.process.process_id
                    << " is only in " << (rest == &a ? "A" : "B") << '\n';
        status = exit_divergence;
      }
    return status_beside(b, status);
  }

  int with_replays(const trace_set& a) {
    int status = exit_clean;
    for (const auto& each : a.processes)
      status = worse(status, compare_with_replay(each));
    return status;
  }

  int compare_with_replay(const process_trace& of) {
    const auto run = prepare_run(of);
    if (!run) {
      to_.trouble << "flushtrace: process " << of.content.process.process_id
                  << " cannot be replayed: " << run.error().detail << '\n';
      return exit_undecidable;
    }
    replay_settings how;
    how.how = settings_.rules.how;
    how.keeps_trace = true;
    how.goes_on = true;
    const auto outcome = replay(run.value(), how);
    process_trace again;
    auto image = apm::trace::read_ring(outcome.image);
    if (!image) {
      to_.trouble << "flushtrace: the replay: " << image.error().detail << '\n';
      return exit_usage;
    }
    again.content = std::move(image.value());
    again.anchors = of.anchors;
    view_.remark = remark_of(run.value(), outcome);
    return compare(of, again);
  }

  static std::string remark_of(const recorded_run& run,
                               const replay_outcome& outcome) {
    if (run.gap_after != 0)
      return "records are missing after number " + std::to_string(run.gap_after)
             + ": replayed until there";
    if (outcome.first && outcome.first->expected != nullptr)
      return "they part at record "
             + std::to_string(outcome.first->expected->sequence)
             + "; from there on the world does what it did in A, while the "
               "actors go on";
    return {};
  }

  int compare(const process_trace& a, const process_trace& b) {
    const auto found = compare_traces(a, b, settings_);
    if (options_.is_json)
      to_.out << diff_in_json(found, view_) << '\n';
    else
      to_.out << (shown_++ > 0 ? "\n" : "") << diff_in_text(found, view_);
    return found.is_different() ? exit_divergence : exit_clean;
  }

  const diff_options& options_;
  streams to_;
  diff_settings settings_;
  diff_view view_;
  size_t shown_ = 0;
};

} // namespace

void add_diff_options(CLI::App& verb, diff_options& to) {
  verb.add_option("TRACE", to.paths,
                  "A and B: each a ring or a segment, or a folder of them")
      ->required();
  verb.add_flag("--json", to.is_json, "one JSON object a line");
  verb.add_flag("--replay", to.is_replay, "A against its own replay");
  verb.add_option("--event", to.events,
                  "this event alone: 5, or 5:8 for 5 of A and 8 of B")
      ->type_name("N[:M]");
  verb.add_option_function<std::string>(
          "--strict",
          [&to](const std::string& word) {
            to.is_strictness_given = true;
            to.how = word == "exact"   ? strictness::exact
                     : word == "shape" ? strictness::shape
                                       : strictness::outcome;
          },
          "exact: sizes and texts, too; shape: not these; outcome: fields of "
          "what decides about telemetry alone. Default: shape, of a replay "
          "exact")
      ->check(CLI::IsMember({"exact", "shape", "outcome"}).description(""))
      ->type_name("exact|shape|outcome");
  verb.add_option("--threshold", to.threshold,
                  "durations that differ by less are left out; default: 50ms")
      ->type_name("DURATION");
  verb.add_flag("--all", to.is_all, "nothing is left out for a screen's sake");
}

int run_diff(const diff_options& options, streams to) {
  return differ{options, to}.run();
}

} // namespace flushtrace

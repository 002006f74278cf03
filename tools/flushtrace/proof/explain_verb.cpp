// explain and causes: why telemetry was missed, and what can be the reason.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/proof/neutraliser.hpp"
#include "tools/flushtrace/proof/prover.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <optional>
#include <ostream>

namespace flushtrace {

namespace {

bool is_wanted(const explain_options& options, const event_analysis& x) {
  if (options.event != 0)
    return x.facts.event == options.event;
  return options.is_all || x.outcome.is_missed() || x.outcome.is_undecidable;
}

std::string json_cause(const cause& x) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.string("cause", x.id);
  out.string("what", x.what);
  out.string("evidence", x.evidence);
  out.string("remedy", x.remedy);
  out.integer("weight", x.weight);
  out.string_if_any("proved_by", how_neutralised(x.id));
  out.string_if_any("not_proved", why_not_neutralised(x.id));
  out.end();
  return line;
}

class explaining {
public:
  explaining(const explain_options& options, const filter& chosen, streams to)
      : options_(options), chosen_(chosen), to_(to) {}

  void take(const process_trace& process) {
    const auto chosen = chosen_.is_empty() ? std::set<uint64_t>{}
                                           : events_with(chosen_, process);
    fitting_ += chosen.size();
    std::optional<prover> proofs; // it costs something to make one
    for (auto& event : analyse(process).events) {
      if (!is_wanted(options_, event)
          || (!chosen_.is_empty() && chosen.count(event.facts.event) == 0))
        continue;
      if (options_.is_proved && event.outcome.is_missed()) {
        if (!proofs)
          proofs.emplace(process, proof_lives_max, to_.progress);
        proofs->prove(event);
      }
      tell(process, event);
    }
    left_out_ += proofs ? proofs->left_out() : 0;
  }

  int finish(const trace_set& traces) {
    if (left_out_ > 0)
      to_.trouble << "flushtrace: " << left_out_
                  << " events are explained without a proof, since there are "
                     "too many: see --event\n";
    if (shown_ == 0 && options_.event != 0) {
      if (is_event_there(traces, options_.event, to_.trouble))
        to_.trouble << "flushtrace: event " << options_.event
                    << " does not fit the filter\n";
      return exit_usage;
    }
    if (!chosen_.is_empty() && fitting_ == 0)
      tell_none_fits(to_.trouble);
    else if (shown_ == 0 && !options_.is_json)
      to_.out << "nothing is missed"
              << (chosen_.is_empty() ? "" : " in events that fit the filter")
              << '\n';
    return is_missed_        ? exit_missed
           : is_undecidable_ ? exit_undecidable
                             : exit_clean;
  }

private:
  void tell(const process_trace& process, const event_analysis& event) {
    is_missed_ = is_missed_ || event.outcome.is_missed();
    is_undecidable_ = is_undecidable_ || event.outcome.is_undecidable;
    if (to_.progress != nullptr)
      to_.progress->clear();
    if (options_.is_json)
      to_.out << explain_in_json(process, event) << '\n';
    else
      to_.out << (shown_ > 0 ? "\n" : "")
              << explain_in_text(process, event, to_.is_coloured);
    ++shown_;
  }

  const explain_options& options_;
  const filter& chosen_;
  streams to_;
  size_t shown_ = 0;
  size_t fitting_ = 0; ///< events that the filter has chosen
  size_t left_out_ = 0;
  bool is_missed_ = false;
  bool is_undecidable_ = false;
};

} // namespace

int run_explain(const explain_options& options, streams to) {
  const auto filtered = read_filter(options.filter, to);
  if (!filtered)
    return exit_usage;
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  explaining all{options, *filtered, to};
  for (const auto& process : traces.processes)
    all.take(process);
  return status_beside(traces, all.finish(traces));
}

int run_causes(const causes_options& options, streams to) {
  for (const auto& x : all_causes()) {
    if (options.is_json) {
      to.out << json_cause(x) << '\n';
      continue;
    }
    const auto how = how_neutralised(x.id);
    to.out << x.id << "\n  " << x.what << "\n  shown by  " << x.evidence
           << "\n  remedy    " << x.remedy << "\n  "
           << (how.empty() ? "inferred: " : "proved by a replay with ")
           << (how.empty() ? why_not_neutralised(x.id) : how) << '\n';
  }
  return exit_clean;
}

} // namespace flushtrace

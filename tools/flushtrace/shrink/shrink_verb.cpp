// shrink: what of a trace is needed for what is wrong with it, as a trace, a
// sequence diagram and a test.
#include "runtime/formats/json_write.hpp"
#include "runtime/trace/segment.hpp"
#include "tools/flushtrace/explore/shrinker.hpp"
#include "tools/flushtrace/explore/story.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/shrink/emitted_test.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

namespace flushtrace {

namespace {

/// What was shrunk, and where it was put.
struct shrunk {
  std::string violation;
  std::string scenario; ///< empty: it is of a recorded life
  size_t events_before = 0;
  size_t events = 0;
  uint64_t lives = 0;
  double seconds = 0;
  std::vector<std::string> steps;
  std::string segment;
  std::string diagram_text;
  std::string test_text;
  std::string trace;
  std::string diagram;
  std::string test;
};

std::string told(const shrunk& x) {
  std::ostringstream out;
  out << "broken: " << x.violation << '\n'
      << x.events_before << " events, and " << x.events
      << " of them are enough (" << x.lives << " lives tried in " << x.seconds
      << " s):\n";
  for (const auto& step : x.steps)
    out << "  " << printable(step) << '\n';
  out << "trace:   " << x.trace << "\ndiagram: " << x.diagram
      << "\ntest:    " << x.test << '\n';
  return out.str();
}

std::string json_of(const shrunk& x) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.string("violation", x.violation);
  out.integer("events_before", static_cast<int64_t>(x.events_before));
  out.integer("events", static_cast<int64_t>(x.events));
  out.integer("lives", static_cast<int64_t>(x.lives));
  out.number("seconds", x.seconds);
  out.string("scenario", x.scenario);
  out.string("trace", x.trace);
  out.string("diagram", x.diagram);
  out.string("test", x.test);
  out.key("steps");
  line += json_strings(x.steps);
  out.end();
  return line + '\n';
}

std::vector<shown_process> show_alone(const process_trace& of,
                                      std::vector<process_trace>& keeps) {
  keeps.assign(1, of);
  return show(keeps, 0, filter{});
}

bool write_file(const std::string& path, const std::string& content,
                std::ostream& trouble) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << content;
  file.close();
  if (file)
    return true;
  trouble << "flushtrace: cannot write " << path << '\n';
  return false;
}

bool write_files(const shrink_options& options, shrunk& x, streams to) {
  const auto stem =
      (std::filesystem::path{options.output} / options.name).string();
  x.trace = stem + ".atrc";
  x.diagram = stem + ".mmd";
  x.test = stem + ".cpp";
  std::error_code failure;
  std::filesystem::create_directories(options.output, failure);
  return write_file(x.trace, x.segment, to.trouble)
         && write_file(x.diagram, x.diagram_text, to.trouble)
         && write_file(x.test, x.test_text, to.trouble);
}

/// The one process that is asked for; null where it is not clear which.
const process_trace* only_process(const trace_set& traces, streams to) {
  if (traces.processes.size() == 1)
    return &traces.processes.front();
  to.trouble << "flushtrace: these are traces of " << traces.processes.size()
             << " processes: name the files of one\n";
  return nullptr;
}

/// Of an exploration. *Shape:* nothing where it breaks no promise.
std::optional<shrunk> shrink_explored(const told_story& story,
                                      const shrink_options& options) {
  const auto life = retell(story.of, story.steps);
  if (life.violation.empty())
    return {};
  auto least = shrink(life.of, life.actions, life.violation);
  shrunk x;
  x.events_before = count_events(life.actions);
  x.events = count_events(least.actions);
  x.violation = least.violation;
  x.scenario = spell(least.of);
  x.lives = least.schedules;
  x.seconds = least.seconds;
  x.test_text = emitted_test(options.name, least);
  if (auto read = apm::trace::read_traces(least.segment)) {
    process_trace trace;
    trace.content = std::move(read.value().traces.front());
    trace.anchors = find_anchors(trace.content);
    std::vector<process_trace> keeps;
    x.diagram_text =
        mermaid_of_world(show_alone(trace, keeps).front(), x.violation);
  }
  x.steps = std::move(least.steps);
  x.segment = std::move(least.segment);
  return x;
}

size_t count_inputs(const std::vector<world_arrow>& in) {
  return static_cast<size_t>(std::count_if(
      in.begin(), in.end(), [](const world_arrow& x) { return x.is_input; }));
}

/// *Errors:* as `shrink_recorded`; `io` where it cannot be written.
apm::result<shrunk> shrink_recorded(const process_trace& of,
                                    const missed_flush& what,
                                    const shrink_options& options,
                                    std::ostream& trouble) {
  recorded_budget budget;
  budget.time = std::chrono::seconds{options.seconds};
  const auto least = shrink_recorded(of, what, budget);
  if (!least)
    return least.error();
  if (least.value().is_cut_short)
    trouble << "flushtrace: its time was out: with more --seconds less may be "
               "left\n";
  auto segment = apm::trace::write_segment(least.value().life.content);
  if (!segment)
    return segment.error();
  std::vector<process_trace> keeps;
  shrunk x;
  x.violation = (what.request_id.empty() ? std::string{"SHUTDOWN"}
                                         : "invocation " + what.request_id)
                + ": " + what.cause + ": " + what.detail;
  x.events_before = count_inputs(world_arrows(show_alone(of, keeps).front()));
  const auto shown = show_alone(least.value().life, keeps);
  const auto arrows = world_arrows(shown.front());
  x.events = count_inputs(arrows);
  for (const auto& each : arrows)
    x.steps.push_back(each.text);
  x.lives = least.value().lives;
  x.seconds = least.value().seconds;
  x.segment = std::move(segment.value());
  x.diagram_text = mermaid_of_world(shown.front(), what.cause);
  x.test_text = emitted_test(options.name, what, x.steps);
  return x;
}

/// What is wrong with a recorded life. Says why where it cannot be told.
std::optional<missed_flush>
missed_in(const process_trace& of, const shrink_options& options, streams to) {
  auto found = find_missed(analyse(of), options.event);
  if (!found)
    to.out << (options.event == 0 ? std::string{"no flush is missed"}
                                  : "event " + std::to_string(options.event)
                                        + " has missed none")
           << " for a cause that is known: there is nothing to shrink\n";
  return found;
}

int tell(const apm::result<shrunk>& made, const shrink_options& options,
         streams to) {
  if (!made) {
    to.trouble << "flushtrace: " << options.paths.front()
               << ": cannot be lived again: " << made.error().detail << '\n';
    return made.error().code == apm::errc::bad_value ? exit_divergence
                                                     : exit_undecidable;
  }
  auto x = made.value();
  if (!write_files(options, x, to))
    return exit_usage;
  to.out << (options.is_json ? json_of(x) : told(x));
  return exit_missed;
}

} // namespace

int run_shrink(const shrink_options& options, streams to) {
  if (!is_test_name(options.name)) {
    to.trouble << "flushtrace: --name " << options.name
               << ": must be letters, digits and underscores\n";
    return exit_usage;
  }
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  const auto* process = only_process(traces, to);
  if (process == nullptr || !is_event_there(traces, options.event, to.trouble))
    return exit_usage;
  if (!is_explored(process->content) || options.event != 0) {
    const auto what = missed_in(*process, options, to);
    return what ? tell(shrink_recorded(*process, *what, options, to.trouble),
                       options, to)
                : status_beside(traces, exit_clean);
  }
  const auto story = read_story(process->content);
  if (!story)
    return tell(story.error(), options, to);
  auto x = shrink_explored(story.value(), options);
  if (x)
    return tell(std::move(*x), options, to);
  to.out << "no promise is broken: these actors live it well\n";
  return status_beside(traces, exit_clean);
}

} // namespace flushtrace

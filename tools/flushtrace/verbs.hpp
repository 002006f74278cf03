// What flushtrace can do: one function for each verb. Each returns the exit
// status, see `exit_status`.
#pragma once

#include "tools/flushtrace/progress.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace flushtrace {

/// *Source:* README.md, "Exit status".
enum exit_status : int {
  exit_clean = 0,
  exit_usage = 1,
  exit_missed = 2,
  exit_divergence = 3,
  exit_undecidable = 4,
  exit_unreadable = 5,
};

/// Of the output of verbs with --json; members are only added within one.
constexpr int schema_version = 1;

/// What most verbs take.
struct trace_options {
  std::vector<std::string> paths;
  bool is_json = false;
  std::string filter; ///< in the filter language; empty: everything
};

enum class dump_form : uint8_t { text, json, csv };

struct dump_options : trace_options {
  dump_form form = dump_form::text; ///< `is_json` stands for `json`
  std::string fields;               ///< such as `number,status`; empty: all
  uint64_t first = 0;               ///< sequence
  uint64_t last = UINT64_MAX;
  std::vector<std::string> kinds;  ///< none: all
  std::vector<std::string> actors; ///< likewise, by role
  uint64_t event = 0;              ///< of this event alone; 0: of all
};

struct explain_options : trace_options {
  uint64_t event = 0;    ///< this one alone; 0: those that were missed
  bool is_all = false;   ///< those that were not missed, too
  bool is_proved = true; ///< causes, by replays
};

struct causes_options {
  bool is_json = false;
};

struct summary_options : trace_options {
  std::vector<std::string> fail_on; ///< causes, families, `any`; none: any
  std::string baseline;             ///< file; empty: none
  std::string junit;                ///< file; empty: none
};

struct slice_options : trace_options {
  std::string output;
  std::string events;   ///< `5`, `5..8`, `5..`, `..8`; empty: all
  bool is_cone = false; ///< the records alone that are chosen, and their causes
};

/// What may stay as it is.
enum class kept_part : uint8_t {
  settings,
  ids,    ///< request ids
  names,  ///< of functions, hosts, and other texts
  shapes, ///< masked bodies: structure, numbers, names of members
  bodies, ///< whatever of them was recorded
};

struct redact_options : trace_options {
  std::string output;
  std::vector<kept_part> kept;
  std::string key; ///< of pseudonyms; empty: one is drawn
};

struct salvage_options {
  std::string ring;
  std::string output; ///< empty: beside the ring
  bool is_json = false;
};

struct extract_options {
  std::vector<std::string> logs; ///< empty: standard input
  std::string folder = ".";
  bool is_json = false;
};

struct selfcheck_options {
  uint32_t kills = 300;
  uint64_t records = 1'000'000;
  uint64_t seed = 1;
  bool is_json = false;
};

struct process_trace;
struct process_analysis;

struct timeline_options : trace_options {
  std::string output = "timeline.html"; ///< `-`: standard output
  uint64_t event = 0;                   ///< this event alone; 0: all
  bool is_proved = true;                ///< causes, by replays
  /// What proves them; null: rules alone.
  process_analysis (*proved_by)(const process_trace&) = nullptr;
};

struct export_options : trace_options {
  std::string format;        ///< perfetto, mermaid, shiviz, ecs or otlp
  std::string output = "-";  ///< `-`: standard output
  uint64_t event = 0;        ///< this event alone; 0: all
  bool with_records = false; ///< ecs: a document for each record, too
};

/// How alike a replay has to be.
enum class strictness : uint8_t {
  exact,   ///< every field
  shape,   ///< not how many bytes texts, bodies and buffers have
  outcome, ///< which records there are; fields of those alone that decide
           ///< about telemetry
};

struct replay_options : trace_options {
  strictness how = strictness::exact;
  uint64_t until = UINT64_MAX; ///< sequence
  std::string breaks_at;       ///< a filter
  bool is_twice = false;
};

/// Its paths are files, or folders of them.
struct verify_options : trace_options {
  strictness how = strictness::exact;
  bool is_twice = false;
  std::string junit; ///< a file; empty: none
};

struct whatif_options : trace_options {
  std::vector<std::string> changes; ///< `margin=500ms`
  bool is_list = false;             ///< only tell what can be changed
  bool is_all = false;              ///< events of which nothing was missed, too
  bool is_modelled = false;         ///< from the first record on
  std::string output; ///< a file for the changed lives; empty: none
};

struct sweep_options : trace_options {
  std::string parameter;
  std::string from;
  std::string to;
  std::string step;
  std::vector<std::string> values;  ///< instead of a range
  std::vector<std::string> changes; ///< the same for all values
};

/// With paths it explores around recorded lives, else in a world of its own.
struct explore_options : trace_options {
  bool is_background = false;
  bool is_at_most_once = false;
  uint32_t invocations = 1;
  uint32_t faults = 0;
  bool is_any_order = false; ///< as CAF allows; else as the loop has them
  bool is_random = false;
  uint64_t seed = 1;
  uint64_t schedules = UINT64_MAX;
  uint64_t seconds = 60;
  std::string schedule;       ///< one, to be lived again
  bool may_leave_out = false; ///< what agents and the platform would say
  bool is_as_found = false;   ///< what is found is not shrunk
  std::string output;   ///< a file for the violating one's trace; empty: none
  uint64_t from = 0;    ///< of a recorded life: the first record not replayed
  uint32_t changes = 1; ///< of its order, at most
};

/// Its paths are files of one process' trace.
struct shrink_options : trace_options {
  std::string output = "."; ///< a folder
  std::string name = "found";
  /// Whose missed flush it is; 0: the first, of an exploration its violation.
  uint64_t event = 0;
  uint64_t seconds = 10; ///< of a recorded life, at most
};

/// Where verbs write: results to `out`, trouble to `trouble`.
struct streams {
  std::ostream& out;
  std::ostream& trouble;
  bool is_coloured = false; ///< `out` shows colours
  bool is_terminal = false; ///< `out` is one: it shows how far a verb is
  flushtrace::progress* progress = nullptr; ///< may be null
};

int run_info(const trace_options& options, streams to);
int run_ls(const trace_options& options, streams to);
int run_dump(const dump_options& options, streams to);
int run_explain(const explain_options& options, streams to);
int run_summary(const summary_options& options, streams to);
int run_causes(const causes_options& options, streams to);
int run_slice(const slice_options& options, streams to);
int run_redact(const redact_options& options, streams to);
int run_salvage(const salvage_options& options, streams to);
int run_extract(const extract_options& options, streams to);
int run_export(const export_options& options, streams to);
int run_timeline(const timeline_options& options, streams to);
int run_replay(const replay_options& options, streams to);
int run_whatif(const whatif_options& options, streams to);
int run_sweep(const sweep_options& options, streams to);
int run_explore(const explore_options& options, streams to);
int run_explore_recorded(const explore_options& options, streams to);
int run_shrink(const shrink_options& options, streams to);
int run_verify(const verify_options& options, streams to);
int run_selfcheck(const selfcheck_options& options, streams to);

} // namespace flushtrace

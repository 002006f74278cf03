// What flushtrace can do: one function for each verb. Each returns the exit
// status, see `exit_status`.
#pragma once

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
  exit_undecidable = 4,
  exit_unreadable = 5,
};

/// What most verbs take.
struct trace_options {
  std::vector<std::string> paths;
  bool is_json = false;
};

struct dump_options : trace_options {
  uint64_t first = 0; ///< sequence
  uint64_t last = UINT64_MAX;
  std::vector<std::string> kinds;  ///< none: all
  std::vector<std::string> actors; ///< likewise, by role
  uint64_t event = 0;              ///< of this event alone; 0: of all
};

struct salvage_options {
  std::string ring;
  std::string output; ///< empty: beside the ring
};

struct extract_options {
  std::vector<std::string> logs; ///< empty: standard input
  std::string folder = ".";
};

struct selfcheck_options {
  uint32_t kills = 300;
  uint64_t records = 1'000'000;
  uint64_t seed = 1;
  bool is_json = false;
};

/// Where verbs write: results to `out`, trouble to `trouble`.
struct streams {
  std::ostream& out;
  std::ostream& trouble;
};

int run_info(const trace_options& options, streams to);
int run_ls(const trace_options& options, streams to);
int run_dump(const dump_options& options, streams to);
int run_salvage(const salvage_options& options, streams to);
int run_extract(const extract_options& options, streams to);
int run_selfcheck(const selfcheck_options& options, streams to);

} // namespace flushtrace

// The one pen that writes the run's record: it keeps the timeline and, with
// --verbose, tells each entry the moment it happens.
#pragma once

#include "tools/lambda-sandbox/report/run_record.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace sandbox {

class observer {
public:
  /// `live` gets each entry at once; null: nobody listens.
  observer(run_record& record, std::ostream* live);

  run_record& record() { return record_; }

  /// Adds an entry to the timeline. `at_ns` may lie in the past.
  void note(std::int64_t at_ns, std::string who, std::string what);
  /// Likewise, for what only --verbose shows.
  void detail(std::int64_t at_ns, std::string who, std::string what);
  /// Shows what is recorded elsewhere; with --verbose only.
  void tell_live(std::int64_t at_ns, const std::string& who,
                 const std::string& what);
  /// Adds a request that Lambda's APIs answered with an error.
  void refused(refused_request request);
  /// Shows a line that a program wrote; with --verbose only.
  void program_line(const std::string& who, std::string_view line);

private:
  void add(timeline_entry entry);

  run_record& record_;
  std::ostream* live_;
};

} // namespace sandbox

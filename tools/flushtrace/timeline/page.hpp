// The timeline page: one self-contained HTML file of the template page.html,
// the style page.css and the scripts beside them, which the build puts into the
// program.
//
//   auto html = make_page(traces.processes, {});
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/filter/filter.hpp"
#include "tools/flushtrace/timeline/activity.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <string>
#include <vector>

namespace flushtrace {

struct page_options {
  uint64_t event = 0;           ///< this event alone; 0: all
  filter wanted;                ///< events with a record for which it holds
  size_t records_max = 100'000; ///< all in all
  event_analyser analysed_by = analyse;
};

struct page {
  std::string html;
  size_t records = 0;   ///< that it shows
  bool is_whole = true; ///< it shows all that there are
  bool has_events = false;
};

/// *Errors:* `io` where there is no memory for packing.
[[nodiscard]] apm::result<page>
make_page(const std::vector<process_trace>& processes,
          const page_options& options);

} // namespace flushtrace

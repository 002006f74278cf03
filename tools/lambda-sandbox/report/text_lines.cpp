// The timeline of all sources; see text_lines.hpp.
#include "tools/lambda-sandbox/report/text_lines.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/report/facts_reader.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace sandbox {

namespace {

std::string request_text(const received_request& request) {
  std::ostringstream text;
  text << request.method << ' ' << request.target;
  if (request.method == "POST")
    text << ", " << request.lines << " lines";
  if (request.status != 0)
    text << " -> " << request.status << " after "
         << fixed_ms(request.answered_ns - request.begin_ns, 2) << " ms";
  else
    text << " -> no answer";
  if (request.status >= 300 && request.lines_accepted != 0)
    text << ", " << request.lines_accepted << " lines accepted";
  if (request.is_aborted)
    text << ", given up by the client";
  return text.str();
}

} // namespace

std::vector<timeline_entry> full_timeline(const account& account) {
  std::vector<timeline_entry> all;
  for (const auto& entry : account.run->timeline)
    if (!entry.is_detail)
      all.push_back(entry);
  for (const auto& fact : account.run->facts)
    if (auto text = sentence_for(fact); !text.empty())
      all.push_back({fact.at_ns, "agent", std::move(text), false});
  for (const auto& request : *account.requests)
    all.push_back(
        {request.begin_ns, "apm server", request_text(request), false});
  for (std::size_t i = 0; i < account.invocations.size(); ++i) {
    const auto at_ns = account.invocations[i].signals.runtime_done_ns;
    const bool is_late = i + 1 < account.invocations.size()
                         && at_ns > account.invocations[i + 1].record->begin_ns;
    if (at_ns != 0)
      all.push_back({at_ns, "telemetry",
                     "platform.runtimeDone"
                         + (is_late ? " of invocation " + std::to_string(i + 1)
                                    : std::string{})
                         + " is delivered",
                     false});
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.at_ns < b.at_ns;
  });
  return all;
}

std::string fixed_number(double value, int decimals) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(decimals) << value;
  return text.str();
}

std::string fixed_ms(std::int64_t ns, int decimals) {
  return fixed_number(to_ms(ns), decimals);
}

} // namespace sandbox

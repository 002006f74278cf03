// Keeping and telling the timeline; see observer.hpp.
#include "tools/lambda-sandbox/report/observer.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <iomanip>
#include <ostream>
#include <utility>

namespace sandbox {

namespace {

/// Lines kept for the account of a failed run.
constexpr std::size_t last_output_max = 20;

void tell(std::ostream& live, double ms, std::string_view who,
          std::string_view what) {
  live << std::fixed << std::setprecision(2) << std::setw(10) << ms << "  "
       << std::left << std::setw(12) << who << ' ' << what << std::right
       << std::endl;
}

} // namespace

observer::observer(run_record& record, std::ostream* live)
    : record_{record}, live_{live} {}

void observer::note(std::int64_t at_ns, std::string who, std::string what) {
  add({at_ns, std::move(who), std::move(what), false});
}

void observer::detail(std::int64_t at_ns, std::string who, std::string what) {
  add({at_ns, std::move(who), std::move(what), true});
}

void observer::tell_live(std::int64_t at_ns, const std::string& who,
                         const std::string& what) {
  if (live_ != nullptr)
    tell(*live_, to_ms(at_ns - record_.begin_ns), who, what);
}

void observer::refused(refused_request request) {
  note(request.at_ns, request.who,
       request.request + " was refused: " + std::to_string(request.status) + " "
           + request.error_type + ": " + request.message);
  record_.refused.push_back(std::move(request));
}

void observer::program_line(const std::string& who, std::string_view line) {
  if (live_ != nullptr)
    tell(*live_, to_ms(now_ns() - record_.begin_ns), who + " |", line);
  if (record_.last_output.size() == last_output_max)
    record_.last_output.erase(record_.last_output.begin());
  record_.last_output.push_back(who + " | " + std::string{line});
}

void observer::add(timeline_entry entry) {
  if (live_ != nullptr)
    tell(*live_, to_ms(entry.at_ns - record_.begin_ns), entry.who, entry.what);
  record_.timeline.push_back(std::move(entry));
}

} // namespace sandbox

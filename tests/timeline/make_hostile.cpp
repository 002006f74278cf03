// Writes a trace that nobody's extension wrote: each text in it tries to get
// out of the page, and its numbers are as far off as they can be.
//
//   make_hostile FILE
#include "runtime/trace/ring_file.hpp"
#include "runtime/trace/segment.hpp"
#include "tests/support/raw_trace.hpp"

#include <cstdio>
#include <fstream>

namespace {

using apm::test::raw_trace;
using apm::trace::record_kind;

constexpr const char* attacks[] = {
    "</script><script>window.broken='script'</script>",
    "<img src=x onerror=\"window.broken='image'\">",
    "\"><svg onload=\"window.broken='svg'\">",
    "'-window.broken-'",
    "{{script}}{{data}}",
    "]]><!--",
    "javascript:window.broken='link'",
    "\xff\xfe\x00 not UTF-8",
};

void add_event(raw_trace& to, uint64_t event, const char* text) {
  const auto turn = to.turn("coordinator");
  to.note(record_kind::event_begin, turn, event, uint64_t{0}, std::string{text},
          INT64_MAX);
  to.message("coordinator", turn, "agent_intake {sss}", std::string{text},
             std::string{text}, std::string{text});
  to.message("http_client", turn, std::string{text} + " {s}",
             std::string{text});
  to.note(record_kind::winner, turn, event, uint64_t{99}, INT64_MIN);
  to.note(record_kind::buffer, turn, UINT64_MAX, UINT64_MAX, UINT64_MAX,
          UINT64_MAX);
  to.note(record_kind::ledger, turn, event, UINT64_MAX, uint64_t{1},
          std::vector<uint64_t>{UINT64_MAX, 1}, UINT64_MAX, UINT64_MAX,
          UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX);
  to.note(record_kind::verdict, turn, event, uint64_t{255}, UINT64_MAX,
          UINT64_MAX, UINT64_MAX);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2)
    return 1;
  raw_trace trace;
  uint64_t event = 0;
  for (const char* text : attacks) {
    trace.role(text);
    trace.setting(std::string{"ELASTIC_APM_"} + text + "=" + text);
    trace.fact(std::string{"version="} + text);
    trace.born(text);
    add_event(trace, ++event, text);
    trace.now(event % 2 == 0 ? INT64_MAX : INT64_MIN);
    trace.raw(200, text, text);
  }
  trace.raw(0, "coordinator", attacks[0]);
  const auto segment = apm::trace::write_segment(trace.take());
  if (!segment)
    return 1;
  std::ofstream{argv[1], std::ios::binary} << segment.value();
  return 0;
}

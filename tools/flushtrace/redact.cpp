// redact: a trace to give away.
#include "runtime/trace/wire.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/redaction/trace_redactor.hpp"
#include "tools/flushtrace/segment_file.hpp"

#include <random>

namespace flushtrace {

namespace {

uint64_t key_of(const std::string& text) {
  if (text.empty()) {
    std::random_device random;
    return static_cast<uint64_t>(random()) << 32 | random();
  }
  // Two unlike halves of one text.
  return static_cast<uint64_t>(apm::trace::keyed_hash(1, text)) << 32
         | apm::trace::keyed_hash(2, text);
}

} // namespace

int run_redact(const redact_options& options, streams to) {
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  const text_redactor texts{key_of(options.key), options.kept};
  std::vector<trace> redacted;
  for (const auto& x : traces.processes) {
    redacted.push_back(redact_trace(x.content, texts));
    set_fact(redacted.back(), "redacted", "yes");
  }
  if (!write_segments(redacted, options.output, to))
    return exit_usage;
  tell_written(redacted, options.output, options.is_json, to);
  return status_beside(traces, exit_clean);
}

} // namespace flushtrace

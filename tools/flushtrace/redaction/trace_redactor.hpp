// Takes out of a trace what might be anybody's data, and leaves what tells how
// a flush was missed: who did what when, sizes, counts and outcomes.
//
//   const text_redactor texts{key, {}};
//   auto shown = redact_trace(trace, texts);
#pragma once

#include "runtime/trace/trace_reader.hpp"
#include "tools/flushtrace/redaction/text_redactor.hpp"

namespace flushtrace {

/// *Shape:* as many records, with the same numbers.
apm::trace::trace redact_trace(const apm::trace::trace& x,
                               const text_redactor& texts);

} // namespace flushtrace

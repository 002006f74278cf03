// Whether what was missed fails a build: `--fail-on`, `--baseline`, and the
// report for CI.
//
//   auto known = read_baseline(text);
//   const auto failures = failing_causes(fleet, {"transport"}, known.value());
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/summary/fleet.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// Events by primary cause that are no news.
using baseline = std::map<std::string, uint64_t>;

/// Reads what `summary --json` has written. *Errors:* `bad_json`, `bad_shape`.
[[nodiscard]] apm::result<baseline> read_baseline(std::string_view text);

/// Whether a word of `--fail-on` is `any`, a cause, or a family of them.
bool is_known_choice(const std::string& word);

/// Causes of which there are more events than the baseline has.
/// @param fail_on words as above; none: any
std::vector<std::string> failing_causes(const fleet& x,
                                        const std::vector<std::string>& fail_on,
                                        const baseline& known);

/// A report as CI servers read it: one test case a cause.
/// *Source:* the JUnit XML format, as Jenkins and GitLab take it.
std::string junit_report(const fleet& x,
                         const std::vector<std::string>& failing);

} // namespace flushtrace

// The figures of sending that no variable changes, in a trace: `whatif` can
// change them, and then a replay has to know. A trace has facts of those alone
// that are not what they are in production: `shipping.grace=10`.
#pragma once

#include "runtime/delivery/shipping_policy.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <string>
#include <vector>

namespace flushtrace {

/// *Shape:* `name=value` each. *Units:* milliseconds and bytes.
std::vector<std::string> shipping_facts(const apm::shipping_policy& x);

/// What the trace's process went by.
apm::shipping_policy shipping_of(const trace& x);

} // namespace flushtrace

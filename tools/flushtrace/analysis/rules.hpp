// The rules, one for each cause; cause_table.cpp says what each stands for. A
// rule finds its cause whether or not others hold as well: which comes first is
// for their weights to say.
#pragma once

#include "tools/flushtrace/analysis/cause.hpp"

namespace flushtrace::rules {

using found_cause = std::optional<rule_finding>;

// -- rules_signal.cpp, rules_done.cpp --
found_cause early_timer(const rule_input& x);
found_cause stale_signal(const rule_input& x);
found_cause signal_overtook_data(const rule_input& x);
found_cause data_after_signal(const rule_input& x);
found_cause late_runtime_done(const rule_input& x);
found_cause no_signal(const rule_input& x);
found_cause false_done(const rule_input& x);
found_cause wrong_invocation_done(const rule_input& x);

// -- rules_buffer.cpp --
found_cause agent_buffer_full(const rule_input& x);
found_cause log_backpressure(const rule_input& x);
found_cause batch_full(const rule_input& x);
found_cause not_flushed_by_policy(const rule_input& x);
found_cause child_dead(const rule_input& x);
found_cause arrived_during_flush(const rule_input& x);
found_cause metadata_missing(const rule_input& x);
found_cause unparsable(const rule_input& x);
found_cause wrong_order_cancel(const rule_input& x);

// -- rules_transport.cpp --
found_cause post_timeout(const rule_input& x);
found_cause connect_fail(const rule_input& x);
found_cause stale_connection(const rule_input& x);
found_cause auth_401_403(const rule_input& x);
found_cause rate_limited_429(const rule_input& x);
found_cause rejected_4xx(const rule_input& x);
found_cause server_5xx(const rule_input& x);
found_cause backoff_skip(const rule_input& x);
found_cause dropped_after_failure(const rule_input& x);
found_cause frozen_inflight(const rule_input& x);
found_cause slow_cold_path(const rule_input& x);

// -- rules_lifecycle.cpp --
found_cause function_timeout(const rule_input& x);
found_cause margin_too_small(const rule_input& x);
found_cause shutdown_budget(const rule_input& x);
found_cause killed(const rule_input& x);
found_cause no_next_invocation(const rule_input& x);
found_cause next_too_early(const rule_input& x);
found_cause wedged(const rule_input& x);
found_cause before_register(const rule_input& x);

// -- rules_platform.cpp, the trace itself included --
found_cause platform_dropped(const rule_input& x);
found_cause report_next_invoke(const rule_input& x);
found_cause cpu_starved(const rule_input& x);
found_cause clock_step(const rule_input& x);
found_cause unaccounted(const rule_input& x);
found_cause trace_gap(const rule_input& x);

} // namespace flushtrace::rules

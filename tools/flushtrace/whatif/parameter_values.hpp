// How the values of whatif's parameters are read: a function for each kind,
// which the table in parameters.cpp names. *Errors:* of all of them
// `bad_value`, with a clause that says what is wrong.
#pragma once

#include "tools/flushtrace/whatif/alteration.hpp"

#include <chrono>
#include <string_view>

namespace flushtrace::parameter_values {

/// `x2`, `+50ms` or `50ms`.
apm::result<void> read_change(time_change& to, std::string_view text);

template <time_change alteration::*Field>
apm::result<void> set_change(alteration& to, std::string_view text) {
  return read_change(to.*Field, text);
}

/// The policy that is changed; the extension's own at first.
apm::shipping_policy& shipping_of(alteration& to);

/// *Units:* what is finer than a millisecond is cut off.
apm::result<void> set_time(std::chrono::milliseconds& to,
                           std::string_view text);

template <std::chrono::milliseconds apm::shipping_policy::*Field>
apm::result<void> set_policy_time(alteration& to, std::string_view text) {
  return set_time(shipping_of(to).*Field, text);
}

apm::result<void> set_retries(alteration& to, std::string_view text);
apm::result<void> set_ship_bytes(alteration& to, std::string_view text);
apm::result<void> set_breaker(alteration& to, std::string_view text);
apm::result<void> set_latency(alteration& to, std::string_view text);
apm::result<void> set_seed(alteration& to, std::string_view text);
apm::result<void> set_status(alteration& to, std::string_view text);
apm::result<void> set_signals(alteration& to, std::string_view text);
apm::result<void> set_agent_delay(alteration& to, std::string_view text);
apm::result<void> set_buffering(alteration& to, std::string_view text);
apm::result<void> set_cpu(alteration& to, std::string_view text);

} // namespace flushtrace::parameter_values

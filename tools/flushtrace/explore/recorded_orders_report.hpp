// What exploring around a recorded life has found, in words.
#pragma once

#include "tools/flushtrace/explore/recorded_orders.hpp"

#include <string>

namespace flushtrace {

std::string text_of(const recorded_orders& x, const process_trace& of,
                    const orders_budget& budget);

/// One object in one line; see README.md.
std::string json_of(const recorded_orders& x, const process_trace& of,
                    const orders_budget& budget);

} // namespace flushtrace

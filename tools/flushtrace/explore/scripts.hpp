// What agent, platform and Lambda say in an invocation, in the order in which
// each of them says it. Every line has a token, by which it is known again when
// the APM Server gets it.
#pragma once

#include "messages/type_ids.hpp"

#include <string>
#include <vector>

namespace flushtrace {

/// Requests of an agent in one invocation; see `steps::agent_step`.
constexpr uint32_t agent_steps = 3;

/// Deliveries about one; see `steps::platform_step`.
constexpr uint32_t platform_steps = 3;

std::string request_id_of(uint32_t invocation);

/// `L` and a number, in quotes as it stands in a line.
std::string token_of(uint32_t invocation, uint32_t line);

/// Tokens of an agent's step.
std::vector<std::string> agent_tokens(uint32_t invocation, uint32_t step);

apm::agent_intake agent_request(uint32_t invocation, uint32_t step,
                                uint64_t id);
apm::transaction_registered agent_registration(uint32_t invocation,
                                               uint64_t id);

/// Tokens of a platform's step.
std::vector<std::string> platform_tokens(uint32_t invocation, uint32_t step);

/// @param at when all of it happened
apm::telemetry_batch platform_delivery(uint32_t invocation, uint32_t step,
                                       uint64_t id, apm::wall_ms at);

/// The bodies of Lambda's answers.
std::string register_answer();
std::string invoke_answer(uint32_t invocation, int64_t deadline_ms);
std::string shutdown_answer(int64_t deadline_ms);

/// The tokens of a packed body's lines, in their order; empty for lines that
/// have none.
std::vector<std::string> tokens_in(const apm::bytes& packed);

} // namespace flushtrace

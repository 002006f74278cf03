// Makers of what arrives from outside, for tests of actors.
#pragma once

#include "messages/type_ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm::test {

/// A sound agent body with one transaction of `request_id` and `spans` spans.
agent_intake agent_data(uint64_t id, const std::string& request_id,
                        uint32_t spans, bool is_flushed = false);

/// `flushed=true` with no body.
agent_intake agent_flush(uint64_t id);

/// The registration of the transaction that `agent_data` sends.
transaction_registered registration(uint64_t id, const std::string& request_id);

/// One record of a delivery.
telemetry_record record(const std::string& type, const std::string& json);

telemetry_record function_log(const std::string& text);
telemetry_record runtime_done(const std::string& request_id);
telemetry_record report(const std::string& request_id);

telemetry_batch delivered(uint64_t id, std::vector<telemetry_record> records);

/// What the gzip body of an intake POST holds, line by line.
std::vector<std::string> unpacked_lines(const http_request& request);

} // namespace apm::test

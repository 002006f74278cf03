#include "tests/support/inputs.hpp"

#include "runtime/formats/compression.hpp"
#include "runtime/formats/intake_scan.hpp"

#include <gtest/gtest.h>

namespace apm::test {

agent_intake agent_data(uint64_t id, const std::string& request_id,
                        uint32_t spans, bool is_flushed) {
  std::string lines = R"({"transaction":{"id":")" + request_id
                      + R"(-t","faas":{"execution":")" + request_id + "\"}}}\n";
  for (uint32_t i = 0; i < spans; ++i)
    lines +=
        R"({"span":{"id":")" + request_id + '-' + std::to_string(i) + "\"}}\n";
  agent_intake x;
  x.id = id;
  x.is_flushed = is_flushed;
  x.user_agent = "apm-agent-test/1";
  x.metadata = bytes{R"({"metadata":{"service":{"name":"orders-api"}}})"};
  x.events = bytes{std::move(lines)};
  x.lines = spans + 1;
  x.transactions = {{request_id + "-t", request_id}};
  return x;
}

agent_intake agent_flush(uint64_t id) {
  agent_intake x;
  x.id = id;
  x.is_flushed = true;
  return x;
}

transaction_registered registration(uint64_t id,
                                    const std::string& request_id) {
  transaction_registered x;
  x.id = id;
  x.request_id = request_id;
  x.transaction_id = request_id + "-t";
  x.user_agent = "apm-agent-test/1";
  x.metadata =
      bytes{R"({"metadata":{"service":{"name":"registered-service"}}})"};
  x.line = bytes{R"({"transaction":{"id":")" + x.transaction_id + "\"}}"};
  return x;
}

telemetry_record record(const std::string& type, const std::string& json) {
  return {"2026-11-22T12:00:00.000Z", type, bytes{json}};
}

telemetry_record function_log(const std::string& text) {
  return record("function", '"' + text + '"');
}

telemetry_record runtime_done(const std::string& request_id) {
  return record("platform.runtimeDone",
                R"({"requestId":")" + request_id
                    + R"(","status":"success","metrics":{"durationMs":5}})");
}

telemetry_record report(const std::string& request_id) {
  return record("platform.report",
                R"({"requestId":")" + request_id
                    + R"(","metrics":{"durationMs":5,"billedDurationMs":6,)"
                      R"("memorySizeMB":128,"maxMemoryUsedMB":60}})");
}

telemetry_batch delivered(uint64_t id, std::vector<telemetry_record> records) {
  telemetry_batch x;
  x.id = id;
  for (const auto& r : records)
    x.body_bytes += r.record.size();
  x.records = std::move(records);
  x.fingerprint = id;
  return x;
}

std::vector<std::string> unpacked_lines(const http_request& request) {
  auto text =
      decompress(content_encoding::gzip, request.body.view(), 64 * 1024 * 1024);
  if (!text) {
    ADD_FAILURE() << text.error().detail;
    return {};
  }
  std::vector<std::string> lines;
  for (const auto line : split_lines(text.value()))
    lines.emplace_back(line);
  return lines;
}

} // namespace apm::test

// Texts of the modelled world; see scripts.hpp.
#include "tools/flushtrace/explore/scripts.hpp"

#include "runtime/formats/compression.hpp"
#include "runtime/formats/rfc3339.hpp"

namespace flushtrace {

namespace {

/// Lines of an invocation by their numbers: transaction, two spans, a log.
enum line_number : uint32_t {
  transaction_line,
  first_span,
  second_span,
  log_line
};
constexpr uint32_t lines_per_invocation = 4;

/// Of one POST, unpacked: a hundred times what a scenario has.
constexpr size_t body_bytes_max = 1024 * 1024;

const std::string metadata = R"({"metadata":{"service":{"name":"explored"}}})";

std::string two_digits(uint32_t x) {
  return (x < 10 ? "0" : "") + std::to_string(x);
}

apm::telemetry_record record_of(apm::wall_ms at, const std::string& type,
                                const std::string& json) {
  return {apm::format_rfc3339_ms(at), type, apm::bytes{json}};
}

} // namespace

std::string request_id_of(uint32_t invocation) {
  return "7b076f9b-6500-42d6-8d25-b93fa09ae9" + two_digits(invocation % 100);
}

std::string token_of(uint32_t invocation, uint32_t line) {
  return "\"L" + std::to_string(invocation * lines_per_invocation + line) + '"';
}

std::vector<std::string> agent_tokens(uint32_t invocation, uint32_t step) {
  if (step != 1)
    return {};
  return {token_of(invocation, transaction_line),
          token_of(invocation, first_span), token_of(invocation, second_span)};
}

apm::transaction_registered agent_registration(uint32_t invocation,
                                               uint64_t id) {
  const auto token = token_of(invocation, transaction_line);
  apm::transaction_registered x;
  x.id = id;
  x.request_id = request_id_of(invocation);
  x.transaction_id = token.substr(1, token.size() - 2);
  x.user_agent = "agent/1";
  x.metadata = apm::bytes{metadata};
  x.line = apm::bytes{R"({"transaction":{"id":)" + token
                      + R"(,"name":"work","duration":0}})"};
  return x;
}

apm::agent_intake agent_request(uint32_t invocation, uint32_t step,
                                uint64_t id) {
  apm::agent_intake x;
  x.id = id;
  x.user_agent = "agent/1";
  if (step != 1) {
    x.is_flushed = true;
    return x;
  }
  const auto tokens = agent_tokens(invocation, step);
  x.metadata = apm::bytes{metadata};
  // As long as lines are, or no twin could stand for them.
  const std::string rest = R"(,"name":"GET /orders/{id}","duration":12.5}})";
  x.events = apm::bytes{R"({"transaction":{"id":)" + tokens[0] + rest + '\n'
                        + R"({"span":{"id":)" + tokens[1] + rest + '\n'
                        + R"({"span":{"id":)" + tokens[2] + rest + '\n'};
  x.lines = static_cast<uint32_t>(tokens.size());
  x.transactions = {
      {tokens[0].substr(1, tokens[0].size() - 2), request_id_of(invocation)}};
  return x;
}

std::vector<std::string> platform_tokens(uint32_t invocation, uint32_t step) {
  if (step != 0)
    return {};
  return {token_of(invocation, log_line)};
}

apm::telemetry_batch platform_delivery(uint32_t invocation, uint32_t step,
                                       uint64_t id, apm::wall_ms at) {
  const auto request = R"({"requestId":")" + request_id_of(invocation) + '"';
  apm::telemetry_batch x;
  x.id = id;
  if (step == 0)
    x.records = {
        record_of(at, "platform.start", request + R"(,"version":"1"})"),
        record_of(at, "function", token_of(invocation, log_line))};
  else if (step == 1)
    x.records = {record_of(at, "platform.runtimeDone",
                           request + R"(,"status":"success"})")};
  else
    x.records = {record_of(
        at, "platform.report",
        request
            + R"(,"status":"success","metrics":{"durationMs":5.5,"billedDurationMs":6}})")};
  for (const auto& each : x.records)
    x.body_bytes += each.record.size();
  x.fingerprint = id;
  return x;
}

std::string register_answer() {
  return R"({"functionName":"explored","functionVersion":"$LATEST",)"
         R"("handler":"app.handler","accountId":"111111111111"})";
}

std::string invoke_answer(uint32_t invocation, int64_t deadline_ms) {
  return R"({"eventType":"INVOKE","deadlineMs":)" + std::to_string(deadline_ms)
         + R"(,"requestId":")" + request_id_of(invocation)
         + R"(","invokedFunctionArn":"arn:aws:lambda:eu-central-1:)"
           R"(111111111111:function:explored"})";
}

std::string shutdown_answer(int64_t deadline_ms) {
  return R"({"eventType":"SHUTDOWN","shutdownReason":"spindown",)"
         R"("deadlineMs":)"
         + std::to_string(deadline_ms) + '}';
}

std::vector<std::string> tokens_in(const apm::bytes& packed) {
  const auto unpacked = apm::decompress(apm::content_encoding::gzip,
                                        packed.view(), body_bytes_max);
  std::vector<std::string> tokens;
  if (!unpacked)
    return tokens;
  const std::string& text = unpacked.value();
  for (size_t at = text.find('\n') + 1; at < text.size();) { // no metadata
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view line{text.data() + at, end - at};
    const auto begin = line.find("\"L");
    const auto close = line.find('"', begin + 1);
    tokens.emplace_back(begin == std::string_view::npos
                            ? std::string_view{}
                            : line.substr(begin, close - begin + 1));
    at = end + 1;
  }
  return tokens;
}

} // namespace flushtrace

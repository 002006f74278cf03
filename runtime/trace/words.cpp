#include "runtime/trace/words.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace apm::trace {

namespace {

constexpr std::string_view words[] = {
    "http://127.0.0.1:9001/2020-01-01/extension/event/next",
    "arn:aws:lambda:eu-central-1:111111111111:function:",
    R"("xxxxx":"1111-11-xxxxx:11:11.xxxx","durationMs":)",
    "telemetry_result {uyuyu[{si}][{ssi}][s]uusuus}",
    R"({"requestId":"","xxxxxxx":"$XXXXXX","tracing":)",
    R"(","status":"success","metrics":{"durationMs":)",
    "ELASTIC_APM_SECRETS_MANAGER_SECRET_TOKEN_ID=",
    "ELASTIC_APM_DATA_FORWARDER_TIMEOUT_SECONDS=",
    R"(","invokedFunctionArn":"xxx:xxx:xxxxxx:xx-)",
    "ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS=",
    "ELASTIC_APM_LAMBDA_AGENT_DATA_BUFFER_SIZE=",
    "telemetry_work {u[{ssy}][{ussiib}][{si}]b}",
    "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
    R"("},{"xxxx":"xxxxxxxxXxxxxxxx","xxxxx":")",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=",
    "ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID=",
    R"(,"memorySizeMB":128,"maxMemoryUsedMB":)",
    "ELASTIC_APM_DATA_RECEIVER_SERVER_PORT=",
    "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM=",
    "ELASTIC_APM_LAMBDA_VERIFY_SERVER_CERT=",
    "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001",
    "ELASTIC_APM_LAMBDA_TRACE_TOTAL_BYTES=",
    "spill_found {uu[{ysuuy}]usuuu{uuuuu}}",
    R"({"eventType":"INVOKE","deadlineMs":17)",
    "ELASTIC_APM_LAMBDA_DISABLE_LOGS_API=",
    "ELASTIC_APM_LAMBDA_TRACE_RING_BYTES=",
    R"("spans":[{"xxxx":"xxxxxxxxXxxxxxx",)",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI=",
    "ELASTIC_APM_DATA_FORWARDER_TIMEOUT=",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN=",
    "ELASTIC_APM_DATA_RECEIVER_TIMEOUT=",
    "ELASTIC_APM_SERVER_CA_CERT_ACM_ID=",
    "ELASTIC_APM_SSM_SECRET_TOKEN_NAME=",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER=",
    "ELASTIC_APM_LAMBDA_TRACE_PAYLOAD=",
    "/2020-01-01/extension/event/next",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=",
    "ELASTIC_APM_LAMBDA_BUFFER_BYTES=",
    "ELASTIC_APM_LAMBDA_CAPTURE_LOGS=",
    "ELASTIC_APM_LAMBDA_FLUSH_MARGIN=",
    "ELASTIC_APM_LAMBDA_SELF_METRICS=",
    "ELASTIC_APM_LAMBDA_TRACE_SAMPLE=",
    "ELASTIC_APM_SERVER_CA_CERT_FILE=",
    "AWS_LAMBDA_INITIALIZATION_TYPE=",
    "AWS_SECRET_ACCESS_KEY=(present)",
    "transaction_registered {usssyy}",
    "ELASTIC_APM_LAMBDA_APM_SERVER=",
    "extension=apm-lambda-extension",
    "ELASTIC_APM_LAMBDA_TRACE_DIR=",
    "ELASTIC_APM_SSM_API_KEY_NAME=",
    "http_response {uubu[{ss}]yis}",
    "AWS_LAMBDA_FUNCTION_VERSION=",
    "ELASTIC_APM_LAMBDA_DELIVERY=",
    "ELASTIC_APM_SERVICE_VERSION=",
    "http_request {uss[{ss}]yiub}",
    "telemetry_batch {u[{ssy}]uu}",
    R"("1111-11-xxxxx:11:11.xxxx\t)",
    "AWS_ACCESS_KEY_ID=(present)",
    "AWS_SESSION_TOKEN=(present)",
    "agent_intake {ubsyyu[{ss}]}",
    "listener_answer {uu[{ss}]y}",
    "ELASTIC_APM_SEND_STRATEGY=",
    "spill_store {ub[{ysuuy}]u}",
    "AWS_LAMBDA_FUNCTION_NAME=",
    "ELASTIC_APM_LAMBDA_SPILL=",
    "ELASTIC_APM_LAMBDA_TRACE=",
    "ELASTIC_APM_SECRET_TOKEN=",
    "ELASTIC_APM_SERVICE_NAME=",
    "https:///intake/v2/events",
    "text/plain; charset=utf-8",
    "1111-11-xxxxx:11:11.xxxx",
    "ELASTIC_APM_ENVIRONMENT=",
    "agent_relay {uss[{ss}]y}",
    ":111111111111:xxxxxxxx:",
    "AWS_LAMBDA_RUNTIME_API=",
    "lambda_event {uusssiit}",
    "AWS_SECRET_ACCESS_KEY=",
    "ELASTIC_APM_LOG_LEVEL=",
    "delivery {uuubb[s]ius}",
    R"(","xxxxxxx":"$XXXXXX")",
    "AWS_ENDPOINT_URL_ACM=",
    "AWS_ENDPOINT_URL_SSM=",
    R"(,"billedDurationMs":)",
    "ELASTIC_APM_API_KEY=",
    "application/x-ndjson",
    "flush_finding {usub}",
    "platform.runtimeDone",
    "AWS_DEFAULT_REGION=",
    "ELASTIC_APM_LAMBDA_",
    R"(,"initDurationMs":)",
    "AWS_ACCESS_KEY_ID=",
    "AWS_SESSION_TOKEN=",
    "registered {ssssu}",
    "spill_stored {ubu}",
    "telemetry_listener",
    "/intake/v2/events",
    "AWS_ENDPOINT_URL=",
    "http://127.0.0.1:",
    "Content-Encoding",
    "agent_signal {u}",
    "application/json",
    "lifecycle_poller",
    "spill_wanted {u}",
    "timer_cancel {u}",
    "batch {usy[y]u}",
    "http_cancel {u}",
    "intake_open {u}",
    "platform.report",
    "telemetry_port=",
    "timer_fired {u}",
    "SSL_CERT_FILE=",
    "agent_listener",
    "content-length",
    "event_done {u}",
    "export_due {u}",
    "platform.start",
    "timer_set {ut}",
    R"("requestId":")",
    "SSL_CERT_DIR=",
    "apm_forwarder",
    "log_processor",
    "payload=shape",
    "reason=missed",
    "Content-Type",
    "HTTPS_PROXY=",
    "content-type",
    "AWS_REGION=",
    "HTTP_PROXY=",
    "coordinator",
    "http_client",
    "=(present)",
    "down {auu}",
    "exit {auu}",
    "NO_PROXY=",
    "done {uu}",
    "function",
    "version=",
    "success",
    "timers",
    "tracer",
    "timer",
    "POST",
    "gzip",
    "GET",
};

constexpr char mark = static_cast<char>(0xFE);

/// Behind a mark: the mark itself.
constexpr unsigned char marks_itself = 0xFF;

/// Words by their first byte, as numbers, longest first.
using word_index = std::array<std::vector<uint8_t>, 256>;

word_index make_index() {
  word_index index;
  for (size_t i = 0; i < std::size(words); ++i)
    index[static_cast<unsigned char>(words[i].front())].push_back(
        static_cast<uint8_t>(i));
  return index;
}

/// How many bytes the text begins with that are a word; its number.
size_t match(std::string_view text, const std::vector<uint8_t>& candidates,
             uint8_t& number) {
  for (const auto i : candidates)
    if (text.substr(0, words[i].size()) == words[i]) {
      number = i;
      return words[i].size();
    }
  return 0;
}

} // namespace

std::string put_words_aside(std::string_view text) {
  static const word_index index = make_index();
  std::string made;
  made.reserve(text.size());
  while (!text.empty()) {
    uint8_t number = marks_itself;
    const char c = text.front();
    auto size = match(text, index[static_cast<unsigned char>(c)], number);
    if (size > 0 || c == mark) {
      made += mark;
      made += static_cast<char>(number);
      size = size > 0 ? size : 1;
    } else {
      made += c;
      size = 1;
    }
    text.remove_prefix(size);
  }
  return made;
}

result<std::string> put_words_back(std::string_view text, size_t bytes_max) {
  std::string made;
  while (!text.empty()) {
    const auto at = std::min(text.find(mark), text.size());
    made += text.substr(0, at);
    text.remove_prefix(at);
    if (!text.empty()) {
      const size_t number = text.size() > 1
                                ? static_cast<unsigned char>(text[1])
                                : std::size(words); // cut off: none
      if (number == marks_itself)
        made += mark;
      else if (number < std::size(words))
        made += words[number];
      else
        return error{errc::bad_shape, "has a word that is in no table"};
      text.remove_prefix(2);
    }
    if (made.size() > bytes_max)
      return error{errc::too_large, "is longer than a segment can be"};
  }
  return made;
}

size_t segment_words() noexcept {
  return std::size(words);
}

std::string_view segment_word(size_t number) noexcept {
  return number < std::size(words) ? words[number] : std::string_view{};
}

} // namespace apm::trace

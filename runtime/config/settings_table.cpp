// The rows; see settings_table.hpp. Source: the documentation of Elastic's own
// extension for what it reads, AWS's developer guides for AWS's variables.
#include "runtime/config/settings_table.hpp"

#include <algorithm>
#include <iterator>

namespace apm {

namespace {

constexpr uint64_t kib = 1024;

constexpr setting_row table[] = {
    // -- the APM Server --
    {"ELASTIC_APM_LAMBDA_APM_SERVER", url_value<&settings::server_url>,
     "required", "URL of the APM Server, possibly with a path",
     "a wrong one is named once, and the function works without", display::url},
    {"ELASTIC_APM_API_KEY", credential_value<&settings::api_key>, "",
     "sent as `Authorization: ApiKey …`; wins over the token",
     "blanks and newlines around it are cut off", display::presence},
    {"ELASTIC_APM_SECRET_TOKEN", credential_value<&settings::secret_token>, "",
     "sent as `Authorization: Bearer …`",
     "blanks and newlines around it are cut off", display::presence},
    {"ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID",
     text_value<&settings::secrets_manager_api_key_id>, "",
     "secret in AWS Secrets Manager; wins over `ELASTIC_APM_API_KEY`",
     "`id#key` takes one member of a JSON secret; fetched again after a 401"},
    {"ELASTIC_APM_SECRETS_MANAGER_SECRET_TOKEN_ID",
     text_value<&settings::secrets_manager_secret_token_id>, "",
     "likewise for the token", "likewise"},
    {"ELASTIC_APM_SSM_API_KEY_NAME", text_value<&settings::ssm_api_key_name>,
     "", "the API key's name in SSM Parameter Store", "ours"},
    {"ELASTIC_APM_SSM_SECRET_TOKEN_NAME",
     text_value<&settings::ssm_secret_token_name>, "", "likewise for the token",
     "ours"},
    {"ELASTIC_APM_DATA_FORWARDER_TIMEOUT",
     duration_value<&settings::forwarder_timeout, 1>, "3s",
     "how long one request to the APM Server may take",
     "also the most that a flush may hold an invocation"},
    {"ELASTIC_APM_DATA_FORWARDER_TIMEOUT_SECONDS",
     whole_seconds_value<&settings::forwarder_timeout>, "3s",
     "deprecated, whole seconds", "", display::plain,
     "ELASTIC_APM_DATA_FORWARDER_TIMEOUT", true},
    {"ELASTIC_APM_SEND_STRATEGY", strategy_value, "syncflush",
     "`syncflush`: all is sent before the invocation is over. `background`: it "
     "goes with the next one, and at shutdown",
     ""},
    {"ELASTIC_APM_LAMBDA_DELIVERY", delivery_value, "at_least_once",
     "a POST that got no answer is sent again (`at_least_once`) or not "
     "(`at_most_once`)",
     "ours"},
    {"ELASTIC_APM_LAMBDA_BUFFER_BYTES",
     number_value<&settings::buffer_bytes, 64 * kib, kib * kib * kib>,
     "8388608", "bound of what is held undelivered, in bytes",
     "ours; never more than an eighth of the function's memory"},
    {"ELASTIC_APM_LAMBDA_AGENT_DATA_BUFFER_SIZE", payload_count_value,
     "no limit", "how many payloads of the agent are buffered",
     "accepted and not needed: what is held is bounded in bytes"},
    {"ELASTIC_APM_LAMBDA_SPILL", flag_value<&settings::spills>, "true",
     "keep in `/tmp` what is undelivered when memory is full, and at shutdown; "
     "and how much is held, should the extension be killed",
     "ours; at most 8 times the buffer, and a quarter of what is free"},
    {"TMPDIR", text_value<&settings::temporary_folder>, "/tmp",
     "where that is, in place of `/tmp`", "ours"},
    {"ELASTIC_APM_LAMBDA_SELF_METRICS",
     flag_value<&settings::sends_self_metrics>, "true",
     "report what the extension received, delivered, dropped and held", "ours"},

    // -- how it is reached --
    {"ELASTIC_APM_LAMBDA_VERIFY_SERVER_CERT",
     flag_value<&settings::verifies_server>, "true",
     "verify the APM Server's certificate and host name", ""},
    {"ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM",
     checked_text_value<&settings::ca_pem, read_pem>, "",
     "CA certificates beside the system's, as PEM text; `\\n` stands for a "
     "newline",
     "", display::presence},
    {"ELASTIC_APM_SERVER_CA_CERT_FILE", text_value<&settings::ca_file>, "",
     "the same from a file", "one that cannot be read is named and left out"},
    {"ELASTIC_APM_SERVER_CA_CERT_ACM_ID",
     checked_text_value<&settings::ca_acm_id, read_certificate_arn>, "",
     "the same from AWS Certificate Manager, by ARN", ""},
    {"HTTPS_PROXY", proxy_value<&settings::https_proxy>, "",
     "proxy for https; never for loopback", "", display::url},
    {"https_proxy", proxy_value<&settings::https_proxy>, "", "likewise", "",
     display::url, "HTTPS_PROXY"},
    {"HTTP_PROXY", proxy_value<&settings::http_proxy>, "",
     "proxy for http; never for loopback", "", display::url},
    {"http_proxy", proxy_value<&settings::http_proxy>, "", "likewise", "",
     display::url, "HTTP_PROXY"},
    {"NO_PROXY", text_value<&settings::no_proxy>, "",
     "hosts, domains, addresses and CIDR blocks without a proxy", ""},
    {"no_proxy", text_value<&settings::no_proxy>, "", "likewise", "",
     display::plain, "NO_PROXY"},
    {"SSL_CERT_FILE", text_value<&settings::ssl_cert_file>, "",
     "the system's CA certificates, where they lie elsewhere", ""},
    {"SSL_CERT_DIR", text_value<&settings::ssl_cert_dir>, "",
     "likewise, a folder", ""},

    // -- the agent, the log, the invocation --
    {"ELASTIC_APM_DATA_RECEIVER_SERVER_PORT",
     number_value<&settings::receiver_port, 1, UINT16_MAX>, "8200",
     "port that agents send to, on loopback",
     "one in use is named, and the rest works"},
    {"ELASTIC_APM_DATA_RECEIVER_TIMEOUT",
     duration_value<&settings::receiver_timeout, 1>, "15s",
     "how long an agent may take over one request", ""},
    {"ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS",
     whole_seconds_value<&settings::receiver_timeout>, "15s",
     "deprecated, whole seconds", "", display::plain,
     "ELASTIC_APM_DATA_RECEIVER_TIMEOUT", true},
    {"ELASTIC_APM_LAMBDA_CAPTURE_LOGS", flag_value<&settings::captures_logs>,
     "true", "send the function's log", ""},
    {"ELASTIC_APM_LAMBDA_DISABLE_LOGS_API",
     flag_value<&settings::disables_logs_api>, "false",
     "subscribe to no telemetry at all", ""},
    {"ELASTIC_APM_LAMBDA_FLUSH_MARGIN",
     duration_value<&settings::flush_margin, 0>, "200ms",
     "how long before its deadline an invocation without a signal is ended",
     "ours"},
    {"ELASTIC_APM_LOG_LEVEL", level_value, "info",
     "of the extension's own log: `trace` `debug` `info` `warn` `error` "
     "`critical` `off`",
     "repeats are counted, not written"},
    {"ELASTIC_APM_LAMBDA_TRACE", trace_value, "missed",
     "what leaves the actor trace: `off` (nothing is recorded) `ring` `missed` "
     "`all`",
     "ours; a missed flush goes to the log, a file and the APM Server"},
    {"ELASTIC_APM_LAMBDA_TRACE_DIR", text_value<&settings::trace_folder>, "",
     "where its files are, in place of `/tmp`", "ours"},
    {"ELASTIC_APM_LAMBDA_TRACE_RING_BYTES",
     number_value<&settings::trace_ring_bytes, 64 * kib, 64 * kib * kib>,
     "524288", "what is kept of the latest", "ours"},
    {"ELASTIC_APM_LAMBDA_TRACE_TOTAL_BYTES",
     number_value<&settings::trace_total_bytes, 64 * kib, kib * kib * kib>,
     "8388608", "bound of its files beside the ring; the oldest make room",
     "ours"},
    {"ELASTIC_APM_LAMBDA_TRACE_PAYLOAD", trace_payload_value, "shape",
     "of what agents and platform send: `digest` size and hash, `shape` what "
     "leads to the same decisions, `full` the data itself",
     "ours"},
    {"ELASTIC_APM_LAMBDA_TRACE_SAMPLE",
     number_value<&settings::trace_sample, 0, kib * kib>, "0",
     "one event in so many leaves its trace as a missed one does; 0: none",
     "ours"},
    {"ELASTIC_APM_SERVICE_NAME", text_value<&settings::service_name>,
     "function's name",
     "what logs and metrics are filed under where no agent has said it",
     "ours"},
    {"ELASTIC_APM_SERVICE_VERSION", text_value<&settings::service_version>,
     "function's version", "likewise", "ours"},
    {"ELASTIC_APM_ENVIRONMENT", text_value<&settings::service_environment>, "",
     "likewise", "ours"},

    // -- what Lambda sets --
    {"AWS_LAMBDA_RUNTIME_API", text_value<&settings::runtime_api>,
     "set by Lambda", "host and port of Lambda's APIs", ""},
    {"AWS_LAMBDA_FUNCTION_NAME", text_value<&settings::function_name>,
     "set by Lambda", "for metadata of our own", "ours"},
    {"AWS_LAMBDA_FUNCTION_VERSION", text_value<&settings::service_version>,
     "set by Lambda", "for metadata of our own", "ours", display::plain,
     "ELASTIC_APM_SERVICE_VERSION"},
    {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory_value, "set by Lambda",
     "the function's memory in MB", "ours"},
    {"AWS_LAMBDA_INITIALIZATION_TYPE",
     text_value<&settings::initialization_type>, "set by Lambda",
     "tells Managed Instances and SnapStart", "ours"},
    {"AWS_REGION", text_value<&settings::region>, "set by Lambda",
     "region of AWS's APIs", ""},
    {"AWS_DEFAULT_REGION", text_value<&settings::region>, "set by Lambda",
     "likewise", "", display::plain, "AWS_REGION"},
    {"AWS_ACCESS_KEY_ID", text_value<&settings::aws_access_key_id>,
     "set by Lambda", "signs requests to AWS's APIs", "", display::presence},
    {"AWS_SECRET_ACCESS_KEY", text_value<&settings::aws_secret_access_key>,
     "set by Lambda", "likewise", "", display::presence},
    {"AWS_SESSION_TOKEN", text_value<&settings::aws_session_token>,
     "set by Lambda", "likewise", "", display::presence},
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI",
     checked_text_value<&settings::aws_container_uri, read_container_uri>,
     "set by Lambda",
     "gives out such keys where the environment has none, as under SnapStart",
     "https, or http on loopback or 169.254.0.0/16; asked each time"},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN",
     credential_value<&settings::aws_container_token>, "set by Lambda",
     "sent to it as `Authorization`", "", display::presence},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
     text_value<&settings::aws_container_token_file>, "",
     "the same from a file, read each time; wins", ""},
    {"AWS_ENDPOINT_URL", url_value<&settings::aws_endpoint>, "",
     "AWS's APIs at another place, for tests and private endpoints", "",
     display::url},
    {"AWS_ENDPOINT_URL_SECRETS_MANAGER",
     url_value<&settings::aws_endpoint_secrets_manager>, "",
     "likewise, Secrets Manager alone", "", display::url},
    {"AWS_ENDPOINT_URL_ACM", url_value<&settings::aws_endpoint_acm>, "",
     "likewise, Certificate Manager alone", "", display::url},
    {"AWS_ENDPOINT_URL_SSM", url_value<&settings::aws_endpoint_ssm>, "",
     "likewise, SSM alone", "ours", display::url},
};

} // namespace

settings_rows settings_table() noexcept {
  return {std::begin(table), std::end(table)};
}

const setting_row* find_setting(std::string_view variable) noexcept {
  const auto found =
      std::find_if(std::begin(table), std::end(table),
                   [&](const auto& x) { return x.variable == variable; });
  return found == std::end(table) ? nullptr : found;
}

} // namespace apm

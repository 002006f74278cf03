#include "runtime/config/settings.hpp"

#include "runtime/formats/duration.hpp"

#include <algorithm>
#include <charconv>

namespace apm {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// Reads one value into the settings. *Errors:* what is wrong with it.
using reader = result<void> (*)(settings&, std::string_view);

struct row {
  std::string_view variable;
  std::string_view otherwise; ///< what holds where the value is bad
  reader read;
  /// Of a deprecated variable: what took its place, and wins where it is set.
  std::string_view current = {};
};

result<void> success() {
  return boost::outcome_v2::success();
}

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// A setting's longest duration: there must be room for "now + duration", and a
/// day is plenty where an invocation lasts 15 minutes at most.
constexpr milliseconds duration_max = std::chrono::hours{24};

result<milliseconds> read_duration(std::string_view text, milliseconds least) {
  auto parsed = parse_go_duration(text);
  if (!parsed)
    return parsed.error();
  const auto duration = duration_cast<milliseconds>(parsed.value());
  if (duration < least || duration > duration_max)
    return error{errc::bad_duration, "is no duration from "
                                         + format_go_duration(least) + " to "
                                         + format_go_duration(duration_max)};
  return duration;
}

template <class Number>
result<Number> read_number(std::string_view text, Number least, Number most) {
  Number n{};
  const auto [end, ec] =
      std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size() || n < least
      || n > most)
    return error{errc::bad_number, "is no whole number from "
                                       + std::to_string(least) + " to "
                                       + std::to_string(most)};
  return n;
}

/// As Go's `strconv.ParseBool`, which the settings' users are used to.
result<bool> read_bool(std::string_view text) {
  for (auto yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes)
      return true;
  for (auto no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no)
      return false;
  return error{errc::bad_value, "is neither true nor false"};
}

result<std::string> read_url(std::string_view text) {
  const auto scheme = lower(text.substr(0, text.find("//")));
  const auto host = text.substr(std::min(text.size(), text.find("//") + 2));
  if ((scheme != "http:" && scheme != "https:") || host.empty()
      || host.front() == '/'
      || text.find_first_of(" \t\r\n?#") != std::string_view::npos)
    return error{errc::bad_url, "is no URL of the form "
                                "https://host[:port][/path]"};
  while (!text.empty() && text.back() == '/')
    text.remove_suffix(1);
  return std::string{text};
}

/// Puts `value` where it belongs, or passes its error on.
template <class Value, class Field>
result<void> store(Field& field, result<Value> value) {
  if (!value)
    return value.error();
  field = std::move(value.value());
  return success();
}

template <std::string settings::*Field>
result<void> read_text(settings& to, std::string_view text) {
  to.*Field = std::string{text};
  return success();
}

/// A time-out of 0 would end every request, or none.
template <milliseconds settings::*Field>
result<void> read_timeout(settings& to, std::string_view text) {
  return store(to.*Field, read_duration(text, milliseconds{1}));
}

template <milliseconds settings::*Field>
result<void> read_timeout_seconds(settings& to, std::string_view text) {
  constexpr uint32_t most =
      duration_cast<std::chrono::seconds>(duration_max).count();
  auto seconds = read_number<uint32_t>(text, 1, most);
  if (!seconds)
    return seconds.error();
  to.*Field = std::chrono::seconds{seconds.value()};
  return success();
}

result<void> read_flush_margin(settings& to, std::string_view text) {
  return store(to.flush_margin, read_duration(text, milliseconds{0}));
}

template <bool settings::*Field>
result<void> read_flag(settings& to, std::string_view text) {
  return store(to.*Field, read_bool(text));
}

result<void> read_server(settings& to, std::string_view text) {
  return store(to.server_url, read_url(text));
}

template <std::string settings::*Field>
result<void> read_endpoint(settings& to, std::string_view text) {
  return store(to.*Field, read_url(text));
}

/// A variable holds one line: a literal `\n` stands for a newline.
result<void> read_pem(settings& to, std::string_view text) {
  std::string pem{text};
  for (size_t at = 0; (at = pem.find("\\n", at)) != std::string::npos; ++at)
    pem.replace(at, 2, "\n");
  to.ca_pem = std::move(pem);
  return success();
}

/// Accepted for compatibility: what is held is bounded in bytes.
result<void> read_payload_count(settings&, std::string_view text) {
  auto count = read_number<uint32_t>(text, 1, 1'000'000);
  return count ? success() : result<void>{count.error()};
}

result<void> read_memory(settings& to, std::string_view text) {
  // Lambda's own range today is 128 to 10,240 MB.
  return store(to.memory_mb, read_number<uint64_t>(text, 1, 1024 * 1024));
}

result<void> read_port(settings& to, std::string_view text) {
  return store(to.receiver_port, read_number<uint16_t>(text, 1, 65'535));
}

result<void> read_buffer_bytes(settings& to, std::string_view text) {
  // From one batch's worth to what the largest sandbox could spare.
  return store(to.buffer_bytes,
               read_number<uint64_t>(text, 64 * 1024, 1024 * 1024 * 1024));
}

result<void> read_strategy(settings& to, std::string_view text) {
  const auto word = lower(text);
  if (word != "syncflush" && word != "background")
    return error{errc::bad_value, "is neither syncflush nor background"};
  to.strategy = word == "background" ? send_strategy::background
                                     : send_strategy::syncflush;
  return success();
}

result<void> read_delivery(settings& to, std::string_view text) {
  const auto word = lower(text);
  if (word != "at_least_once" && word != "at_most_once")
    return error{errc::bad_value, "is neither at_least_once nor at_most_once"};
  to.delivery = word == "at_most_once" ? delivery_policy::at_most_once
                                       : delivery_policy::at_least_once;
  return success();
}

result<void> read_level(settings& to, std::string_view text) {
  return store(to.level, parse_log_level(lower(text)));
}

/// Every setting. A later row overrides an earlier one.
constexpr row table[] = {
    {"AWS_LAMBDA_RUNTIME_API", "", read_text<&settings::runtime_api>},
    {"ELASTIC_APM_LAMBDA_APM_SERVER", "", read_server},
    {"ELASTIC_APM_API_KEY", "", read_text<&settings::api_key>},
    {"ELASTIC_APM_SECRET_TOKEN", "", read_text<&settings::secret_token>},
    {"ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID", "",
     read_text<&settings::secrets_manager_api_key_id>},
    {"ELASTIC_APM_SECRETS_MANAGER_SECRET_TOKEN_ID", "",
     read_text<&settings::secrets_manager_secret_token_id>},
    {"ELASTIC_APM_SSM_API_KEY_NAME", "",
     read_text<&settings::ssm_api_key_name>},
    {"ELASTIC_APM_SSM_SECRET_TOKEN_NAME", "",
     read_text<&settings::ssm_secret_token_name>},
    {"ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS", "15s",
     read_timeout_seconds<&settings::receiver_timeout>,
     "ELASTIC_APM_DATA_RECEIVER_TIMEOUT"},
    {"ELASTIC_APM_DATA_RECEIVER_TIMEOUT", "15s",
     read_timeout<&settings::receiver_timeout>},
    {"ELASTIC_APM_DATA_RECEIVER_SERVER_PORT", "8200", read_port},
    {"ELASTIC_APM_DATA_FORWARDER_TIMEOUT_SECONDS", "3s",
     read_timeout_seconds<&settings::forwarder_timeout>,
     "ELASTIC_APM_DATA_FORWARDER_TIMEOUT"},
    {"ELASTIC_APM_DATA_FORWARDER_TIMEOUT", "3s",
     read_timeout<&settings::forwarder_timeout>},
    {"ELASTIC_APM_SEND_STRATEGY", "syncflush", read_strategy},
    {"ELASTIC_APM_LOG_LEVEL", "info", read_level},
    {"ELASTIC_APM_LAMBDA_CAPTURE_LOGS", "true",
     read_flag<&settings::captures_logs>},
    {"ELASTIC_APM_LAMBDA_DISABLE_LOGS_API", "false",
     read_flag<&settings::disables_logs_api>},
    {"ELASTIC_APM_LAMBDA_FLUSH_MARGIN", "200ms", read_flush_margin},
    {"ELASTIC_APM_LAMBDA_BUFFER_BYTES", "8 MiB", read_buffer_bytes},
    {"ELASTIC_APM_LAMBDA_DELIVERY", "at_least_once", read_delivery},
    {"ELASTIC_APM_LAMBDA_SPILL", "true", read_flag<&settings::spills>},
    {"ELASTIC_APM_LAMBDA_SELF_METRICS", "true",
     read_flag<&settings::sends_self_metrics>},
    {"ELASTIC_APM_LAMBDA_AGENT_DATA_BUFFER_SIZE", "100", read_payload_count},
    {"ELASTIC_APM_LAMBDA_VERIFY_SERVER_CERT", "true",
     read_flag<&settings::verifies_server>},
    {"ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM", "", read_pem},
    {"ELASTIC_APM_SERVER_CA_CERT_FILE", "", read_text<&settings::ca_file>},
    {"ELASTIC_APM_SERVER_CA_CERT_ACM_ID", "", read_text<&settings::ca_acm_id>},
    {"http_proxy", "", read_text<&settings::http_proxy>},
    {"HTTP_PROXY", "", read_text<&settings::http_proxy>},
    {"https_proxy", "", read_text<&settings::https_proxy>},
    {"HTTPS_PROXY", "", read_text<&settings::https_proxy>},
    {"no_proxy", "", read_text<&settings::no_proxy>},
    {"NO_PROXY", "", read_text<&settings::no_proxy>},
    {"SSL_CERT_FILE", "", read_text<&settings::ssl_cert_file>},
    {"SSL_CERT_DIR", "", read_text<&settings::ssl_cert_dir>},
    {"AWS_LAMBDA_FUNCTION_NAME", "", read_text<&settings::function_name>},
    {"AWS_LAMBDA_FUNCTION_VERSION", "", read_text<&settings::service_version>},
    {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "", read_memory},
    {"AWS_LAMBDA_INITIALIZATION_TYPE", "",
     read_text<&settings::initialization_type>},
    {"AWS_DEFAULT_REGION", "", read_text<&settings::region>},
    {"AWS_REGION", "", read_text<&settings::region>},
    {"AWS_ACCESS_KEY_ID", "", read_text<&settings::aws_access_key_id>},
    {"AWS_SECRET_ACCESS_KEY", "", read_text<&settings::aws_secret_access_key>},
    {"AWS_SESSION_TOKEN", "", read_text<&settings::aws_session_token>},
    {"AWS_ENDPOINT_URL", "", read_endpoint<&settings::aws_endpoint>},
    {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "",
     read_endpoint<&settings::aws_endpoint_secrets_manager>},
    {"AWS_ENDPOINT_URL_ACM", "", read_endpoint<&settings::aws_endpoint_acm>},
    {"AWS_ENDPOINT_URL_SSM", "", read_endpoint<&settings::aws_endpoint_ssm>},
    {"ELASTIC_APM_SERVICE_NAME", "", read_text<&settings::service_name>},
    {"ELASTIC_APM_SERVICE_VERSION", "", read_text<&settings::service_version>},
    {"ELASTIC_APM_ENVIRONMENT", "", read_text<&settings::service_environment>},
};

} // namespace

loaded_settings load_settings(const environment& env) {
  loaded_settings loaded;
  auto& problems = loaded.problems;
  const auto value_of = [&env](std::string_view variable) {
    const auto found = env.find(variable);
    return found == env.end() ? std::string_view{} : found->second;
  };
  for (const auto& [variable, otherwise, read, current] : table) {
    const auto value = value_of(variable);
    if (value.empty() || !value_of(current).empty())
      continue;
    std::string message;
    if (auto outcome = read(loaded.values, value); !outcome) {
      message = outcome.error().detail;
      if (!otherwise.empty())
        message += "; " + std::string{otherwise} + " is used instead";
    } else if (!current.empty()) {
      message = "is deprecated: use " + std::string{current};
    }
    if (!message.empty())
      problems.push_back({std::string{variable}, std::move(message), false});
  }
  if (loaded.values.service_name.empty())
    loaded.values.service_name = loaded.values.function_name;
  if (loaded.values.server_url.empty()) {
    const std::string variable = "ELASTIC_APM_LAMBDA_APM_SERVER";
    const auto reported = std::find_if(
        problems.begin(), problems.end(),
        [&](const settings_problem& p) { return p.variable == variable; });
    if (reported == problems.end())
      problems.push_back({variable,
                          "is not set: nothing can be delivered. Set "
                          "it to the URL of your APM Server",
                          true});
    else
      reported->is_fatal = true;
  }
  return loaded;
}

} // namespace apm

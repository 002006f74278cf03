// What the extension is told by its environment. The table of all variables is
// in settings_table.cpp: name, default, meaning, how it is read, one row each.
//
//   auto [settings, problems] = apm::load_settings(environment);
#pragma once

#include "runtime/delivery/flush_policy.hpp"
#include "runtime/delivery/outbox.hpp"
#include "runtime/delivery/shipping_policy.hpp"
#include "runtime/log/log.hpp"
#include "runtime/trace/modes.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// The environment as it was when the process began: name to value.
using environment = std::map<std::string, std::string, std::less<>>;

/// A variable's value. *Errors:* empty, where it is not set or empty.
inline std::string_view value_of(const environment& env,
                                 std::string_view variable) {
  const auto found = env.find(variable);
  return found == env.end() ? std::string_view{} : found->second;
}

struct settings {
  // -- the APM Server --
  std::string server_url; ///< without trailing slash; empty: idle
  std::string api_key;
  std::string secret_token;
  std::string secrets_manager_api_key_id;      ///< wins over `api_key`
  std::string secrets_manager_secret_token_id; ///< wins over `secret_token`
  std::string ssm_api_key_name;                ///< parameter's name, likewise
  std::string ssm_secret_token_name;
  std::chrono::milliseconds forwarder_timeout{3000};
  send_strategy strategy = send_strategy::syncflush;
  delivery_policy delivery = delivery_policy::at_least_once;
  uint64_t buffer_bytes = 8 * 1024 * 1024;
  shipping_policy shipping; ///< no variable's
  bool spills = true;       ///< for the sandbox's next process
  std::string temporary_folder = "/tmp";
  bool sends_self_metrics = true; ///< what was received, accepted, dropped

  // -- how the APM Server is reached --
  bool verifies_server = true;
  std::string ca_pem;    ///< PEM text, newlines undone
  std::string ca_file;   ///< path of a PEM file
  std::string ca_acm_id; ///< ARN in AWS Certificate Manager
  std::string https_proxy;
  std::string http_proxy;
  std::string no_proxy;
  std::string ssl_cert_file; ///< where OpenSSL's users say the CAs are
  std::string ssl_cert_dir;

  // -- AWS's own APIs --
  std::string region;
  std::string aws_access_key_id;
  std::string aws_secret_access_key;
  std::string aws_session_token;
  std::string aws_container_uri;   ///< gives out keys where there are none here
  std::string aws_container_token; ///< what it wants to see
  std::string aws_container_token_file; ///< wins over `aws_container_token`
  std::string aws_endpoint; ///< for all services, where not said otherwise
  std::string aws_endpoint_secrets_manager;
  std::string aws_endpoint_acm;
  std::string aws_endpoint_ssm;

  // -- the agent's side --
  uint16_t receiver_port = 8200;
  std::chrono::milliseconds receiver_timeout{15000};

  // -- Lambda's side --
  std::string runtime_api; ///< host:port
  bool captures_logs = true;
  bool disables_logs_api = false;
  std::chrono::milliseconds flush_margin{200};
  /// on-demand, provisioned-concurrency, snap-start, lambda-managed-instances
  std::string initialization_type;
  uint64_t memory_mb = 0; ///< the function's; 0: not said

  // -- our own log --
  log_level level = log_level::info;

  // -- the actor trace --
  trace::export_mode trace = trace::export_mode::missed;
  std::string trace_folder; ///< empty: `temporary_folder`
  uint64_t trace_ring_bytes = 512 * 1024;
  uint64_t trace_total_bytes = 8 * 1024 * 1024; ///< of all segments
  trace::payload_mode trace_payload = trace::payload_mode::shape;
  uint64_t trace_sample = 0; ///< one event in so many; 0: none

  // -- for metadata of our own, where no agent shows any --
  std::string function_name;
  std::string service_name;
  std::string service_version;
  std::string service_environment;
};

/// What is wrong with a setting. *Shape:* `message` says what, and what holds
/// instead or how to mend it; it never repeats a value that may be secret.
struct settings_problem {
  std::string variable;
  std::string message;
  bool is_fatal = false; ///< nothing can be delivered with it
  /// Nothing is wrong yet, such as with a deprecated variable that works.
  bool is_advice = false;
};

struct loaded_settings {
  settings values;
  std::vector<settings_problem> problems; ///< by rows, then by pairs of them
};

/// Reads all settings. Never fails: a bad value leaves the default in place and
/// becomes a problem.
loaded_settings load_settings(const environment& env);

/// What must not be seen in any log: credentials, and what stands before the @
/// of a URL. *Shape:* in no order that matters; none is empty.
std::vector<std::string> confidential_values(const settings& from);

} // namespace apm

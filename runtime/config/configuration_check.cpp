// Files, port, certificates, contradictions; see configuration_check.hpp.
#include "runtime/config/configuration_check.hpp"

#include "runtime/config/misspelling.hpp"
#include "runtime/config/value_readers.hpp"
#include "runtime/formats/ascii.hpp"
#include "runtime/formats/rfc3339.hpp"

#include <algorithm>

namespace apm {

namespace {

constexpr const char* server = "ELASTIC_APM_LAMBDA_APM_SERVER";
constexpr const char* ca_file = "ELASTIC_APM_SERVER_CA_CERT_FILE";
constexpr const char* ca_pem = "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM";
constexpr const char* port = "ELASTIC_APM_DATA_RECEIVER_SERVER_PORT";
constexpr const char* trace_dir = "ELASTIC_APM_LAMBDA_TRACE_DIR";
constexpr const char* verify = "ELASTIC_APM_LAMBDA_VERIFY_SERVER_CERT";

class thorough_check {
public:
  thorough_check(const environment& env, const settings& values,
                 const outside_world& world)
      : env_(env), values_(values), world_(world) {}

  std::vector<settings_problem> run() {
    check_certificates();
    check_folders();
    check_port();
    check_connection();
    check_credentials();
    check_unknown();
    std::stable_partition(found_.begin(), found_.end(),
                          [](const auto& x) { return !x.is_advice; });
    return std::move(found_);
  }

private:
  void wrong(const char* variable, std::string message) {
    found_.push_back({variable, std::move(message), false, false});
  }

  void advise(std::string variable, std::string message) {
    found_.push_back({std::move(variable), std::move(message), false, true});
  }

  void check_certificates() {
    if (!values_.ca_pem.empty())
      check_pem(ca_pem, values_.ca_pem);
    if (!values_.ca_file.empty()) {
      // One that cannot be opened was named before.
      if (const auto text = world_.read_file(values_.ca_file); text)
        check_pem(ca_file, text.value());
      else
        wrong(ca_file, "cannot be read: " + text.error().detail);
    }
    if (values_.ssl_cert_file.empty())
      return;
    if (const auto readable = world_.can_read(values_.ssl_cert_file); !readable)
      wrong("SSL_CERT_FILE", "cannot be read: " + readable.error().detail
                                 + ". Set it to the system's bundle of CA "
                                   "certificates, or not at all");
  }

  void check_pem(const char* variable, std::string_view text) {
    const auto certificates = world_.read_certificates(text);
    if (!certificates)
      return wrong(variable, certificates.error().detail
                                 + ". Write each certificate from -----BEGIN "
                                   "CERTIFICATE----- to -----END "
                                   "CERTIFICATE-----, whole");
    for (const auto& x : certificates.value())
      if (x.expires < world_.now)
        advise(variable, "has a certificate that expired on "
                             + format_rfc3339_ms(x.expires).substr(0, 10) + ": "
                             + x.subject);
  }

  void check_folders() {
    const bool has_trace = values_.trace != trace::export_mode::off;
    const bool has_own = !values_.trace_folder.empty();
    if (values_.spills || (has_trace && !has_own))
      check_folder("TMPDIR", values_.temporary_folder);
    if (has_trace && has_own)
      check_folder(trace_dir, values_.trace_folder);
  }

  void check_folder(const char* variable, const std::string& path) {
    if (const auto usable = world_.can_keep_files(path); !usable)
      wrong(variable,
            "is no folder that files can be made in: " + usable.error().detail
                + ". What should be kept there is not: make it, or "
                  "leave the variable out");
  }

  void check_port() {
    if (const auto free = world_.can_listen(values_.receiver_port); !free)
      wrong(port, free.error().detail
                      + ". Agents could not reach us: set it to a free port, "
                        "and the agents' ELASTIC_APM_SERVER_URL with it");
  }

  void check_connection() {
    const auto scheme =
        lower_case(values_.server_url.substr(0, values_.server_url.find(':')));
    const bool has_ca = !values_.ca_pem.empty() || !values_.ca_file.empty()
                        || !values_.ca_acm_id.empty();
    if (scheme == "https" && !values_.verifies_server)
      advise(verify, "is off: anybody on the way can pose as the APM Server, "
                     "and read credentials and data. To trust a certificate "
                     "of your own, set "
                         + std::string{ca_file});
    if (has_ca && !values_.verifies_server)
      advise(verify, "is off: the CA certificates are not used");
    if (scheme == "http" && (has_ca || !values_.verifies_server))
      advise(server, "is an http URL: the settings of certificates are not "
                     "used");
    if (scheme == "http" && has_credentials() && !is_loopback())
      advise(server, "is an http URL: credentials and data can be read on the "
                     "way. Use https where the server offers it");
  }

  bool has_credentials() const {
    return !values_.api_key.empty() || !values_.secret_token.empty()
           || fetches_credentials();
  }

  bool fetches_credentials() const {
    return !values_.secrets_manager_api_key_id.empty()
           || !values_.secrets_manager_secret_token_id.empty()
           || !values_.ssm_api_key_name.empty()
           || !values_.ssm_secret_token_name.empty();
  }

  bool is_loopback() const {
    const auto& url = values_.server_url;
    const auto mark = url.find("://") + 3;
    auto host = url.substr(mark, url.find('/', mark) - mark);
    host.erase(0, host.rfind('@') + 1);
    return host.rfind("127.", 0) == 0 || host.rfind("[::1]", 0) == 0
           || host == "localhost" || host.rfind("localhost:", 0) == 0;
  }

  void check_credentials() {
    if (!has_credentials() && !values_.server_url.empty())
      advise("ELASTIC_APM_API_KEY",
             "is not set, nor is a token: the APM Server must allow anonymous "
             "requests");
    if (!values_.api_key.empty() && !values_.secret_token.empty())
      advise("ELASTIC_APM_SECRET_TOKEN",
             "is not used: ELASTIC_APM_API_KEY wins");
    if (fetches_credentials() && values_.region.empty())
      advise("AWS_REGION", "is not set: credentials cannot be fetched from "
                           "AWS. Lambda sets it");
  }

  void check_unknown() {
    for (const auto& [variable, meant] : find_misspelt(env_))
      advise(std::string{variable},
             meant.empty() ? std::string{"is no variable of the extension, nor "
                                         "of an agent"}
                           : "is no variable of the extension; did you mean "
                                 + std::string{meant} + '?');
  }

  const environment& env_;
  const settings& values_;
  const outside_world& world_;
  std::vector<settings_problem> found_;
};

} // namespace

void check_at_start(loaded_settings& loaded, const outside_world& world) {
  auto& path = loaded.values.ca_file;
  if (path.empty())
    return;
  const auto readable = world.can_read(path);
  if (readable)
    return;
  loaded.problems.push_back(
      {ca_file,
       "cannot be read: " + readable.error().detail
           + "; the other CA certificates alone are used. Put the file into "
             "the function or a layer, and set its whole path",
       false, false});
  path.clear();
}

std::vector<settings_problem> check_thoroughly(const environment& env,
                                               const settings& values,
                                               const outside_world& world) {
  return thorough_check{env, values, world}.run();
}

} // namespace apm

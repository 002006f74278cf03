// The scenario's member `aws`: what is kept in this AWS, and how it answers.
//   "aws": {
//     "secrets": {"ID": "text", "ID": {"binary": "base64"}, "ID": ["old",
//     "new"]}, "parameters": {"NAME": "text"}, "certificates": {"ARN":
//     {"certificate": "PEM", "chain": "PEM"}}, "denied": ["ID"],
//     "container_credentials": true, "behaviour":
//     […]                        (rules, see apm_server/rules.hpp)
//   }
#pragma once

#include "tools/lambda-sandbox/apm_server/json_members.hpp"
#include "tools/lambda-sandbox/apm_server/rules.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sandbox {

/// What Lambda puts into the environment, and what signatures must be made
/// with.
struct aws_identity {
  std::string access_key_id = "AKIASANDBOX";
  std::string secret_access_key = "sandbox-secret";
  std::string session_token = "sandbox-token";
};

/// Where keys are handed out that the environment does not hold, and the
/// `Authorization` without which they are not.
constexpr const char* container_path = "/2021-08-23/credentials";
constexpr const char* container_token = "sandbox-container-token";

/// The keys that the `count`-th request to the container endpoint gets. Each
/// makes the keys before it worthless, as time does to those in a snapshot.
aws_identity container_identity(std::uint64_t count);

struct aws_secret {
  /// Text, or base64 if `is_binary`.
  std::string value;
  bool is_binary = false;
};

struct aws_certificate {
  std::string certificate;
  std::string chain;
};

struct aws_settings {
  /// By ARN or name. Request k for it gets its k-th value; the last one stays.
  std::map<std::string, std::vector<aws_secret>> secrets;
  std::map<std::string, std::vector<aws_secret>> parameters;
  std::map<std::string, aws_certificate> certificates;
  /// What the function's role may not read.
  std::set<std::string> denied;
  /// The extension's environment holds no keys: the container endpoint does.
  bool has_container_credentials = false;
  /// Of all requests with a sound signature, in the order in which they come.
  std::vector<apm_server_rule> rules;
};

/// Reads the member `aws`. Files that it names lie in `directory`.
/// *Errors*: what is wrong goes to `problems`; what is right is in the result.
aws_settings parse_aws_settings(const rapidjson::Value& value,
                                const std::string& pointer,
                                const std::string& directory,
                                json_problems& problems);

} // namespace sandbox

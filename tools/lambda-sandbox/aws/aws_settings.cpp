// Reading the scenario's member `aws`; see aws_settings.hpp.
#include "tools/lambda-sandbox/aws/aws_settings.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sandbox {

namespace {

void read_value(const rapidjson::Value& value, const std::string& pointer,
                std::vector<aws_secret>& values, json_problems& problems) {
  if (value.IsString())
    return values.push_back({value.GetString(), false});
  json_members members{value, pointer, problems};
  aws_secret secret;
  secret.is_binary = true;
  if (!members.get("binary", secret.value))
    members.complain("binary", "is missing: a secret is a text, an object with "
                               "the member `binary` in base64, or an array of "
                               "such values, one a request");
  members.finish();
  values.push_back(std::move(secret));
}

void read_values(json_members& parent, const char* name,
                 std::map<std::string, std::vector<aws_secret>>& target,
                 json_problems& problems) {
  const auto* found = parent.get_any(name);
  if (found == nullptr)
    return;
  if (!found->IsObject())
    return parent.complain(name, "must be an object: names to values");
  for (const auto& [key, value] : found->GetObject()) {
    const auto pointer =
        json_pointer_step(parent.pointer_to(name), key.GetString());
    auto& values = target[key.GetString()];
    if (!value.IsArray()) {
      read_value(value, pointer, values, problems);
      continue;
    }
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
      read_value(value[i], json_pointer_step(pointer, std::to_string(i)),
                 values, problems);
    if (value.Empty())
      problems.push_back({pointer, "must hold at least one value"});
  }
}

/// Reads `NAME`, or the file that `NAME_file` names.
void read_pem(json_members& members, const std::string& name,
              const std::string& directory, std::string& target) {
  members.get(name.c_str(), target);
  std::string path;
  const auto file_member = name + "_file";
  if (!members.get(file_member.c_str(), path))
    return;
  std::ifstream file{std::filesystem::path{directory} / path};
  if (!file)
    return members.complain(file_member, "can't be read");
  target.assign(std::istreambuf_iterator<char>{file}, {});
}

void read_certificates(json_members& parent, const std::string& directory,
                       aws_settings& settings, json_problems& problems) {
  const auto* found = parent.get_any("certificates");
  if (found == nullptr)
    return;
  if (!found->IsObject())
    return parent.complain("certificates", "must be an object: ARNs to objects "
                                           "with certificate and chain");
  for (const auto& [key, value] : found->GetObject()) {
    json_members members{
        value,
        json_pointer_step(parent.pointer_to("certificates"), key.GetString()),
        problems};
    auto& certificate = settings.certificates[key.GetString()];
    read_pem(members, "certificate", directory, certificate.certificate);
    read_pem(members, "chain", directory, certificate.chain);
    members.finish();
  }
}

} // namespace

aws_identity container_identity(std::uint64_t count) {
  const auto number = std::to_string(count);
  return {"ASIACONTAINER" + number, "container-secret-" + number,
          "container-session-" + number};
}

aws_settings parse_aws_settings(const rapidjson::Value& value,
                                const std::string& pointer,
                                const std::string& directory,
                                json_problems& problems) {
  aws_settings settings;
  json_members members{value, pointer, problems};
  read_values(members, "secrets", settings.secrets, problems);
  read_values(members, "parameters", settings.parameters, problems);
  read_certificates(members, directory, settings, problems);
  members.get("container_credentials", settings.has_container_credentials);
  std::vector<std::string> denied;
  members.get("denied", denied);
  settings.denied.insert(denied.begin(), denied.end());
  if (const auto* behaviour = members.get_any("behaviour"))
    settings.rules =
        parse_rules(*behaviour, members.pointer_to("behaviour"), problems);
  for (const auto& rule : settings.rules)
    if (rule.close != server_close::never || rule.refuse_ms > 0)
      members.complain("behaviour", "knows no `close` and no `refuse_ms`: use "
                                    "`hang`");
  members.finish();
  return settings;
}

} // namespace sandbox

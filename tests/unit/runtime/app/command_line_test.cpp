// Tests of command_line.hpp: outputs and exit statuses.
#include "runtime/app/command_line.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

/// A world without files in which every port is free.
outside_world empty_world() {
  outside_world world;
  world.can_read = [](const std::string& path) -> result<void> {
    return error{errc::io, path + ": none"};
  };
  world.read_file = [](const std::string& path) -> result<std::string> {
    return error{errc::io, path + ": none"};
  };
  world.can_keep_files = [](const std::string&) -> result<void> {
    return boost::outcome_v2::success();
  };
  world.can_listen = [](uint16_t) -> result<void> {
    return boost::outcome_v2::success();
  };
  world.read_certificates = [](std::string_view) {
    return result<std::vector<certificate_facts>>{
        std::vector<certificate_facts>{{"CN = root", 1}}};
  };
  return world;
}

command_result run(const std::vector<std::string_view>& arguments,
                   const environment& env = {}) {
  return run_command(arguments, env, empty_world());
}

TEST(command_line, helps) {
  const auto help = run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.trouble, "");
  for (const auto* option : {"--help", "--version", "--check-config"})
    EXPECT_NE(help.output.find(option), std::string::npos) << option;
  const auto version = run({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.output.find("apm-lambda-extension "), 0U);
}

TEST(command_line, refuses_other_arguments) {
  for (const auto& wrong : std::vector<std::vector<std::string_view>>{
           {"--check"}, {""}, {"-h"}, {"--help", "--version"}}) {
    const auto refused = run(wrong);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_EQ(refused.output, "");
    EXPECT_NE(refused.trouble.find("--help"), std::string::npos);
  }
}

TEST(command_line, checks_the_configuration) {
  const environment sound{
      {"ELASTIC_APM_LAMBDA_APM_SERVER", "https://apm.example"}};
  const auto checked = run({"--check-config"}, sound);
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
  EXPECT_NE(checked.output.find("Nothing is wrong"), std::string::npos);
  EXPECT_EQ(run({"--check-config"}).exit_code, 2) << "no server";
  auto wrong = sound;
  wrong["ELASTIC_APM_SERVER_CA_CERT_FILE"] = "/none.pem";
  const auto found = run({"--check-config"}, wrong);
  EXPECT_EQ(found.exit_code, 2);
  const std::string sentence = "cannot be read: /none.pem";
  const auto at = found.output.find(sentence);
  ASSERT_NE(at, std::string::npos) << found.output;
  EXPECT_EQ(found.output.find(sentence, at + 1), std::string::npos) << "once";
}

} // namespace
} // namespace apm

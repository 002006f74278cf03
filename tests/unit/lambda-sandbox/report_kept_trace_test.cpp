// Where actor traces are when a run is over, and what is told of them.
#include "tools/lambda-sandbox/report/account.hpp"
#include "tools/lambda-sandbox/report/kept_trace.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sandbox {

namespace {

namespace fs = std::filesystem;

struct kept_trace_test : ::testing::Test {
  kept_trace_test() {
    auto name = (fs::temp_directory_path() / "kept_traceXXXXXX").string();
    root = mkdtemp(name.data());
    for (const auto* folder : {"/tmp", "/log", "/named", "/bin"})
      fs::create_directory(root + folder);
    places = {root + "/tmp", root + "/log", "bin/flushtrace"};
  }

  ~kept_trace_test() override { fs::remove_all(root); }

  void put(const std::string& name) const {
    std::ofstream{root + name} << "content of " << name;
  }

  std::string told(const trace_record& trace) const {
    const scenario plan;
    run_record run;
    run.trace = trace;
    const std::vector<received_request> received; // an account refers to it
    const auto account = make_account(plan, run, {}, received);
    std::ostringstream text;
    write_text(text, account);
    return text.str();
  }

  std::string root;
  trace_places places;
};

TEST_F(kept_trace_test, is_copied_to_the_logs) {
  put("/tmp/apm-lambda-extension-1-1.atrc");
  put("/tmp/apm-lambda-extension-1-2.atrc");
  put("/tmp/apm-lambda-extension.ring");
  put("/tmp/apm-lambda-extension.ring.left");
  put("/tmp/other");
  const auto kept = keep_trace({}, places);
  EXPECT_EQ(kept.segments, 2U);
  EXPECT_EQ(kept.folder, root + "/log");
  EXPECT_EQ(kept.command, "bin/flushtrace explain " + root + "/log");
  EXPECT_TRUE(fs::exists(root + "/log/apm-lambda-extension-1-2.atrc"));
  EXPECT_TRUE(fs::exists(root + "/log/apm-lambda-extension.ring"));
  EXPECT_TRUE(fs::exists(root + "/log/apm-lambda-extension.ring.left"));
  EXPECT_FALSE(fs::exists(root + "/log/other"));
  EXPECT_NE(told(kept).find("  actor trace: 2 segments in " + root
                            + "/log\n  why a flush was missed: "
                              "bin/flushtrace explain "
                            + root + "/log\n"),
            std::string::npos)
      << told(kept);
}

TEST_F(kept_trace_test, stays_where_the_user_wants_it) {
  put("/named/apm-lambda-extension-1-1.atrc");
  const auto kept =
      keep_trace({{"ELASTIC_APM_LAMBDA_TRACE_DIR", root + "/named"}}, places);
  EXPECT_EQ(kept.segments, 1U);
  EXPECT_EQ(kept.folder, root + "/named");
  EXPECT_TRUE(fs::is_empty(root + "/log"));
}

TEST_F(kept_trace_test, is_said_to_be_gone_without_logs) {
  put("/tmp/apm-lambda-extension-1-1.atrc");
  places.log_directory.clear();
  const auto kept = keep_trace({}, places);
  EXPECT_EQ(kept.folder, "");
  EXPECT_NE(told(kept).find("1 segment, gone with the run; --log-dir"),
            std::string::npos)
      << told(kept);
}

TEST_F(kept_trace_test, is_no_word_where_there_is_none) {
  const auto kept = keep_trace({}, places);
  EXPECT_EQ(kept.command, "");
  EXPECT_EQ(told(kept).find("trace"), std::string::npos);
  put("/tmp/apm-lambda-extension.ring"); // of a run that missed nothing
  places.log_directory.clear();
  EXPECT_EQ(told(keep_trace({}, places)).find("trace"), std::string::npos);
}

TEST_F(kept_trace_test, the_command_is_for_a_shell) {
  fs::create_directory(root + "/it's here");
  put("/it's here/apm-lambda-extension-1-1.atrc");
  const auto kept = keep_trace(
      {{"ELASTIC_APM_LAMBDA_TRACE_DIR", root + "/it's here"}}, places);
  EXPECT_EQ(kept.command,
            "bin/flushtrace explain '" + root + "/it'\\''s here'");
}

TEST_F(kept_trace_test, finds_the_program_beside_its_own) {
  EXPECT_EQ(find_flushtrace(root + "/bin/lambda-sandbox"), "flushtrace");
  put("/bin/flushtrace");
  const auto found = find_flushtrace(root + "/bin/lambda-sandbox");
  EXPECT_TRUE(fs::exists(found)) << found;
}

} // namespace

} // namespace sandbox

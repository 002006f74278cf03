// Where verbs write what -o names: a file that is replaced as a whole, what is
// no plain file and stays what it is, and standard output.
#include "runtime/descriptor.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/migrate/migrate_verb.hpp"
#include "tools/flushtrace/trace_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace flushtrace {
namespace {

namespace fs = std::filesystem;

struct output_test : flushtrace_test {
  output_test() {
    event(1, 0);
    event(2, 2);
    source = save("a.atrc", segment());
    expected = sliced(folder + "/expected.atrc");
  }

  int slice(const std::string& output) {
    slice_options options;
    options.paths = {source};
    options.output = output;
    options.events = "2";
    return run(run_slice, options);
  }

  static std::string content_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  std::string sliced(const std::string& output) {
    EXPECT_EQ(slice(output), exit_clean) << trouble;
    return content_of(output);
  }

  std::string source;
  std::string expected;
};

TEST_F(output_test, a_pipe_is_written_and_stays_one) {
  const auto pipe = folder + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  // Of both ends, so that nobody waits; a slice is less than it holds.
  const apm::descriptor reader{::open(pipe.c_str(), O_RDWR | O_NONBLOCK)};
  ASSERT_EQ(slice(pipe), exit_clean) << trouble;
  struct stat facts {};
  ASSERT_EQ(::lstat(pipe.c_str(), &facts), 0);
  EXPECT_TRUE(S_ISFIFO(facts.st_mode));
  std::string found(expected.size() + 1, '\0');
  const auto bytes = ::read(reader.get(), found.data(), found.size());
  ASSERT_EQ(bytes, static_cast<ssize_t>(expected.size()));
  EXPECT_EQ(found.substr(0, expected.size()), expected);
  EXPECT_FALSE(fs::exists(pipe + ".part"));
}

TEST_F(output_test, a_link_stays_one_and_its_target_is_replaced) {
  fs::create_directory(folder + "/other");
  std::ofstream{folder + "/other/old.atrc"} << "old";
  fs::create_symlink("other/old.atrc", folder + "/to_old");
  fs::create_symlink("to_old", folder + "/to_link");
  fs::create_symlink(folder + "/other/new.atrc", folder + "/to_nothing");
  for (const auto& [link, target] :
       {std::pair{"/to_link", "/other/old.atrc"},
        std::pair{"/to_nothing", "/other/new.atrc"}}) {
    ASSERT_EQ(slice(folder + link), exit_clean) << link << trouble;
    EXPECT_TRUE(fs::is_symlink(folder + link)) << link;
    EXPECT_FALSE(fs::is_symlink(folder + target)) << target;
    EXPECT_EQ(content_of(folder + target), expected) << target;
    EXPECT_FALSE(fs::exists(folder + target + ".part"));
  }
  EXPECT_TRUE(fs::is_symlink(folder + "/to_old"));
}

TEST_F(output_test, a_link_to_a_pipe_leads_to_it) {
  const auto pipe = folder + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const apm::descriptor reader{::open(pipe.c_str(), O_RDWR | O_NONBLOCK)};
  fs::create_symlink("pipe", folder + "/link");
  ASSERT_EQ(slice(folder + "/link"), exit_clean) << trouble;
  EXPECT_TRUE(fs::is_symlink(folder + "/link"));
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST_F(output_test, what_cannot_be_written_stays_and_the_reason_is_told) {
  fs::create_directory(folder + "/other");
  fs::create_symlink("circle", folder + "/circle");
  for (const auto& [output, why] :
       {std::pair{"/other", "Is a directory"},
        std::pair{"/none/x.atrc", "No such file or directory"},
        std::pair{"/circle", "Too many levels of symbolic links"}}) {
    EXPECT_EQ(slice(folder + output), exit_usage) << output;
    EXPECT_EQ(trouble, "flushtrace: " + folder + output
                           + ": cannot be written: " + why + '\n');
  }
  EXPECT_TRUE(fs::is_directory(folder + "/other"));
  EXPECT_TRUE(fs::is_symlink(folder + "/circle"));
}

TEST_F(output_test, a_replaced_file_keeps_who_may_read_it) {
  const auto old = save("old.atrc", "old");
  fs::permissions(old, fs::perms::owner_read | fs::perms::owner_write
                           | fs::perms::group_read);
  std::ofstream{old + ".part"} << "of one that was killed, and longer than "
                               << std::string(1 << 16, 'x');
  EXPECT_EQ(sliced(old), expected);
  EXPECT_EQ(fs::status(old).permissions(), fs::perms::owner_read
                                               | fs::perms::owner_write
                                               | fs::perms::group_read);
}

TEST_F(output_test, a_hyphen_is_standard_output_and_nothing_else_goes_there) {
  ASSERT_EQ(slice("-"), exit_clean) << trouble;
  EXPECT_EQ(out, expected);
  EXPECT_NE(trouble.find(" records, 0 torn"), std::string::npos) << trouble;
  redact_options redact;
  redact.paths = {source};
  redact.output = "-";
  redact.is_json = true;
  ASSERT_EQ(run(run_redact, redact), exit_clean);
  EXPECT_NE(trouble.find(R"("file":"-")"), std::string::npos) << trouble;
  EXPECT_EQ(load(save("redacted.atrc", out)).content.fact("redacted"), "yes");
  ASSERT_EQ(
      run(run_salvage, salvage_options{save("x.ring", memory.image()), "-"}),
      exit_clean);
  EXPECT_EQ(load(save("salvaged.atrc", out)).content.fact("reason"),
            "salvaged");
  migrate_options migrate;
  migrate.paths = {source};
  migrate.output = "-";
  ASSERT_EQ(run(run_migrate, migrate), exit_clean);
  EXPECT_EQ(out, content_of(source));
  EXPECT_NE(trouble.find("already"), std::string::npos) << trouble;
  EXPECT_FALSE(fs::exists("-"));
}

TEST_F(output_test, lives_go_to_standard_output_and_their_report_does_not) {
  whatif_options whatif;
  whatif.paths = {golden_file("demo.syncflush")};
  whatif.output = "-";
  run(run_whatif, whatif);
  EXPECT_EQ(load(save("changed.atrc", out)).content.process.is_ended, true);
  EXPECT_NE(trouble, "");
  explore_options explore;
  explore.schedule = "0";
  explore.output = "-";
  run(run_explore, explore);
  EXPECT_FALSE(load(save("lived.atrc", out)).content.records.empty());
  EXPECT_NE(trouble, "");
}

// Not written to here: a test that fails must not harm the machine.
TEST(standard_output, has_two_names) {
  EXPECT_TRUE(is_standard_output("-"));
  EXPECT_TRUE(is_standard_output("/dev/stdout"));
  EXPECT_FALSE(is_standard_output("./-"));
}

TEST_F(output_test, what_standard_output_does_not_take_is_told) {
  std::ostringstream full;
  std::ostringstream told;
  full.setstate(std::ios::badbit);
  EXPECT_FALSE(replace_file("-", "content", {full, told}));
  EXPECT_EQ(told.str(), "flushtrace: standard output: cannot be written\n");
}

} // namespace
} // namespace flushtrace

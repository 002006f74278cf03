// extract: segments out of logs, whatever else is in them, and what it says of
// logs and folders that are none.
#include "runtime/formats/base64.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "tests/unit/flushtrace/support.hpp"

namespace flushtrace {
namespace {

/// A line of the extension's log, as tracer_port writes it.
std::string log_line(const std::string& name, int part, int parts,
                     const std::string& text) {
  return R"({"@timestamp":"2026-11-22T12:00:00Z","message":"trace of a missed )"
         R"(flush","trace.event":17,"trace.file":")"
         + name + R"(","trace.part":)" + std::to_string(part)
         + R"(,"trace.parts":)" + std::to_string(parts)
         + R"(,"trace.segment":")" + text + "\"}";
}

struct extract_test : flushtrace_test {
  extract_test() {
    event(17, 2);
    whole = segment();
    text = apm::encode_base64(whole);
  }

  int extract(const std::string& log) {
    return extract_from({save("log", log)}, folder);
  }

  int extract_from(const std::vector<std::string>& logs,
                   const std::string& to) {
    extract_options options;
    options.logs = logs;
    options.folder = to;
    return run(run_extract, options);
  }

  std::string extracted(const std::string& file) const {
    const auto content = apm::trace::read_file(folder + "/" + file, 1 << 20);
    return content ? content.value() : "";
  }

  const std::string name = "apm-lambda-extension-01795348800000-0000017.atrc";
  std::string whole;
  std::string text;
};

TEST_F(extract_test, finds_segments_between_other_lines) {
  const auto log = "START RequestId: 1\n2026-11-22T12:00:00Z\t"
                   + log_line("/tmp/" + name, 1, 1, text) + "\nEND\n";
  EXPECT_EQ(extract(log), exit_clean) << trouble;
  EXPECT_EQ(extracted(name), whole);
  EXPECT_EQ(out, folder + '/' + name + '\n');
}

TEST_F(extract_test, puts_parts_together_in_their_order) {
  const auto half = text.size() / 2;
  EXPECT_EQ(extract(log_line(name, 2, 2, text.substr(half)) + '\n'
                    + log_line(name, 1, 2, text.substr(0, half)) + '\n'),
            exit_clean)
      << trouble;
  EXPECT_EQ(extracted(name), whole);
}

TEST_F(extract_test, looks_into_other_json) {
  std::string inner = R"({"timestamp":1,"message":)";
  std::string quoted;
  for (const char c : log_line(name, 1, 1, text))
    quoted += c == '"' ? std::string{"\\\""} : std::string{c};
  EXPECT_EQ(extract(inner + '"' + quoted + "\"}\n"), exit_clean) << trouble;
  EXPECT_EQ(extracted(name), whole);
}

TEST_F(extract_test, says_what_is_missing_or_damaged) {
  EXPECT_EQ(extract("nothing\n"), exit_unreadable);
  EXPECT_EQ(extract(log_line(name, 1, 2, text) + '\n'), exit_unreadable);
  EXPECT_NE(trouble.find("1 of 2 parts"), std::string::npos);
  EXPECT_EQ(extract(log_line(name, 1, 1, text.substr(4)) + '\n'),
            exit_unreadable);
  EXPECT_EQ(extract(log_line(name, 0, 0, "") + '\n'), exit_unreadable);
  EXPECT_EQ(extracted(name), "");
}

TEST_F(extract_test, makes_the_folder) {
  const auto log = save("log", log_line(name, 1, 1, text) + '\n');
  ASSERT_EQ(extract_from({log}, folder + "/new/deeper"), exit_clean) << trouble;
  EXPECT_EQ(extracted("new/deeper/" + name), whole);
}

TEST_F(extract_test, a_folder_that_cannot_be_is_told_once) {
  const auto log = save("log", log_line(name, 1, 1, text) + '\n'
                                   + log_line("b.atrc", 1, 1, text) + '\n');
  EXPECT_EQ(extract_from({log}, log), exit_usage);
  EXPECT_EQ(trouble, "flushtrace: " + log
                         + ": cannot be made a folder: Not a directory\n");
}

TEST_F(extract_test, a_segment_that_cannot_be_written_is_told_with_the_reason) {
  std::filesystem::create_directory(folder + '/' + name);
  EXPECT_EQ(extract(log_line(name, 1, 1, text) + '\n'
                    + log_line("b.atrc", 1, 1, text) + '\n'),
            exit_usage);
  EXPECT_EQ(trouble, "flushtrace: " + folder + '/' + name
                         + ": cannot be written: Is a directory\n");
  EXPECT_EQ(extracted("b.atrc"), whole) << "the others are written";
}

TEST_F(extract_test, goes_on_past_a_log_that_cannot_be_read) {
  const auto log = save("log", log_line(name, 1, 1, text) + '\n');
  const auto missing = folder + "/missing.log";
  EXPECT_EQ(extract_from({missing, folder, log}, folder), exit_clean);
  EXPECT_EQ(extracted(name), whole);
  EXPECT_EQ(trouble, "flushtrace: " + missing
                         + ": No such file or directory\nflushtrace: " + folder
                         + ": is a folder: name the logs in it\n");
}

TEST_F(extract_test, ends_with_5_where_no_log_can_be_read) {
  EXPECT_EQ(extract_from({folder}, folder), exit_unreadable);
  EXPECT_EQ(trouble,
            "flushtrace: " + folder + ": is a folder: name the logs in it\n");
}

TEST_F(extract_test, gives_up_on_a_line_that_does_not_end) {
  const auto log = save("log", log_line(name, 1, 1, text) + '\n');
  EXPECT_EQ(extract_from({"/dev/zero", log}, folder), exit_clean);
  EXPECT_EQ(trouble, "flushtrace: /dev/zero: has a line of more than 16 MiB: "
                     "this is no log\n");
  EXPECT_EQ(extracted(name), whole);
}

TEST_F(extract_test, reads_a_last_line_without_its_end) {
  EXPECT_EQ(extract("\n\n" + log_line(name, 1, 1, text)), exit_clean);
  EXPECT_EQ(extracted(name), whole);
}

TEST_F(extract_test, writes_nowhere_else) {
  for (const std::string bad :
       {"/tmp/../../evil", "..", "/x/.atrc", "a b.atrc"})
    EXPECT_EQ(extract(log_line(bad, 1, 1, text) + '\n'), exit_unreadable)
        << bad;
}

} // namespace
} // namespace flushtrace

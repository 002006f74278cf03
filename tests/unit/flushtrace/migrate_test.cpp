// migrate: traces of older programs, real ones, as they are written now.
#include "runtime/trace/segment_body.hpp"
#include "runtime/trace/wire.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/migrate/migrate_verb.hpp"
#include "tools/flushtrace/migrate/migration.hpp"

#include <libdeflate.h>

namespace flushtrace {
namespace {

const std::string old_file =
    std::string{APM_SOURCE_DIR} + "/tests/data/traces/without_words.atrc";

std::string read_all(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// As FORMAT.md has it; for what its second field says, its checksum is made
/// anew.
std::string with_header_field(std::string segment, size_t at, uint16_t value) {
  apm::trace::store(&segment[at], value);
  apm::trace::store(&segment[20], libdeflate_crc32(0, segment.data(), 20));
  return segment;
}

struct migrate : flushtrace_test {
  migrate_options options(const std::string& path,
                          const std::string& output = {}) {
    migrate_options x;
    x.paths = {path};
    x.output = output;
    x.is_in_place = output.empty();
    return x;
  }

  std::string copy_of_old() { return save("old.atrc", read_all(old_file)); }
};

TEST_F(migrate, packs_an_older_segment_as_it_would_be_written_now) {
  const auto old = read_all(old_file);
  const auto found = migrate_file(old);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_TRUE(found.value().is_changed());
  EXPECT_EQ(found.value().from.words, 0U);
  EXPECT_LT(found.value().content.size(), old.size());
  const auto before = apm::trace::unpack_segment(old);
  const auto after = apm::trace::unpack_segment(found.value().content);
  ASSERT_TRUE(after);
  EXPECT_EQ(after.value().words, current_packing().words);
  EXPECT_EQ(after.value().content, before.value().content);
}

TEST_F(migrate, what_is_migrated_is_explained_as_before) {
  const auto path = copy_of_old();
  explain_options explain;
  explain.paths = {path};
  EXPECT_EQ(run(run_explain, explain), exit_missed);
  const auto before = out;
  EXPECT_EQ(run(run_migrate, options(path)), exit_clean) << trouble;
  EXPECT_NE(out.find("version 1, no words -> version 1, words 1"),
            std::string::npos)
      << out;
  EXPECT_EQ(run(run_explain, explain), exit_missed);
  EXPECT_EQ(out, before);
}

TEST_F(migrate, a_second_time_changes_nothing) {
  const auto path = copy_of_old();
  EXPECT_EQ(run(run_migrate, options(path)), exit_clean);
  const auto once = read_all(path);
  EXPECT_EQ(run(run_migrate, options(path)), exit_clean);
  EXPECT_NE(out.find("already"), std::string::npos) << out;
  EXPECT_EQ(read_all(path), once);
}

TEST_F(migrate, keeps_a_section_that_is_not_known) {
  auto body = apm::trace::unpack_segment(read_all(old_file)).value().content;
  body += std::string("\x63\x05later", 7); // kind, size, content
  const auto newer = apm::trace::pack_segment(body).value();
  const auto without_words = [&] { // as an older program would write it
    std::string packed(newer.size() * 4, '\0');
    auto* packer = libdeflate_alloc_compressor(1);
    packed.resize(libdeflate_zlib_compress(packer, body.data(), body.size(),
                                           packed.data(), packed.size()));
    libdeflate_free_compressor(packer);
    auto segment = newer.substr(0, 24) + packed;
    apm::trace::store(&segment[8], static_cast<uint32_t>(packed.size()));
    apm::trace::store(&segment[12], static_cast<uint32_t>(body.size()));
    apm::trace::store(&segment[16],
                      libdeflate_crc32(0, body.data(), body.size()));
    return with_header_field(segment, 6, 0);
  }();
  const auto found = migrate_file(without_words);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_TRUE(found.value().is_changed());
  EXPECT_EQ(apm::trace::unpack_segment(found.value().content).value().content,
            body);
}

TEST_F(migrate, refuses_a_newer_version_and_says_so) {
  const auto newer = with_header_field(read_all(old_file), 4, 2);
  const auto path = save("newer.atrc", newer);
  EXPECT_EQ(run(run_migrate, options(path)), exit_unreadable);
  EXPECT_NE(trouble.find("is of version 2; this program knows version 1"),
            std::string::npos)
      << trouble;
  EXPECT_EQ(read_all(path), newer);
}

TEST_F(migrate, makes_a_segment_of_a_ring) {
  event(1, 0);
  event(2, 1);
  const auto ring = save("left.ring", std::string{memory.image()});
  EXPECT_EQ(run(run_migrate, options(ring)), exit_clean);
  EXPECT_NE(trouble.find("left as it is"), std::string::npos) << trouble;
  const auto sealed = folder + "/sealed.atrc";
  EXPECT_EQ(run(run_migrate, options(ring, sealed)), exit_clean) << trouble;
  const auto before = load_traces({ring});
  const auto after = load_traces({sealed});
  ASSERT_EQ(after.processes.size(), 1U);
  EXPECT_TRUE(after.processes[0].reaches_end);
  EXPECT_EQ(after.processes[0].content.records.size(),
            before.processes[0].content.records.size());
}

TEST_F(migrate, reads_rings_of_version_1) {
  const auto old_ring =
      std::string{APM_SOURCE_DIR} + "/tests/data/traces/ring_version_1.ring";
  const auto before = load_traces({old_ring});
  ASSERT_EQ(before.processes.size(), 1U);
  EXPECT_EQ(before.processes[0].content.process.torn, 0U);
  EXPECT_EQ(before.processes[0].content.process.gaps, 0U);
  const auto sealed = folder + "/sealed.atrc";
  auto with = options(old_ring, sealed);
  with.is_json = true;
  EXPECT_EQ(run(run_migrate, with), exit_clean) << trouble;
  EXPECT_NE(out.find("\"from_version\":1"), std::string::npos) << out;
  const auto after = load_traces({sealed});
  ASSERT_EQ(after.processes.size(), 1U);
  EXPECT_GT(after.processes[0].content.records.size(), 100U);
  EXPECT_EQ(after.processes[0].content.records.size(),
            before.processes[0].content.records.size());
}

TEST_F(migrate, leaves_a_damaged_file_as_it_is_but_takes_what_is_whole) {
  const auto damaged = "no segment" + read_all(old_file);
  const auto path = save("damaged.atrc", damaged);
  EXPECT_EQ(run(run_migrate, options(path)), exit_unreadable);
  EXPECT_EQ(read_all(path), damaged);
  const auto made = folder + "/made.atrc";
  EXPECT_EQ(run(run_migrate, options(path, made)), exit_clean) << trouble;
  EXPECT_EQ(read_all(made), migrate_file(read_all(old_file)).value().content);
}

TEST_F(migrate, takes_folders_and_writes_members_for_programs) {
  const auto path = copy_of_old();
  auto with = options(folder, folder + "/all");
  with.is_json = true;
  EXPECT_EQ(run(run_migrate, with), exit_clean) << trouble;
  EXPECT_NE(out.find("\"changed\":true"), std::string::npos) << out;
  EXPECT_NE(out.find("\"from_words\":0"), std::string::npos) << out;
  EXPECT_NE(out.find("\"to_words\":1"), std::string::npos) << out;
}

TEST_F(migrate, says_what_holds_no_trace) {
  const auto empty = save("empty.atrc", "");
  EXPECT_EQ(run(run_migrate, options(empty, folder + "/m")), exit_unreadable);
  EXPECT_EQ(trouble, "flushtrace: " + empty
                         + ": is neither a ring nor a segment of a trace\n");
  const auto none = folder + "/none";
  std::filesystem::create_directory(none);
  EXPECT_EQ(run(run_migrate, options(none, folder + "/m")), exit_unreadable);
  EXPECT_EQ(trouble,
            "flushtrace: " + none + ": holds no trace: *.atrc, *.ring\n");
  auto both = options(none);
  both.paths.push_back(copy_of_old());
  EXPECT_EQ(run(run_migrate, both), exit_clean);
  EXPECT_NE(trouble.find("/none: holds no trace"), std::string::npos);
}

TEST_F(migrate, wants_to_know_where_it_goes) {
  auto with = options(copy_of_old());
  with.is_in_place = false;
  EXPECT_EQ(run(run_migrate, with), exit_usage);
  with.is_in_place = true;
  with.output = folder + "/x";
  EXPECT_EQ(run(run_migrate, with), exit_usage);
}

} // namespace
} // namespace flushtrace

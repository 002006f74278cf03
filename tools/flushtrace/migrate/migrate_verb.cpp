// The verb migrate; see migrate_verb.hpp.
#include "tools/flushtrace/migrate/migrate_verb.hpp"

#include "runtime/formats/json_write.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "tools/flushtrace/migrate/migration.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/trace_files.hpp"

#include <ostream>

namespace flushtrace {

namespace {

/// As for reading.
constexpr uint64_t file_bytes_max = uint64_t{1} << 31;

std::string describe(const trace_packing& x) {
  return (x.is_ring ? "ring of version " : "version ")
         + std::to_string(x.version)
         + (x.is_ring      ? ""
            : x.words == 0 ? ", no words"
                           : ", words " + std::to_string(x.words));
}

class migrating {
public:
  migrating(const migrate_options& options, streams all)
      : options_(options), to_(told_beside(options.output, all)), all_(all) {}

  int run() {
    if (options_.is_in_place == !options_.output.empty()) {
      to_.trouble << "flushtrace: migrate wants either --in-place or -o FILE\n";
      return exit_usage;
    }
    for (const auto& path : options_.paths) {
      const auto found = trace_files_in(path);
      if (found.empty())
        to_.trouble << "flushtrace: " << path
                    << ": holds no trace: *.atrc, *.ring\n";
      for (const auto& file : found)
        status_ = worse(status_, take(file));
    }
    if (files_ == 0 && status_ == exit_clean)
      return exit_unreadable;
    if (options_.output.empty() || migrated_.empty())
      return status_;
    return replace_file(options_.output, migrated_, all_) ? status_
                                                          : exit_usage;
  }

private:
  int take(const std::string& file) {
    const auto content = apm::trace::read_file(file, file_bytes_max);
    if (!content) {
      to_.trouble << "flushtrace: " << content.error().detail << '\n';
      return exit_unreadable;
    }
    const auto found = migrate_file(content.value());
    if (!found)
      return refuse(file, found.error().detail);
    ++files_;
    const auto& made = found.value();
    if (!made.problem.empty())
      to_.trouble << "flushtrace: " << file << ": " << made.problem << '\n';
    if (options_.is_in_place)
      return put_back(file, content.value().size(), made);
    migrated_ += made.content;
    tell(file, content.value().size(), made, made.is_changed());
    return exit_clean;
  }

  int refuse(const std::string& file, const std::string& why) {
    to_.trouble << "flushtrace: " << file << ": " << why << '\n';
    return exit_unreadable;
  }

  int put_back(const std::string& file, size_t bytes,
               const migrated_file& made) {
    if (made.from.is_ring) {
      to_.trouble << "flushtrace: " << file
                  << ": is a ring, which a process may be writing: it is left "
                     "as it is; -o makes a segment of it\n";
      return exit_clean;
    }
    if (made.ignored_bytes > 0)
      return refuse(file, "is damaged, and left as it is: -o keeps what can "
                          "be read");
    if (made.is_changed() && !replace_file(file, made.content, to_))
      return exit_usage;
    tell(file, bytes, made, made.is_changed());
    return exit_clean;
  }

  void tell(const std::string& file, size_t bytes, const migrated_file& made,
            bool is_changed) {
    if (options_.is_json) {
      tell_json(file, bytes, made, is_changed);
      return;
    }
    to_.out << file << ": " << describe(made.from);
    if (is_changed)
      to_.out << " -> " << describe(current_packing()) << ": " << bytes
              << " -> " << made.content.size() << " bytes, " << made.records
              << " records\n";
    else
      to_.out << " already\n";
  }

  void tell_json(const std::string& file, size_t bytes,
                 const migrated_file& made, bool is_changed) {
    std::string line;
    apm::json_object out{line};
    out.integer("schema_version", schema_version);
    out.string("file", file);
    out.boolean("changed", is_changed);
    out.boolean("ring", made.from.is_ring);
    out.integer("from_version", made.from.version);
    out.integer("from_words", made.from.words);
    out.integer("to_version", current_packing().version);
    out.integer("to_words", current_packing().words);
    out.integer("segments", static_cast<int64_t>(made.segments));
    out.integer("records", static_cast<int64_t>(made.records));
    out.integer("bytes_before", static_cast<int64_t>(bytes));
    out.integer("bytes_after", static_cast<int64_t>(made.content.size()));
    out.integer("ignored_bytes", static_cast<int64_t>(made.ignored_bytes));
    out.end();
    to_.out << line << '\n';
  }

  const migrate_options& options_;
  streams to_;
  streams all_;
  std::string migrated_;
  size_t files_ = 0;
  int status_ = exit_clean;
};

} // namespace

void add_migrate_options(CLI::App& verb, migrate_options& to) {
  verb.add_option("TRACE", to.paths, "rings or segments, or folders of them")
      ->required();
  verb.add_flag("--json", to.is_json, "one JSON object a line");
  verb.add_option("-o,--output", to.output, "all of them into this file");
  verb.add_flag("--in-place", to.is_in_place,
                "each file by itself, replaced once it is whole");
}

int run_migrate(const migrate_options& options, streams to) {
  return migrating{options, to}.run();
}

} // namespace flushtrace

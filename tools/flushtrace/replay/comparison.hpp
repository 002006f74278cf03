// Whether a record of a replay, or of another run, is the recorded one, and if
// not, where they differ.
//
//   record_comparison compare{original, strictness::exact};
//   if (!compare.is_same(want, got))
//     for (const auto& x : compare.differences(want, got))
//       … x.field, x.expected, x.got
#pragma once

#include "tools/flushtrace/trace_set.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <map>
#include <string>
#include <vector>

namespace flushtrace {

/// Where two records differ.
struct field_difference {
  std::string field;
  std::string expected; ///< as recorded
  std::string got;
};

/// What does not count as a difference.
struct comparison_rules {
  strictness how = strictness::exact;
  /// Two runs, not one and its replay. Times, sizes, draws, numbers that
  /// actors count with, and texts with figures in them (ids, addresses) are
  /// others in each.
  bool is_of_two_runs = false;
};

/// Whether a kind of record says what became of telemetry: what is compared
/// under `strictness::outcome`.
bool decides(uint8_t kind) noexcept;

class record_comparison {
public:
  /// @param recorded outlives it
  record_comparison(const process_trace& recorded, comparison_rules rules);

  /// The dictionary of the replay, whenever it may have grown.
  void learn(std::vector<apm::trace::dictionary_entry> dictionary);

  /// The same of another run, whose clocks are its own.
  void learn(const trace& other);

  /// Whether the replay's type of message was not heard of yet.
  bool is_new(const apm::trace::record& got) const;

  /// What comes from the world is taken from the trace: of it only kind and
  /// actor are looked at.
  bool is_same(const apm::trace::record& want, const apm::trace::record& got,
               bool is_input) const;

  /// *Shape:* in the order of the fields; not empty where they are not the
  /// same.
  std::vector<field_difference>
  differences(const apm::trace::record& want,
              const apm::trace::record& got) const;

  /// The same of the fields alone, whoever the records are of. *Shape:* empty
  /// where they are the same, and for readings of the world.
  std::vector<field_difference>
  field_differences(const apm::trace::record& want,
                    const apm::trace::record& got) const;

  /// A record of the replay, for people.
  std::string describe(const apm::trace::record& got) const;

private:
  using value = apm::trace::value;

  /// Of a record `enqueued`: whether its type has the same number in both.
  bool is_same_type(const apm::trace::record& got) const;
  bool is_same_content(const apm::trace::record& want,
                       const apm::trace::record& got) const;
  bool is_same_value(const value& x, const value& y) const;
  bool is_ignored(const apm::trace::record_content& of, size_t field) const;
  bool is_ignored_text(std::string_view x, std::string_view y) const;
  std::vector<field_difference>
  fields_that_differ(const apm::trace::record_content& x,
                     const apm::trace::record_content& y) const;
  bool is_of_its_run(const apm::trace::record_content& of, size_t field) const;

  const process_trace& recorded_;
  apm::trace::schema_book book_;
  process_trace replayed_; ///< its dictionary alone
  apm::trace::schema_book replayed_book_;
  std::map<uint32_t, bool> types_; ///< those learned: has the trace the same?
  comparison_rules rules_;
};

} // namespace flushtrace

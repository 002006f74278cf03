// Packing traces anew; see migration.hpp.
#include "tools/flushtrace/migrate/migration.hpp"

#include "runtime/trace/ring_layout.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/segment_body.hpp"
#include "runtime/trace/words.hpp"
#include "tools/flushtrace/segment_file.hpp"

#include <algorithm>
#include <optional>

namespace flushtrace {

namespace {

using apm::errc;
using apm::error;
using apm::result;

/// Of an empty file, which has no error of its own.
constexpr std::string_view no_trace =
    "is neither a ring nor a segment of a trace";

bool is_same(const record& x, const record& y) {
  return x.sequence == y.sequence && x.time_ns == y.time_ns
         && x.cause == y.cause && x.actor.value == y.actor.value
         && x.kind == y.kind && x.payload == y.payload;
}

bool is_same(const apm::trace::dictionary_entry& x,
             const apm::trace::dictionary_entry& y) {
  return x.kind == y.kind && x.id == y.id && x.other == y.other
         && x.text == y.text;
}

template <class Items>
bool are_same(const Items& xs, const Items& ys) {
  return std::equal(xs.begin(), xs.end(), ys.begin(), ys.end(),
                    [](const auto& x, const auto& y) { return is_same(x, y); });
}

/// Whether a segment says what a trace says.
bool says(std::string_view segment, const trace& content) {
  const auto again = apm::trace::read_segment(segment);
  if (!again)
    return false;
  const auto& x = again.value().content;
  return again.value().bytes == segment.size()
         && x.process.process_id == content.process.process_id
         && x.process.start.real == content.process.start.real
         && x.process.is_ended == content.process.is_ended
         && are_same(x.dictionary, content.dictionary)
         && are_same(x.records, content.records);
}

class migrator {
public:
  explicit migrator(std::string_view content) : left_(content) {}

  result<migrated_file> run() {
    made_.from = current_packing();
    if (left_.substr(0, apm::trace::ring_magic.size())
        == apm::trace::ring_magic) {
      if (auto failed = take_ring())
        return *failed;
      return std::move(made_);
    }
    while (!left_.empty())
      if (auto failed = take_segment())
        return *failed;
    if (made_.segments == 0)
      return error{first_error_, made_.problem.empty() ? std::string{no_trace}
                                                       : made_.problem};
    return std::move(made_);
  }

private:
  std::optional<error> take_ring() {
    auto found = apm::trace::read_ring(left_);
    if (!found)
      return found.error();
    made_.from = {apm::trace::ring_version_of(left_), 0, true};
    // There is no more of that process than what the ring has.
    set_fact(found.value(), "reason", "salvaged");
    const auto segment = apm::trace::write_segment(found.value());
    if (!segment)
      return segment.error();
    return add(segment.value(), found.value());
  }

  /// @returns what makes it senseless to go on
  std::optional<error> take_segment() {
    const auto found = apm::trace::read_segment(left_);
    if (!found) {
      skip(found.error());
      return {};
    }
    const auto original = left_.substr(0, found.value().bytes);
    auto body = apm::trace::unpack_segment(original);
    if (!body)
      return body.error();
    const trace_packing packing{body.value().version, body.value().words,
                                false};
    left_.remove_prefix(found.value().bytes);
    if (packing == current_packing())
      return add(original, found.value().content);
    made_.from = packing;
    const auto segment =
        apm::trace::pack_segment(std::move(body.value().content));
    if (!segment)
      return segment.error();
    return add(segment.value(), found.value().content);
  }

  std::optional<error> add(std::string_view segment, const trace& of) {
    if (!says(segment, of))
      return error{errc::io, "does not read the same when it is packed anew: "
                             "nothing was changed"};
    made_.content += segment;
    ++made_.segments;
    made_.records += of.records.size();
    return {};
  }

  /// The next segment may be sound.
  void skip(const error& why) {
    if (made_.problem.empty()) {
      made_.problem = why.detail;
      first_error_ = why.code;
    }
    const auto next =
        std::min(left_.find(apm::trace::segment_magic, 1), left_.size());
    made_.ignored_bytes += next;
    left_.remove_prefix(next);
  }

  std::string_view left_;
  migrated_file made_;
  errc first_error_ = errc::bad_shape;
};

} // namespace

trace_packing current_packing() noexcept {
  return {apm::trace::segment_version, apm::trace::word_table, false};
}

result<migrated_file> migrate_file(std::string_view content) {
  return migrator{content}.run();
}

} // namespace flushtrace

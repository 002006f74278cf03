// What the filter language, and dump's columns, know of one record: what stands
// in it, and what follows from those before it and from its event.
//
//   record_facts facts{process};
//   for (const auto& x : process.content.records) {
//     facts.go_to(x);
//     … facts.dt_ns(), facts.event() …
//   }
#pragma once

#include "tools/flushtrace/event_table.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace flushtrace {

/// What an analysis says of an event.
struct event_words {
  std::string causes;     ///< of its missed flush, separated by blanks
  std::string verdict;    ///< empty: the extension's own
  bool is_missed = false; ///< where there is a verdict
};

using event_lookup = std::function<event_words(uint64_t event)>;

/// Which records are of which event: from its `event_begin` up to the next.
class event_index {
public:
  explicit event_index(const trace& of);

  /// The event that a record lies in; null before the first.
  const event_row* at(uint64_t sequence) const;

  const std::vector<event_row>& rows() const noexcept { return rows_; }

private:
  std::vector<event_row> rows_; ///< that have begun, in the records' order
};

/// *Ownership:* the trace outlives it.
class record_facts {
public:
  explicit record_facts(const process_trace& of, event_lookup words = {});

  /// Goes on to a record. *Shape:* every record of the trace, in its order;
  /// else `dt_ns` is since an earlier record of its actor.
  void go_to(const record& x);

  const process_trace& process() const noexcept { return of_; }
  const record& current() const noexcept { return *current_; }

  int64_t since_start_ns() const noexcept;
  /// Since the actor's last record; none: it is its first.
  std::optional<int64_t> dt_ns() const noexcept { return dt_ns_; }
  const std::string& actor();
  std::string_view role();
  std::string_view kind() const; ///< empty: not known
  /// Of the message that was enqueued, handled or not consumed; else empty.
  std::string_view type() const;
  const event_row* event();
  const std::string& verdict(); ///< of `event`; empty without one
  bool is_missed();             ///< likewise
  const std::string& causes();  ///< likewise
  const apm::trace::record_content& content();

private:
  const event_words& words();
  const record* find(uint64_t sequence) const;
  std::string_view type_of(const record& x) const;

  const process_trace& of_;
  event_lookup find_words_;
  apm::trace::schema_book book_;
  event_index events_;
  std::array<std::string_view, 256> kinds_{};
  std::unordered_map<uint32_t, std::string_view> types_;
  std::unordered_map<uint32_t, std::string> names_;
  std::unordered_map<uint32_t, int64_t> last_of_; ///< an actor's last time
  const record* current_ = nullptr;
  std::optional<int64_t> dt_ns_;
  std::optional<apm::trace::record_content> content_;
  const event_row* event_ = nullptr;
  const event_row* told_ = nullptr; ///< the event of `words_`
  bool is_event_known_ = false;
  event_words words_;
};

/// A value that a path leads to: it lies in a record, or in a list within one.
struct found_value {
  const apm::trace::value* content = nullptr;
  std::string_view owner; ///< kind of record, or type of message
  std::string_view name;  ///< the last of the path
};

/// Calls `use` with every value of a record that a path such as `status` or
/// `records.type` leads to. *Shape:* elements of lists, one after the other.
void visit_values(const apm::trace::record_content& in, std::string_view path,
                  const std::function<void(const found_value&)>& use);

} // namespace flushtrace

#include "tools/flushtrace/event_table.hpp"

#include "runtime/delivery/flush_verdict.hpp"

#include <iterator>
#include <map>

namespace flushtrace {

namespace {

using apm::trace::record_content;
using apm::trace::record_kind;
using apm::trace::schema_book;

template <size_t N>
std::string name_from(const char* const (&names)[N], uint64_t number) {
  return number < N ? names[number] : '?' + std::to_string(number);
}

constexpr const char* kinds[] = {"invoke", "shutdown", "session"};
constexpr const char* signals[] = {"agent_flushed", "runtime_done", "deadline"};

int64_t signed_of(const record_content& in, std::string_view name) {
  const auto* found = schema_book::find(in, name);
  return found == nullptr ? 0 : found->signed_number;
}

void read_ledger(const record_content& in, event_row& to) {
  to.received = schema_book::number(in, "received");
  to.accepted = schema_book::number(in, "accepted");
  to.held = schema_book::number(in, "all_held");
  if (const auto* dropped = schema_book::find(in, "dropped"))
    for (const auto& x : dropped->elements)
      to.dropped += x.number;
}

class table_reader {
public:
  explicit table_reader(const trace& x) : book_(x) {}

  void read(const record& x) {
    const auto kind = static_cast<record_kind>(x.kind);
    if (kind != record_kind::event_begin && kind != record_kind::winner
        && kind != record_kind::ledger && kind != record_kind::verdict)
      return;
    const auto content = book_.read(x);
    auto& row = row_of(schema_book::number(content, "event"));
    if (kind == record_kind::event_begin) {
      row.record = x.sequence;
      row.kind = name_from(kinds, schema_book::number(content, "kind"));
      row.begin_ns = x.time_ns;
      row.deadline_ns = signed_of(content, "deadline");
      if (const auto* id = schema_book::find(content, "request_id"))
        row.request_id = id->text;
    } else if (kind == record_kind::winner) {
      row.winner = name_from(signals, schema_book::number(content, "signal"));
      row.winner_ns = x.time_ns;
      row.slack_ns = signed_of(content, "slack");
    } else if (kind == record_kind::ledger) {
      row.end_ns = x.time_ns;
      read_ledger(content, row);
    } else {
      row.outcomes = schema_book::number(content, "outcomes");
      row.verdict_record = x.sequence;
    }
  }

  std::vector<event_row> take() { return std::move(rows_); }

private:
  event_row& row_of(uint64_t event) {
    const auto [at, is_new] = places_.emplace(event, rows_.size());
    if (is_new) {
      rows_.emplace_back();
      rows_.back().event = event;
    }
    return rows_[at->second];
  }

  schema_book book_;
  std::vector<event_row> rows_;
  std::map<uint64_t, size_t> places_; ///< by event: a trace may have any number
};

} // namespace

const char* name_of(apm::event_kind x) noexcept {
  return kinds[static_cast<size_t>(x)];
}

std::vector<event_row> events_of(const trace& x) {
  table_reader reader{x};
  for (const auto& each : x.records)
    reader.read(each);
  return reader.take();
}

std::string verdict_of(const event_row& x) {
  if (!x.end_ns)
    return "unknown";
  return apm::describe_outcomes(static_cast<uint8_t>(x.outcomes));
}

} // namespace flushtrace

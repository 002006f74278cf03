// Leaving out what was recorded; see recorded_shrinker.hpp.
#include "tools/flushtrace/shrink/recorded_shrinker.hpp"

#include "tools/flushtrace/segment_file.hpp"
#include "tools/flushtrace/whatif/whatif_engine.hpp"

#include <algorithm>
#include <array>

namespace flushtrace {

namespace {

using clock_type = std::chrono::steady_clock;
using apm::trace::record_kind;

/// Messages that come whatever the extension does.
constexpr std::array<std::string_view, 6> input_types{
    "agent_intake", "intake_open",   "transaction_registered",
    "agent_relay",  "input_refused", "telemetry_batch"};

/// One thing that can be left out: an invocation, or an input of one.
struct part {
  bool is_event = false;
  uint64_t number = 0; ///< of the event, or of the input's record
};

bool is_of(const event_analysis& x, const missed_flush& what) {
  return x.facts.kind == what.kind && x.facts.request_id == what.request_id;
}

bool is_missed_for(const event_analysis& x, std::string_view cause) {
  return x.outcome.is_missed() && !x.findings.empty()
         && x.findings.front().what->id == cause;
}

class recorded_shrinker {
public:
  recorded_shrinker(const missed_flush& what, const recorded_budget& budget)
      : what_(what), budget_(budget), begin_(clock_type::now()) {}

  apm::result<recorded_shrinking> run(const process_trace& recorded) {
    of_ = recorded;
    engine_.emplace(of_, hosts_);
    auto whole = engine_->live({});
    if (!whole)
      return whole.error();
    // Numbers of records are the recording's: those of a replay may be others.
    const auto analysis = analyse(of_);
    if (!has_missed(analysis, what_)
        || !has_missed(analyse(whole.value().trace), what_))
      return apm::error{apm::errc::bad_value,
                        "these actors do not miss that flush: flushtrace "
                        "replay says where they do something else"};
    best_.life = std::move(whole.value().trace);
    cut_behind(analysis);
    leave_out(events_of(analysis));
    leave_out(inputs());
    set_fact(best_.life.content, "reason", "shrunk");
    best_.lives = lives_;
    best_.seconds =
        std::chrono::duration<double>(clock_type::now() - begin_).count();
    return std::move(best_);
  }

private:
  /// What came when the event was over, and its lines had gone.
  void cut_behind(const process_analysis& analysis) {
    const auto found =
        std::find_if(analysis.events.begin(), analysis.events.end(),
                     [this](const auto& x) { return is_of(x, what_); });
    auto shorter = of_;
    auto& records = shorter.content.records;
    const auto last = found->facts.last.record;
    records.erase(std::upper_bound(records.begin(), records.end(), last,
                                   [](uint64_t x, const record& y) {
                                     return x < y.sequence;
                                   }),
                  records.end());
    if (records.size() == of_.content.records.size())
      return;
    whatif_engine of_shorter{shorter, hosts_};
    auto tried = try_life(of_shorter, {});
    if (!tried)
      return;
    of_ = std::move(shorter);
    engine_.emplace(of_, hosts_);
    best_.life = std::move(*tried);
  }

  std::vector<part> events_of(const process_analysis& analysis) const {
    std::vector<part> found;
    for (const auto& x : analysis.events)
      if (x.facts.event != 0 && !is_of(x, what_)
          && x.facts.kind == apm::event_kind::invoke)
        found.push_back({true, x.facts.event});
    return found;
  }

  std::vector<part> inputs() const {
    const apm::trace::schema_book book{of_.content};
    std::vector<part> found;
    for (const auto& x : of_.content.records)
      if (is_kind(x, record_kind::enqueued) && x.cause == 0
          && std::find(input_types.begin(), input_types.end(), book.type_of(x))
                 != input_types.end())
        found.push_back({false, x.sequence});
    return found;
  }

  /// All at once, then halves, then each alone: whatever is left out and
  /// changes nothing stays out.
  void leave_out(const std::vector<part>& parts) {
    for (auto chunk = parts.size(); chunk > 0; chunk /= 2)
      for (size_t i = 0; i < parts.size(); i += chunk)
        leave_out(parts, i, std::min(i + chunk, parts.size()));
  }

  void leave_out(const std::vector<part>& parts, size_t from, size_t to) {
    auto more = left_out_;
    for (auto i = from; i < to; ++i)
      (parts[i].is_event ? more.dropped_events : more.dropped_inputs)
          .insert(parts[i].number);
    const bool is_same =
        more.dropped_events.size() == left_out_.dropped_events.size()
        && more.dropped_inputs.size() == left_out_.dropped_inputs.size();
    if (is_same)
      return;
    auto tried = try_life(*engine_, more);
    if (!tried)
      return;
    left_out_ = std::move(more);
    best_.life = std::move(*tried);
  }

  /// *Shape:* the life where the same flush is missed in it.
  std::optional<process_trace> try_life(whatif_engine& engine,
                                        const alteration& how) {
    best_.is_cut_short =
        lives_ >= budget_.lives || clock_type::now() - begin_ >= budget_.time;
    if (best_.is_cut_short)
      return {};
    ++lives_;
    auto life = engine.live(how);
    if (!life || !has_missed(analyse(life.value().trace), what_))
      return {};
    return std::move(life.value().trace);
  }

  const missed_flush& what_;
  const recorded_budget& budget_;
  clock_type::time_point begin_;
  process_trace of_; ///< the recording, cut
  world_hosts hosts_;
  std::optional<whatif_engine> engine_; ///< of it
  alteration left_out_;
  recorded_shrinking best_;
  uint64_t lives_ = 0;
};

} // namespace

std::optional<missed_flush> find_missed(const process_analysis& of,
                                        uint64_t event) {
  for (const auto& x : of.events) {
    const bool is_wanted = event == 0 || x.facts.event == event;
    if (is_wanted && x.outcome.is_missed() && !x.findings.empty())
      return missed_flush{x.facts.kind, x.facts.request_id,
                          x.findings.front().what->id,
                          x.findings.front().detail};
  }
  return {};
}

bool has_missed(const process_analysis& of, const missed_flush& what) {
  return std::any_of(of.events.begin(), of.events.end(), [&](const auto& x) {
    return is_of(x, what) && is_missed_for(x, what.cause);
  });
}

apm::result<recorded_shrinking> shrink_recorded(const process_trace& of,
                                                const missed_flush& what,
                                                const recorded_budget& budget) {
  return recorded_shrinker{what, budget}.run(of);
}

} // namespace flushtrace

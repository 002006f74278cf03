// Goes over the records of one process, once, and keeps what rules need; see
// event_facts.hpp. Inside of the analysis alone.
#pragma once

#include "tools/flushtrace/analysis/event_facts.hpp"

#include <map>
#include <set>
#include <unordered_map>

namespace flushtrace {

/// Times of a damaged trace may be anything; the rules add and subtract them.
/// *Units:* 2^58 ns, 2^48 us and 2^38 ms are nine years.
constexpr int64_t bounded(int64_t x, int bits = 58) noexcept {
  const int64_t most = int64_t{1} << bits;
  return x > most ? most : x < -most ? -most : x;
}

inline moment moment_of(const apm::trace::record& x) noexcept {
  return {x.sequence, bounded(x.time_ns)};
}

/// A record's fields by their places; of the wrong kind or missing they are 0
/// or empty.
class field_reader {
public:
  explicit field_reader(const apm::trace::record_content& from) noexcept
      : from_(from) {}

  const apm::trace::value& at(size_t place) const noexcept;
  uint64_t number(size_t place) const noexcept { return at(place).number; }
  int64_t signed_number(size_t place) const noexcept {
    return bounded(at(place).signed_number);
  }
  bool boolean(size_t place) const noexcept { return at(place).number != 0; }
  std::string text(size_t place) const { return std::string{at(place).text}; }
  const std::vector<apm::trace::value>& list(size_t place) const noexcept {
    return at(place).elements;
  }

private:
  const apm::trace::record_content& from_;
};

class fact_reader {
public:
  explicit fact_reader(const process_trace& from);

  trace_facts read();

private:
  using record = apm::trace::record;
  using content = apm::trace::record_content;

  enum class role : uint8_t {
    other,
    coordinator,
    poller,
    forwarder,
    processor,
    timer,
    agent_listener,
    telemetry_listener,
  };

  /// A message that nobody has handled yet.
  struct waiting {
    moment enqueued;
    const char* type = nullptr; ///< of those that rules ask for, else null
  };

  struct place {
    size_t event = 0;
    size_t index = 0;
  };

  /// What the platform says of an invocation whose event has not begun: where
  /// the CPU is scarce it may be read before Lambda's INVOKE.
  struct early_word {
    std::string request_id;
    std::string type;
    platform_fact said;
  };

  using message_handler = void (fact_reader::*)(const record&, const content&);

  struct message_type {
    const char* name = nullptr;
    message_handler handler = nullptr; ///< null: not of interest
  };

  // -- fact_reader.cpp --
  void read_dictionary();
  void read_settings();
  void take(const record& x);
  void take_note(const record& x);
  void enqueued(const record& x);
  void handled(const record& x);
  void finish();
  event_facts& now() noexcept { return facts_.events[current_]; }
  role role_of(apm::trace::actor_reference x) const noexcept;
  const record* find(uint64_t sequence) const noexcept;
  /// The actor in whose turn a record was made.
  apm::trace::actor_reference maker_of(const record& x) const noexcept;

  // -- fact_events.cpp --
  void take_anchor(const content& in, const moment& at);
  void begin_event(const content& in, const record& x);
  static void take_over_drops(event_facts& from, event_facts& to);
  void look_for_hole(const record& x);
  /// @param event 0: not known yet
  void add_event(uint64_t event);
  /// The event that a note names.
  event_facts& named(uint64_t event);

  // -- fact_notes.cpp: what the COORDINATOR and the HTTP CLIENT say --
  void on_winner(const record& x, const content& in);
  void on_flush_begin(const record& x, const content& in);
  void on_flush_end(const record& x, const content& in);
  void on_ledger(const record& x, const content& in);
  void on_dropped(const record& x, const content& in);
  void on_buffer(const record& x, const content& in);
  void on_post(const record& x, const content& in);
  void on_breaker(const record& x, const content& in);
  void on_verdict(const record& x, const content& in);
  void on_born(const record& x);
  void on_exited(const record& x, const content& in);

  // -- fact_messages.cpp: what actors tell each other --
  void on_registered(const record& x, const content& in);
  void on_lambda_event(const record& x, const content& in);
  void on_event_done(const record& x, const content& in);
  void on_done(const record& x, const content& in);
  void on_intake(const record& x, const content& in);
  void on_intake_open(const record& x, const content& in);
  void on_refused(const record& x, const content& in);
  void on_exit(const record& x, const content& in);
  void on_timer_set(const record& x, const content& in);
  void on_timer_fired(const record& x, const content& in);
  void on_spill_store(const record& x, const content& in);
  void on_spill_found(const record& x, const content& in);
  void on_credentials_wanted(const record& x, const content& in);
  void on_credentials_ready(const record& x, const content& in);

  // -- fact_delivery.cpp: the way to the APM Server --
  void on_batch(const record& x, const content& in);
  void on_request(const record& x, const content& in);
  void on_response(const record& x, const content& in);
  void on_cancel(const record& x, const content& in);
  void on_delivery(const record& x, const content& in);

  // -- fact_telemetry.cpp: what the platform says --
  void on_telemetry(const record& x, const content& in);
  void on_answer(const record& x, const content& in);
  void on_work(const record& x, const content& in);
  void on_result(const record& x, const content& in);
  void take_platform_record(telemetry_fact& of, const apm::trace::value& x);
  static void tell(event_facts& of, std::string_view type, platform_fact said);
  void note_early(early_word x);
  void take_early_words(event_facts& of);

  child_fact* child(uint64_t actor) noexcept;
  /// What is sent to a child that has ended will never be read.
  void note_unread(const record& x, bool is_batch);
  post_fact* post(uint64_t lease) noexcept;
  telemetry_fact* telemetry(uint64_t id) noexcept;
  uint64_t source_of(const record& x) const noexcept;

  const process_trace& from_;
  apm::trace::schema_book book_;
  trace_facts facts_;
  size_t current_ = 0;
  std::vector<role> roles_; ///< by number
  std::unordered_map<uint64_t, message_type> types_;
  const record* last_turn_ = nullptr;
  uint64_t expected_ = 0; ///< sequence; 0: any
  /// By receiver, then by record.
  std::unordered_map<uint32_t, std::map<uint64_t, waiting>> waiting_;
  std::unordered_map<uint64_t, size_t> by_number_;
  std::unordered_map<uint64_t, size_t> by_request_; ///< hash of the id
  std::unordered_map<uint64_t, place> by_lease_;
  moment credentials_wanted_;                       ///< 0: they are there
  std::set<uint64_t> open_posts_;                   ///< leases
  std::unordered_map<uint64_t, uint64_t> lines_of_; ///< by lease
  std::unordered_map<uint64_t, place> by_delivery_; ///< telemetry's id
  std::unordered_map<uint64_t, uint64_t> telemetry_of_work_; ///< by record
  std::unordered_map<uint64_t, place> by_child_;
  /// To whom an `exit` was sent before they had begun.
  std::unordered_map<uint64_t, moment> asked_early_;
  /// Key: actor and its id of the timer.
  std::map<std::pair<uint64_t, uint64_t>, place> by_timer_;
  uint64_t asked_id_ = 0; ///< of the poller's `event/next`
  bool is_asking_ = false;
  post_fact phases_;           ///< of the newest `post`, until its answer
  bool has_thawed_ = false;    ///< since the last POST began
  uint64_t newest_result_ = 0; ///< id of a delivery
  event_facts pending_event_;  ///< what a `lambda_event` says of it
  std::vector<early_word> early_words_; ///< since the last event began
  moment breaker_opened_;
  moment anchor_;
  int64_t anchor_offset_ns_ = 0; ///< real - monotonic
};

} // namespace flushtrace

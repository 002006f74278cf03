// Looking for stalls; see stalls.hpp.
#include "tools/flushtrace/whatif/stalls.hpp"

#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>
#include <map>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// No turn of the extension's takes so long, and no timer goes off so late.
constexpr int64_t stall_min_ns = 20'000'000;

/// `timer_set`s by the actor that set them and its number.
using alarm_key = std::pair<uint32_t, uint64_t>;

class stall_finder {
public:
  stall_finder(const recorded_run& run, const exchange_book& exchanges)
      : run_(run), exchanges_(exchanges), book_(run.of->content) {}

  std::vector<stall> find() {
    for (size_t i = 0; i < run_.records; ++i) {
      const auto& x = run_.all()[i];
      if (is_kind(x, record_kind::enqueued))
        look_at_message(i);
      else if (is_kind(x, record_kind::handled)
               || is_kind(x, record_kind::born))
        look_at_turn(x);
    }
    std::sort(found_.begin(), found_.end(),
              [](const stall& x, const stall& y) { return x.begin < y.begin; });
    return std::move(found_);
  }

private:
  void look_at_message(size_t i) {
    const auto& x = run_.all()[i];
    is_busy_ = is_busy_ && x.cause != 0;
    if (const auto* asked = exchanges_.of_answer(i);
        asked != nullptr && asked->kind == request_kind::next_event)
      asked_ns_ = INT64_MAX;
    const auto type = book_.type_of(x);
    if (type == "timer_set") {
      const auto content = book_.read(x);
      dues_[{turn_.value, field_at(content, 0).number}] =
          field_at(content, 1).signed_number;
    } else if (type == "timer_fired") {
      const auto number = field_at(book_.read(x), 0).number;
      if (const auto node = dues_.extract({x.actor.value, number}))
        add(node.mapped(), x.time_ns);
    } else if (type == "http_request") {
      const auto* asked = exchanges_.of_request(x.sequence);
      if (asked != nullptr && asked->kind == request_kind::next_event)
        asked_ns_ = x.time_ns;
    }
  }

  void look_at_turn(const record& x) {
    if (is_busy_)
      add(turn_ns_, x.time_ns);
    is_busy_ = true;
    turn_ = x.actor;
    turn_ns_ = x.time_ns;
  }

  /// After the request for the next event it is a freeze.
  void add(int64_t begin, int64_t end) {
    if (begin > 0 && begin < asked_ns_ && end - begin >= stall_min_ns)
      found_.push_back({begin, end});
  }

  const recorded_run& run_;
  const exchange_book& exchanges_;
  apm::trace::schema_book book_;
  std::vector<stall> found_;
  std::map<alarm_key, int64_t> dues_;
  apm::trace::actor_reference turn_;
  int64_t turn_ns_ = 0;
  int64_t asked_ns_ = INT64_MAX; ///< for the next event, while it is open
  bool is_busy_ = false; ///< nothing has come from outside since the last turn
};

} // namespace

std::vector<stall> find_stalls(const recorded_run& run,
                               const exchange_book& exchanges) {
  return stall_finder{run, exchanges}.find();
}

} // namespace flushtrace

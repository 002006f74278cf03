#include "tools/flushtrace/timeline/activity.hpp"

#include "tools/flushtrace/timeline/event_spans.hpp"
#include "tools/flushtrace/timeline/lanes.hpp"

#include <array>
#include <map>
#include <utility>

namespace flushtrace {

namespace {

using apm::trace::record_content;
using apm::trace::record_kind;
using apm::trace::schema_book;

/// Of `http_failure`.
constexpr uint64_t failure_cancelled = 7;

uint64_t number_at(const record_content& in, size_t place) {
  return place < in.fields.size() ? in.fields[place].content.number : 0;
}

std::string_view text_at(const record_content& in, size_t place) {
  return place < in.fields.size() ? in.fields[place].content.text
                                  : std::string_view{};
}

/// Of an URL what follows the host.
std::string path_of(std::string_view url) {
  const auto host = url.find("://");
  if (host == std::string_view::npos)
    return std::string{url};
  const auto path = url.find('/', host + 3);
  return path == std::string_view::npos ? "/" : std::string{url.substr(path)};
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size()
         && text.substr(text.size() - end.size()) == end;
}

class activity_finder {
public:
  activity_finder(const process_trace& of, event_analyser analysed_by)
      : of_(of),
        analysed_by_(analysed_by),
        records_(of.content.records),
        book_(of.content),
        lanes_(of.content) {}

  activity take() {
    seen_.steps.resize(records_.size());
    for (uint32_t i = 0; i < records_.size(); ++i)
      read(i);
    lanes_.settle(seen_);
    find_event_spans(of_, edges_, seen_, analysed_by_);
    return std::move(seen_);
  }

private:
  using asked_key = std::pair<uint32_t, uint64_t>; ///< who, and its number

  bool is_poller(uint32_t lane) const {
    return lanes_.at(lane).name == poller_role;
  }

  void read(uint32_t i) {
    const auto& x = records_[i];
    auto& step = seen_.steps[i];
    step.cause = index_of(of_.content, x.cause);
    if (step.cause != no_record && step.cause >= i)
      step.cause = no_record; // of a damaged trace: nothing is its own cause
    const auto kind = static_cast<record_kind>(x.kind);
    if (kind == record_kind::post)
      step.lane = lanes_.of(outside::server);
    else if (kind == record_kind::process_end)
      step.lane = lanes_.of_port("application");
    else
      step.lane = lanes_.of(x.actor);
    step.sender = step.lane;
    switch (kind) {
    case record_kind::born:
      born_[x.actor.value] = seen_.lives.size();
      seen_.lives.push_back({x.actor, step.lane, i, no_record});
      break;
    case record_kind::exited:
      if (const auto at = born_.find(x.actor.value); at != born_.end())
        seen_.lives[at->second].exited = i;
      break;
    case record_kind::handled:
      if (step.cause != no_record)
        seen_.steps[step.cause].handled = i;
      break;
    case record_kind::enqueued:
      read_message(i, book_.read(x));
      break;
    case record_kind::buffer: {
      const auto content = book_.read(x);
      const auto number = [&](const char* name) {
        return schema_book::number(content, name);
      };
      seen_.levels.push_back({i, number("lines"), number("bytes"),
                              number("bytes_max"), number("inbox_bytes")});
      break;
    }
    case record_kind::winner:
    case record_kind::flush_begin:
    case record_kind::flush_end:
      edges_.push_back(i);
      break;
    default:
      break;
    }
  }

  void read_message(uint32_t i, const record_content& message) {
    auto& step = seen_.steps[i];
    const auto actor = records_[i].actor.value;
    if (step.cause != no_record)
      step.sender = lanes_.of(records_[step.cause].actor);
    if (message.type == "http_request") {
      read_request(i, message);
    } else if (message.type == "http_response") {
      read_response(i, message);
    } else if (message.type == "http_cancel" && step.cause != no_record) {
      cancel_request(i,
                     {records_[step.cause].actor.value, number_at(message, 0)});
    } else if (message.type == "timer_set" && step.cause != no_record) {
      timers_[{records_[step.cause].actor.value, number_at(message, 0)}] = i;
    } else if (message.type == "timer_fired" && step.cause == no_record) {
      step.sender = lanes_.of_port("timers");
      derive_cause(i, timers_, {actor, number_at(message, 0)});
    } else if (message.type == "done") {
      seen_.signals.push_back(
          {i, number_at(message, 0), number_at(message, 1), false});
    } else if (step.cause == no_record) {
      step.sender = lanes_.of(origin_of(message));
    }
  }

  static outside origin_of(const record_content& message) {
    if (message.type == "telemetry_batch" || message.type == "stop_requested"
        || text_at(message, 0) == "telemetry")
      return outside::lambda;
    for (const auto* type : {"agent_intake", "intake_open", "agent_relay",
                             "transaction_registered", "input_refused"})
      if (message.type == type)
        return outside::agent;
    return outside::world;
  }

  void read_request(uint32_t i, const record_content& message) {
    auto& step = seen_.steps[i];
    if (step.cause == no_record)
      return; // whose it is stands in the cause alone
    request x;
    x.asked = i;
    x.is_to_lambda = is_poller(step.sender);
    x.method = text_at(message, 1);
    x.path = path_of(text_at(message, 2));
    x.is_next = x.is_to_lambda && ends_with(x.path, "/event/next");
    asked_[{records_[step.cause].actor.value, number_at(message, 0)}] =
        static_cast<uint32_t>(seen_.requests.size());
    seen_.requests.push_back(std::move(x));
  }

  void read_response(uint32_t i, const record_content& message) {
    auto& step = seen_.steps[i];
    const bool is_to_lambda = is_poller(step.lane);
    const bool has_post = i > 0 && is_kind(records_[i - 1], record_kind::post);
    const auto from =
        lanes_.of(is_to_lambda ? outside::lambda : outside::server);
    if (step.cause == no_record)
      step.sender = from;
    if (has_post)
      seen_.steps[i - 1].lane = seen_.steps[i - 1].sender = from;
    const auto at =
        asked_.find({records_[i].actor.value, number_at(message, 0)});
    if (at == asked_.end())
      return;
    auto& x = seen_.requests[at->second];
    x.answered = i;
    x.failure = number_at(message, 1);
    x.status = number_at(message, 3);
    if (has_post)
      x.post = i - 1;
    if (step.cause == no_record && !x.is_next) {
      // The next event comes when Lambda has one, whoever asked.
      step.cause = x.asked;
      step.is_cause_derived = true;
    }
    asked_.erase(at);
  }

  /// No answer follows.
  void cancel_request(uint32_t i, const asked_key& key) {
    const auto at = asked_.find(key);
    if (at == asked_.end())
      return;
    seen_.requests[at->second].answered = i;
    seen_.requests[at->second].failure = failure_cancelled;
    asked_.erase(at);
  }

  void derive_cause(uint32_t i, std::map<asked_key, uint32_t>& from,
                    const asked_key& key) {
    const auto at = from.find(key);
    if (at == from.end())
      return;
    seen_.steps[i].cause = at->second;
    seen_.steps[i].is_cause_derived = true;
    from.erase(at);
  }

  const process_trace& of_;
  event_analyser analysed_by_;
  const std::vector<record>& records_;
  schema_book book_;
  activity seen_;
  lane_table lanes_;
  std::map<uint32_t, size_t> born_;
  std::map<asked_key, uint32_t> asked_;
  std::map<asked_key, uint32_t> timers_;
  std::vector<uint32_t> edges_;
};

} // namespace

activity find_activity(const process_trace& of, event_analyser analysed_by) {
  return activity_finder{of, analysed_by}.take();
}

std::string signal_name(uint64_t signal) {
  constexpr std::array names{"agent_flushed", "runtime_done", "deadline"};
  return signal < names.size() ? names[signal] : '?' + std::to_string(signal);
}

std::string failure_name(uint64_t failure) {
  constexpr std::array names{"",          "resolve",   "connect",
                             "tls",       "timeout",   "closed",
                             "too_large", "cancelled", "other"};
  return failure < names.size() ? names[failure]
                                : '?' + std::to_string(failure);
}

} // namespace flushtrace

// One pass over a recorded run for its requests; see exchanges.hpp.
#include "tools/flushtrace/whatif/exchanges.hpp"

#include "tools/flushtrace/whatif/record_fields.hpp"

#include <iterator>

namespace flushtrace {

namespace {

using apm::trace::actor_reference;
using apm::trace::record_content;
using apm::trace::record_kind;
using apm::trace::schema_book;

// Places of the fields in `http_request` and `http_response`.
constexpr size_t request_url = 2;
constexpr size_t request_timeout = 5;
constexpr size_t response_failure = 1;
constexpr size_t response_status = 3;

} // namespace

request_kind kind_of(std::string_view sender_role, std::string_view url) {
  if (sender_role == "apm_forwarder")
    return request_kind::intake;
  if (sender_role == "coordinator")
    return request_kind::relay;
  constexpr std::string_view next = "/event/next";
  const bool is_next =
      url.size() >= next.size() && url.substr(url.size() - next.size()) == next;
  return is_next ? request_kind::next_event : request_kind::lambda;
}

class exchange_book::reader {
public:
  reader(exchange_book& to, const recorded_run& run)
      : to_(to), run_(run), book_(run.of->content) {}

  void read() {
    for (size_t i = 0; i < run_.records; ++i) {
      const auto& x = run_.all()[i];
      if (is_kind(x, record_kind::handled) || is_kind(x, record_kind::born))
        begin(x);
      else if (is_kind(x, record_kind::enqueued))
        take(i, book_.type_of(x));
      else if (is_kind(x, record_kind::post))
        last_post_ = i;
    }
  }

private:
  using key = std::pair<uint32_t, uint64_t>; // who asked, and its number

  void take(size_t i, std::string_view type) {
    if (type == "http_request")
      ask(run_.all()[i]);
    else if (type == "http_response")
      answer(i);
    else if (type == "http_cancel")
      cancel(run_.all()[i]);
  }

  void begin(const record& turn) {
    turn_actors_[turn.sequence] = turn.actor;
    const auto found = to_.by_request_.find(turn.cause);
    if (found != to_.by_request_.end())
      to_.all_[found->second].begin_ns = turn.time_ns;
  }

  actor_reference sender_of(const record& x) const {
    const auto found = turn_actors_.find(x.cause);
    return found == turn_actors_.end() ? actor_reference{} : found->second;
  }

  std::string_view role_of(actor_reference x) const {
    const auto role = x.role();
    return role == 0 || role > run_.setup.roles.size()
               ? std::string_view{}
               : run_.setup.roles[role - 1].first;
  }

  void ask(const record& x) {
    const auto content = book_.read(x);
    const auto from = sender_of(x);
    exchange made;
    made.kind = kind_of(role_of(from), field_at(content, request_url).text);
    made.request = x.sequence;
    made.begin_ns = x.time_ns;
    made.timeout_ms = field_at(content, request_timeout).signed_number;
    made.interval = interval_;
    made.order = orders_[{made.kind, interval_}]++;
    to_.by_request_[x.sequence] = to_.all_.size();
    to_.by_order_[{made.kind, interval_, made.order}] = to_.all_.size();
    open_[{from.value, field_at(content, 0).number}] = to_.all_.size();
    to_.all_.push_back(made);
  }

  void answer(size_t i) {
    const auto& x = run_.all()[i];
    const auto content = book_.read(x);
    const auto node =
        open_.extract({x.actor.value, field_at(content, 0).number});
    if (!node)
      return;
    auto& of = to_.all_[node.mapped()];
    of.failure = static_cast<apm::http_failure>(
        field_at(content, response_failure).number);
    of.status =
        static_cast<uint16_t>(field_at(content, response_status).number);
    of.how = of.failure == apm::http_failure::none ? exchange_end::answered
                                                   : exchange_end::failed;
    of.end_ns = x.time_ns;
    of.answer = i;
    of.phases =
        last_post_ != no_index && last_post_ + 1 == i ? last_post_ : no_index;
    of.is_over_freeze =
        of.kind != request_kind::next_event && of.interval != interval_;
    of.end_interval = interval_;
    to_.by_answer_[i] = node.mapped();
    if (of.kind == request_kind::next_event)
      ++interval_;
  }

  void cancel(const record& x) {
    const auto node =
        open_.extract({sender_of(x).value, field_at(book_.read(x), 0).number});
    if (!node)
      return;
    to_.all_[node.mapped()].how = exchange_end::cancelled;
    to_.all_[node.mapped()].end_ns = x.time_ns;
  }

  exchange_book& to_;
  const recorded_run& run_;
  schema_book book_;
  size_t interval_ = 0;
  size_t last_post_ = no_index;
  std::map<key, size_t> open_;
  std::map<std::pair<request_kind, size_t>, size_t> orders_;
  std::map<uint64_t, actor_reference> turn_actors_;
};

exchange_book::exchange_book(const recorded_run& run) {
  reader{*this, run}.read();
}

const exchange* exchange_book::of_request(uint64_t sequence) const {
  const auto found = by_request_.find(sequence);
  return found == by_request_.end() ? nullptr : &all_[found->second];
}

const exchange* exchange_book::of_answer(size_t index) const {
  const auto found = by_answer_.find(index);
  return found == by_answer_.end() ? nullptr : &all_[found->second];
}

const exchange* exchange_book::nth(request_kind kind, size_t n) const {
  const auto first = by_order_.lower_bound({kind, 0, 0});
  for (auto i = first; i != by_order_.end() && std::get<0>(i->first) == kind;
       ++i)
    if (n-- == 0)
      return &all_[i->second];
  return nullptr;
}

const exchange* exchange_book::of_order(request_kind kind, size_t interval,
                                        size_t order) const {
  const auto found = by_order_.find({kind, interval, order});
  return found == by_order_.end() ? nullptr : &all_[found->second];
}

const exchange* exchange_book::nearest(request_kind kind,
                                       size_t interval) const {
  const auto behind = by_order_.upper_bound({kind, interval, SIZE_MAX});
  if (behind != by_order_.begin()) {
    const auto before = std::prev(behind);
    if (std::get<0>(before->first) == kind)
      return &all_[before->second];
  }
  const bool is_one =
      behind != by_order_.end() && std::get<0>(behind->first) == kind;
  return is_one ? &all_[behind->second] : nullptr;
}

} // namespace flushtrace

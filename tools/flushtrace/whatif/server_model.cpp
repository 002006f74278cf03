// Planning answers; see server_model.hpp.
#include "tools/flushtrace/whatif/server_model.hpp"

#include <algorithm>

namespace flushtrace {

server_model::server_model(const exchange_book& exchanges,
                           const world_script& script, const alteration& how)
    : exchanges_(exchanges), script_(script), how_(how), random_(how.seed) {
  for (const auto& x : exchanges.all())
    if (x.kind == request_kind::intake && x.is_latency_known()
        && x.how == exchange_end::answered)
      latencies_.push_back(x.took_ns());
  std::sort(latencies_.begin(), latencies_.end());
}

planned_answer server_model::plan(const exchange& x) {
  auto made = plan(x.kind, &x, true);
  // Over a freeze it took no longer than it did.
  if (x.is_over_freeze && made.like == &x && how_.has_recorded_server())
    made.latency_ns = x.took_ns();
  return made;
}

planned_answer server_model::plan(request_kind kind, size_t interval,
                                  size_t order) {
  const auto* same = exchanges_.of_order(kind, interval, order);
  if (same != nullptr)
    return plan(kind, same, true);
  return plan(kind, exchanges_.nearest(kind, interval), false);
}

planned_answer server_model::plan(request_kind kind, const exchange* like,
                                  bool is_same) {
  planned_answer made;
  made.latency_ns = latency_of(like, is_same);
  if (kind == request_kind::lambda || kind == request_kind::next_event) {
    made.like = like;
    made.latency_ns =
        like != nullptr && like->has_answer() ? like->took_ns() : never;
    return made;
  }
  const bool is_stated =
      kind == request_kind::intake && !how_.server_answers.empty();
  if (!is_stated) {
    const bool is_known = like != nullptr && like->has_answer()
                          && like->failure != apm::http_failure::timeout
                          && like->failure != apm::http_failure::cancelled;
    made.like = is_known ? like : good_one();
    return made;
  }
  made.stated =
      how_.server_answers[std::min(posts_++, how_.server_answers.size() - 1)];
  if (made.stated.failure == apm::http_failure::timeout)
    made.latency_ns = never;
  else if (made.latency_ns == never)
    made.latency_ns = longer_than(-1) == never ? 0 : longer_than(-1);
  return made;
}

int64_t server_model::latency_of(const exchange* like, bool is_same) {
  const auto& change = how_.server_latency;
  if (change.fixed_ns)
    return *change.fixed_ns;
  if (how_.draws_server_latency && !latencies_.empty())
    return latencies_[random_() % latencies_.size()];
  if (like == nullptr)
    return never;
  const bool is_good = like->how == exchange_end::answered;
  int64_t ns = never;
  if (like->is_latency_known())
    ns = is_same || !is_good ? like->took_ns() : longer_than(-1);
  else if (like->is_over_freeze)
    ns = longer_than(script_.freeze_begin(like->interval) - like->begin_ns);
  else
    ns = longer_than(like->how == exchange_end::open ? INT64_MAX - 1
                                                     : like->took_ns());
  return ns == never || (like->is_latency_known() && !is_good) ? ns
                                                               : change.of(ns);
}

/// The median of the recorded times that are longer.
int64_t server_model::longer_than(int64_t ns) const {
  const auto first = std::upper_bound(latencies_.begin(), latencies_.end(), ns);
  const auto count = latencies_.end() - first;
  return count == 0 ? never : *(first + count / 2);
}

/// An answer that says that all was taken; null: there is none.
const exchange* server_model::good_one() const {
  for (const auto& x : exchanges_.all())
    if (x.kind == request_kind::intake && x.how == exchange_end::answered
        && x.status / 100 == 2)
      return &x;
  return nullptr;
}

} // namespace flushtrace

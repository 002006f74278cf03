// Batches, POSTs and what became of them; and `event/next`, which is a request
// to the HTTP CLIENT, too.
#include "tools/flushtrace/analysis/fact_reader.hpp"

namespace flushtrace {

namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size()
         && text.substr(text.size() - end.size()) == end;
}

} // namespace

void fact_reader::on_batch(const record& x, const content& in) {
  const field_reader fields{in};
  note_unread(x, true);
  lines_of_[fields.number(0)] = fields.number(4);
}

void fact_reader::on_request(const record& x, const content& in) {
  const field_reader fields{in};
  const auto who = maker_of(x);
  if (role_of(who) == role::poller
      && ends_with(fields.at(2).text, "/event/next")) {
    asked_id_ = fields.number(0);
    is_asking_ = true;
    now().next_asked = moment_of(x);
    for (const auto lease : open_posts_)
      post(lease)->is_over_freeze = true;
    open_posts_.clear();
    return;
  }
  if (role_of(who) != role::forwarder)
    return;
  post_fact post;
  post.begin = moment_of(x);
  post.actor = who.value;
  post.lease = fields.number(0);
  const auto lines = lines_of_.find(post.lease);
  post.lines = lines == lines_of_.end() ? 0 : lines->second;
  post.bytes = fields.at(4).size;
  post.timeout_ms = bounded(fields.signed_number(5), 38);
  post.has_waited_for_thaw = has_thawed_;
  has_thawed_ = false;
  by_lease_[post.lease] = {current_, now().posts.size()};
  open_posts_.insert(post.lease);
  now().posts.push_back(post);
}

void fact_reader::on_response(const record& x, const content& in) {
  const field_reader fields{in};
  const auto phases = phases_;
  phases_ = {};
  const auto who = role_of(x.actor);
  if (who == role::poller && is_asking_ && fields.number(0) == asked_id_) {
    is_asking_ = false;
    has_thawed_ = true;
    now().thawed = moment_of(x);
    return;
  }
  auto* found = who == role::forwarder ? post(fields.number(0)) : nullptr;
  if (found == nullptr)
    return;
  found->end = moment_of(x);
  open_posts_.erase(found->lease);
  found->failure = static_cast<apm::http_failure>(fields.number(1));
  found->how = found->failure == apm::http_failure::none ? post_end::answered
                                                         : post_end::failed;
  found->may_have_arrived = fields.boolean(2);
  found->status = static_cast<uint16_t>(fields.number(3));
  found->retry_after_ms = fields.signed_number(6);
  found->phases_record = phases.phases_record;
  found->is_reused = phases.is_reused;
  found->name_us = phases.name_us;
  found->connect_us = phases.connect_us;
  found->tls_us = phases.tls_us;
  found->first_byte_us = phases.first_byte_us;
  found->total_us = phases.total_us;
}

void fact_reader::on_cancel(const record& x, const content& in) {
  const field_reader fields{in};
  if (role_of(maker_of(x)) != role::forwarder)
    return;
  auto* found = post(fields.number(0));
  if (found == nullptr || found->end)
    return;
  found->end = moment_of(x);
  open_posts_.erase(found->lease);
  found->how = post_end::cancelled;
}

void fact_reader::on_delivery(const record& x, const content& in) {
  const field_reader fields{in};
  auto* found = post(fields.number(0));
  if (found == nullptr)
    return;
  found->delivery = moment_of(x);
  found->accepted = fields.number(2);
  found->is_server_failing = fields.boolean(3);
}

post_fact* fact_reader::post(uint64_t lease) noexcept {
  const auto found = by_lease_.find(lease);
  return found == by_lease_.end()
             ? nullptr
             : &facts_.events[found->second.event].posts[found->second.index];
}

} // namespace flushtrace

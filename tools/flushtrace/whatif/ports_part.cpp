// What ports say in the model of a life; see life.hpp.
#include "tools/flushtrace/whatif/life.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include "caf/make_message.hpp"

namespace flushtrace {

namespace {

/// When the platform sends a delivery again that was answered 503.
constexpr int64_t sent_again_after_ns = 1'000'000'000;

/// Of deliveries that are sent again: beyond any of the platform's.
constexpr uint64_t first_new_delivery = uint64_t{1} << 62;

} // namespace

void life::answer_port(const port_turn& x) {
  if (const auto* const* stored =
          std::get_if<const apm::spill_store*>(&x.message))
    put(x.from, caf::make_message(folder_.store(**stored)));
  else if (const auto* const* wanted =
               std::get_if<const apm::spill_wanted*>(&x.message))
    put(x.from, caf::make_message(folder_.find(**wanted)));
  else if (const auto* const* credentials =
               std::get_if<const apm::credentials_wanted*>(&x.message))
    promise_credentials((*credentials)->id, x.from);
  else if (const auto* const* answer =
               std::get_if<const apm::listener_answer*>(&x.message);
           answer != nullptr && x.port == "telemetry_listener"
           && (*answer)->status == 503)
    send_again((*answer)->id);
}

/// As those of the same number, or the last ones; they take as long.
void life::promise_credentials(uint64_t id, const caf::strong_actor_ptr& to) {
  int64_t asked = 0;
  int64_t taken = never;
  const record* like = nullptr;
  for (size_t i = 0; i < run_.records; ++i) {
    const auto& x = run_.all()[i];
    const auto type = book_.type_of(x);
    if (type == "credentials_wanted")
      asked = x.time_ns;
    if (type != "credentials_ready")
      continue;
    like = &x;
    taken = x.time_ns - asked;
    if (field_at(book_.read(x), 0).number >= id)
      break;
  }
  if (like == nullptr)
    return; // they never came
  auto message = recorded_.make(*like);
  if (!message)
    return fail(*like, message.error().detail);
  auto& ready =
      *static_cast<apm::credentials_ready*>(message.value().get_mutable(0));
  ready.id = id;
  open_.promise({to, now_ + taken, std::move(message.value()), 0});
}

/// The platform repeats a delivery that was refused, unless the recording has
/// that.
void life::send_again(uint64_t delivery) {
  const auto found = deliveries_.find(delivery);
  if (found == deliveries_.end())
    return;
  const auto item = found->second;
  auto message = message_of(script_.items()[item]);
  if (!message || message.value().empty())
    return;
  auto& batch =
      *static_cast<apm::telemetry_batch*>(message.value().get_mutable(0));
  batch.id = first_new_delivery + deliveries_.size();
  deliveries_[batch.id] = item;
  open_.promise(
      {nullptr, now_ + sent_again_after_ns, std::move(message.value()), 0});
}

} // namespace flushtrace

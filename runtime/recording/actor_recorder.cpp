#include "runtime/recording/actor_recorder.hpp"

#include "messages/type_ids.hpp"
#include "runtime/recording/message_inspector.hpp"

#include "caf/system_messages.hpp"

namespace apm {

namespace {

using trace::record_kind;

/// Writes the signature of a message type; numbers are those of the id block.
template <class T>
void sign(trace::byte_writer& to) {
  signature_inspector f{to};
  f.put(T{});
}

using signer = void (*)(trace::byte_writer&);

template <uint16_t... Is>
constexpr std::array<signer, sizeof...(Is)>
make_signers(std::integer_sequence<uint16_t, Is...>) {
  return {sign<typename caf::type_by_id<caf::id_block::apm_messages::begin
                                        + Is>::type>...};
}

template <uint16_t... Is>
constexpr std::array<const char*, sizeof...(Is)>
make_names(std::integer_sequence<uint16_t, Is...>) {
  return {
      caf::type_name_by_id<caf::id_block::apm_messages::begin + Is>::value...};
}

using all_messages =
    std::make_integer_sequence<uint16_t,
                               caf::id_block::apm_messages::end
                                   - caf::id_block::apm_messages::begin>;

constexpr auto signers = make_signers(all_messages{});
constexpr auto names = make_names(all_messages{});

/// CAF's own messages, after ours.
constexpr std::string_view system_messages[] = {
    "exit {auu}", // who has ended, and why: see `exited`
    "down {auu}",
    "other {}",
};

/// The categories of errors are atoms, numbers of 64 bits.
uint64_t category_of(const caf::error& x) {
  return x ? static_cast<uint64_t>(x.category()) : 0;
}

uint64_t code_of(const caf::error& x) {
  return x ? x.code() : 0;
}

/// Pointers to static objects are multiples of 8 at least.
size_t address_hash(const std::type_info* x) noexcept {
  return reinterpret_cast<uintptr_t>(x) >> 3;
}

} // namespace

template <class T>
void actor_recorder::add() {
  const auto* type = &typeid(T);
  auto at = address_hash(type) % types_max;
  while (types_[at].type != nullptr)
    at = (at + 1) % types_max;
  types_[at] = {type,
                [](const void* message, const trace::recorder& of,
                   trace::byte_writer& to, bool is_from_outside) {
                  message_inspector f{of, to, is_from_outside};
                  f.put(*static_cast<const T*>(message));
                },
                ++type_count_, false};
}

template <uint16_t... Is>
void actor_recorder::add_all(std::integer_sequence<uint16_t, Is...>) {
  static_assert(sizeof...(Is) * 2 <= types_max);
  (add<typename caf::type_by_id<caf::id_block::apm_messages::begin
                                + Is>::type>(),
   ...);
}

actor_recorder::actor_recorder(trace::recorder& to) : to_(to) {
  add_all(all_messages{});
}

actor_recorder::message_type*
actor_recorder::find(const std::type_info* type) noexcept {
  for (auto at = address_hash(type) % types_max; types_[at].type != nullptr;
       at = (at + 1) % types_max)
    if (types_[at].type == type)
      return &types_[at];
  return nullptr;
}

void actor_recorder::make_known(message_type& x) {
  x.is_known = true;
  std::string_view name = names[x.number - 1];
  name.remove_prefix(std::min(name.rfind(':') + 1, name.size()));
  char buffer[256]; // three times the longest
  trace::byte_writer text{buffer, sizeof buffer};
  text.text(name);
  text.text(" ");
  signers[x.number - 1](text);
  to_.define(trace::entry_kind::message_type, x.number, 0, text.written());
}

uint64_t actor_recorder::enqueued(trace::actor_reference receiver,
                                  caf::mailbox_element& x) {
  if (filter_ != nullptr)
    filter_->pass(x);
  to_.know(record_kind::enqueued);
  auto payload = to_.payload();
  const auto& content = x.content();
  const bool is_outside = to_.is_outside();
  const auto flags =
      static_cast<uint8_t>((x.mid.is_urgent_message() ? trace::is_urgent : 0)
                           | (is_outside ? trace::is_from_outside : 0));
  auto* type = content.size() == 1 && content.type(0).second != nullptr
                   ? find(content.type(0).second)
                   : nullptr;
  if (type != nullptr) {
    if (!type->is_known)
      make_known(*type);
    payload.u(type->number);
    payload.byte(flags);
    type->write(content.get(0), to_, payload, is_outside);
  } else {
    // Its number comes first, but what it is shows only when it is looked at.
    char buffer[64];
    trace::byte_writer fields{buffer, sizeof buffer};
    payload.u(put_system_message(content, fields));
    payload.byte(flags);
    payload.text(fields.written());
  }
  return to_.record(record_kind::enqueued, receiver, to_.turn(),
                    payload.written());
}

uint32_t
actor_recorder::put_system_message(const caf::type_erased_tuple& content,
                                   trace::byte_writer& to) {
  uint32_t which = 2;
  const auto type = content.size() == 1 ? content.type(0).first : uint16_t{0};
  if (type == caf::type_nr<caf::exit_msg>::value) {
    const auto& x = content.get_as<caf::exit_msg>(0);
    put_end(x.source.id(), x.reason, to);
    which = 0;
  } else if (type == caf::type_nr<caf::down_msg>::value) {
    const auto& x = content.get_as<caf::down_msg>(0);
    put_end(x.source.id(), x.reason, to);
    which = 1;
  }
  const auto number = static_cast<uint32_t>(names.size()) + 1 + which;
  if (!known_system_messages_[which]) {
    known_system_messages_[which] = true;
    to_.define(trace::entry_kind::message_type, number, 0,
               system_messages[which]);
  }
  return number;
}

void actor_recorder::put_end(caf::actor_id source, const caf::error& reason,
                             trace::byte_writer& to) const {
  to.u(actor_of(source).value);
  to.u(category_of(reason));
  to.u(code_of(reason));
}

uint64_t actor_recorder::handled(trace::actor_reference actor,
                                 uint64_t cause) noexcept {
  to_.know(record_kind::handled);
  return to_.record(record_kind::handled, actor, cause, {});
}

uint64_t actor_recorder::born(trace::actor_reference actor, uint64_t cause) {
  to_.know(record_kind::born);
  return to_.record(record_kind::born, actor, cause, {});
}

uint64_t actor_recorder::exited(trace::actor_reference actor, uint64_t cause,
                                const caf::error& reason) {
  to_.know(record_kind::exited);
  auto payload = to_.payload();
  payload.u(category_of(reason));
  payload.u(code_of(reason));
  return to_.record(record_kind::exited, actor, cause, payload.written());
}

void actor_recorder::introduce(caf::actor_id id, trace::actor_reference actor,
                               bool is_child) noexcept {
  if (is_child)
    children_[next_child_++ % children_.size()] = {id, actor};
  else if (lasting_count_ < lasting_.size())
    lasting_[lasting_count_++] = {id, actor};
}

trace::actor_reference
actor_recorder::actor_of(caf::actor_id id) const noexcept {
  for (size_t i = 0; i < lasting_count_; ++i)
    if (lasting_[i].id == id)
      return lasting_[i].actor;
  for (size_t i = 1; i <= children_.size() && i <= next_child_; ++i) {
    const auto& x = children_[(next_child_ - i) % children_.size()];
    if (x.id == id)
      return x.actor;
  }
  return {};
}

} // namespace apm

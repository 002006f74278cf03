#include "runtime/recording/message_reader.hpp"

#include "caf/make_message.hpp"

namespace apm {

namespace {

/// The ids that the lines of the body are to have, which stand beside it.
void complete(agent_intake& x, const std::vector<trace::value>& from) {
  std::vector<std::string> ids;
  for (const auto& each : x.transactions)
    ids.push_back(each.id);
  constexpr size_t events_field = 4;
  const auto& events = from[events_field];
  if (events.form == trace::body_form::lines)
    x.events = bytes{twin_body(events, ids)};
}

template <class T>
void complete(T&, const std::vector<trace::value>&) {}

template <class T>
result<caf::message> make(const std::vector<trace::value>& from) {
  T x;
  message_reader f{from};
  inspect(f, x);
  if (!f.is_whole())
    return error{errc::bad_shape, "is of another form than this program's"};
  complete(x, from);
  return caf::make_message(std::move(x));
}

using maker = result<caf::message> (*)(const std::vector<trace::value>&);

struct message_maker {
  std::string_view name;
  maker make;
};

template <uint16_t Id>
constexpr message_maker maker_of() {
  std::string_view name = caf::type_name_by_id<Id>::value;
  name.remove_prefix(name.rfind(':') + 1); // `apm::`
  return {name, make<typename caf::type_by_id<Id>::type>};
}

template <uint16_t... Is>
result<caf::message> make_by_name(std::string_view name,
                                  const std::vector<trace::value>& from,
                                  std::integer_sequence<uint16_t, Is...>) {
  static constexpr message_maker makers[] = {
      maker_of<caf::id_block::apm_messages::begin + Is>()...};
  for (const auto& each : makers)
    if (each.name == name)
      return each.make(from);
  return error{errc::bad_shape, "is no message of ours"};
}

} // namespace

void message_reader::set_object(std::string& x, const trace::value& from) {
  if (needs(from, trace::value_kind::text))
    x = twin_text(from);
}

void message_reader::set_object(bytes& x, const trace::value& from) {
  if (needs(from, trace::value_kind::body))
    x = bytes{twin_body(from)};
}

void message_reader::set_object(steady_time& x, const trace::value& from) {
  if (needs(from, trace::value_kind::time))
    x = steady_time{std::chrono::nanoseconds{from.signed_number}};
}

result<caf::message> make_message(const trace::record_content& from) {
  std::vector<trace::value> values;
  for (const auto& each : from.fields)
    values.push_back(each.content);
  return make_by_name(
      from.type, values,
      std::make_integer_sequence<uint16_t,
                                 caf::id_block::apm_messages::end
                                     - caf::id_block::apm_messages::begin>{});
}

} // namespace apm

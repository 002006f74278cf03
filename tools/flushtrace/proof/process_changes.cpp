// Other settings, actors and machines; see life_changes.hpp.
#include "runtime/formats/duration.hpp"
#include "tools/flushtrace/proof/life_changes.hpp"

#include <algorithm>

namespace flushtrace::changes {

namespace {

alteration with_setting(const std::string& variable, const std::string& value) {
  alteration x;
  x.environment[variable] = value;
  return x;
}

} // namespace

void append(neutralisations& to, neutralisations more) {
  for (auto& x : more)
    to.push_back(std::move(x));
}

neutralisation setting_is(const std::string& variable,
                          const std::string& value) {
  return {with_setting(variable, value), variable + '=' + value};
}

neutralisation current_actors() {
  return {{}, "the actors do what they do in this version"};
}

neutralisations other_actors(const suspect&) {
  return {current_actors()};
}

neutralisations other_actors_heard(const suspect& of) {
  auto found = other_actors(of);
  append(found, with_further_answers(of, found));
  return found;
}

neutralisations longer_margin(const suspect& of) {
  const auto& fix = of.what.fix;
  const auto& event = of.event.facts;
  const auto proposed = apm::parse_go_duration(fix.value);
  neutralisations found;
  for (int i = 0; i < doublings && proposed; ++i) {
    const auto margin = proposed.value() * (1 << i);
    // With more of it than there is time the event is over as it begins.
    if (margin.count() < event.deadline_ns - event.begin.ns)
      found.push_back(setting_is(fix.setting, apm::format_go_duration(margin)));
  }
  return with_a_server(of, std::move(found));
}

neutralisations more_buffer(const suspect& of) {
  neutralisations found;
  if (!of.what.fix.setting.empty())
    found.push_back(setting_is(of.what.fix.setting, of.what.fix.value));
  for (const uint64_t times : {2, 8, 64})
    found.push_back(
        setting_is("ELASTIC_APM_LAMBDA_BUFFER_BYTES",
                   std::to_string(times * of.all.settings.buffer_bytes)));
  return found;
}

neutralisations flush_at_end(const suspect& of) {
  if (of.all.settings.strategy == apm::send_strategy::syncflush)
    return {};
  auto found = setting_is("ELASTIC_APM_SEND_STRATEGY", "syncflush");
  if (known_answer_ns(of.all) == 0) // nothing tells what the server would do
    found = joined(found, server_answers_soon(of).front());
  return {found};
}

neutralisations keep_failed(const suspect& of) {
  if (of.all.settings.delivery == apm::delivery_policy::at_most_once)
    return {setting_is("ELASTIC_APM_LAMBDA_DELIVERY", "at_least_once")};
  return other_actors(of);
}

neutralisations no_post_at_freeze(const suspect& of) {
  auto found = flush_at_end(of);
  append(found, other_actors(of));
  append(found, server_is_fast(of));
  return found;
}

neutralisations more_cpu(const suspect&) {
  neutralisations found;
  for (const int times : {4, 100}) {
    alteration x;
    x.cpu_share = times;
    found.push_back(
        {x, "the process has " + std::to_string(times) + " times the CPU"});
  }
  return found;
}

} // namespace flushtrace::changes

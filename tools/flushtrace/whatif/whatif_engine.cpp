// What comes of a changed life; see whatif_engine.hpp.
#include "tools/flushtrace/whatif/whatif_engine.hpp"

#include "runtime/config/configuration_report.hpp"
#include "tools/flushtrace/replay/shipping_facts.hpp"
#include "tools/flushtrace/whatif/life.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::entry_kind;

/// A changed life may be the longer one.
constexpr size_t slots_factor = 2;

/// *Errors:* `bad_value` where a setting cannot have its value beside the
/// others.
apm::result<world_setup> setup_for(const recorded_run& run,
                                   const alteration& how) {
  auto setup = run.setup;
  setup.slots *= slots_factor;
  auto environment = environment_of(run.of->content);
  for (const auto& [variable, value] : how.environment)
    environment[variable] = value;
  auto loaded = apm::load_settings(environment);
  for (const auto& problem : loaded.problems)
    if (how.environment.count(problem.variable) > 0 && !problem.is_advice)
      return apm::error{apm::errc::bad_value,
                        problem.variable + ": the extension would say that it "
                            + problem.message};
  const auto shipping = how.shipping.value_or(setup.config.shipping);
  setup.config = std::move(loaded.values);
  setup.config.shipping = shipping;
  setup.has_spill = setup.has_spill && setup.config.spills;
  if (setup.config.disables_logs_api)
    setup.telemetry_port = 0;
  return setup;
}

constexpr std::string_view port_fact = "telemetry_port=";

bool may_have_changed(std::string_view fact) {
  return fact.substr(0, port_fact.size()) == port_fact
         || fact.substr(0, shipping_fact.size()) == shipping_fact;
}

/// Its dictionary says what the changed process was started with.
void describe(trace& made, const trace& recorded, const world_setup& setup) {
  for (const auto& row : apm::describe_changed_values(setup.config))
    made.dictionary.push_back({entry_kind::configuration, 0, 0, row});
  for (const auto& x : recorded.dictionary)
    if (x.kind == entry_kind::fact && !may_have_changed(x.text))
      made.dictionary.push_back(x);
  made.dictionary.push_back(
      {entry_kind::fact, 0, 0,
       std::string{port_fact} + std::to_string(setup.telemetry_port)});
  for (const auto& row : shipping_facts(setup.config.shipping))
    made.dictionary.push_back({entry_kind::fact, 0, 0, row});
}

} // namespace

whatif_engine::whatif_engine(const process_trace& of, world_hosts& hosts)
    : of_(of), hosts_(hosts) {
  if (auto run = prepare_run(of))
    source_ = std::make_unique<life_source>(of, std::move(run.value()));
  else
    impossible_ = run.error().detail;
}

whatif_engine::~whatif_engine() = default;

apm::result<changed_life> whatif_engine::live(const alteration& how,
                                              model_guide* guide) {
  if (!source_)
    return apm::error{apm::errc::bad_shape, impossible_};
  auto setup = setup_for(source_->run, how);
  if (!setup)
    return setup.error();
  life changed{*source_, hosts_.next(), how, setup.value(), guide};
  if (auto lived = changed.live(); !lived)
    return lived.error();
  auto content = apm::trace::read_ring(changed.world().image());
  if (!content)
    return content.error();
  changed_life made;
  made.trace.content = std::move(content.value());
  describe(made.trace.content, of_.content, setup.value());
  made.trace.files = of_.files;
  made.trace.anchors = find_anchors(made.trace.content);
  made.trace.reaches_end = of_.reaches_end;
  made.exact_until = changed.exact_until();
  made.exact_until_here = changed.exact_until_here();
  made.is_exact_to_end = !changed.is_modelled();
  made.first_change = changed.first_change();
  made.function_ends = changed.function_ends();
  made.is_cut = changed.is_cut() || source_->run.gap_after != 0;
  if (!changed.is_modelled())
    made.trace.content.process.is_ended = of_.content.process.is_ended;
  return made;
}

apm::result<changed_life> what_if(const process_trace& of,
                                  const alteration& how) {
  world_hosts hosts;
  return whatif_engine{of, hosts}.live(how);
}

} // namespace flushtrace

// TRACER: lets the actor trace leave the ring: what was missed, what a killed
// process has left. It works when an event has just begun, never between a
// flush and the request for the next event; at SHUTDOWN, when all is over.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/log/log.hpp"
#include "runtime/recording/traced.hpp"
#include "runtime/trace/modes.hpp"
#include "runtime/trace/trace_folder.hpp"

#include <functional>
#include <string>
#include <vector>

namespace apm {

/// *Ownership:* the pointers' objects outlive the actor.
struct tracer_port_setup {
  trace::recorder* recorder = nullptr;
  const trace::trace_folder* folder = nullptr;
  apm::log* log = nullptr;
  trace::export_mode mode = trace::export_mode::missed;
  uint64_t sample = 0; ///< one event in so many; 0: none
  /// The configuration, `VARIABLE=value` each, without secrets.
  std::function<std::vector<std::string>()> describe_configuration;
};

/// Puts the configuration into the trace, without which nobody can replay it.
void describe_process(const tracer_port_setup& setup);

class tracer_port_state {
public:
  using self_pointer = traced_port_pointer<tracer_actor, tracer_port_state>;

  static inline const char* name = "tracer";

  void start(tracer_port_setup setup) { setup_ = std::move(setup); }
  void on_finding(const flush_finding& x);
  void on_due();

private:
  void prepare();
  void take_left();
  void complete(trace::trace& left) const;
  void export_waiting();
  void export_event(const flush_finding& x);
  void put_in_log(const flush_finding& x, const std::string& segment,
                  const std::string& file);
  bool is_wanted(const flush_finding& x) const noexcept;
  void give_up(const std::string& why);

  tracer_port_setup setup_;
  std::vector<flush_finding> waiting_;
  bool has_begun_ = false;
  bool has_failed_ = false;
};

tracer_actor::behavior_type tracer_port(tracer_port_state::self_pointer self,
                                        tracer_port_setup setup);

} // namespace apm

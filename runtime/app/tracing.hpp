// The actor trace of the extension: ring, recorder, and what leaves it.
//
//   auto traced = tracing::start(config, clock, random, version);
//   if (traced)
//     caf_config.recording = &traced.value()->actors();
#pragma once

#include "runtime/config/settings.hpp"
#include "runtime/loop/http_client.hpp"
#include "runtime/ports/tracer_port.hpp"
#include "runtime/random.hpp"
#include "runtime/recording/actor_recorder.hpp"
#include "runtime/trace/ring_file.hpp"

#include <memory>

namespace apm {

class tracing {
public:
  /// Maps the ring. *Errors:* `io`: then nothing is recorded.
  ///
  /// @param time outlives it, as does
  /// @param random which gives the key of the hashes
  static result<std::unique_ptr<tracing>> start(const settings& config,
                                                const clock& time,
                                                random_source& random,
                                                const char* version);

  trace::recorder& recorder() noexcept { return recorder_; }
  actor_recorder& actors() noexcept { return actors_; }

  /// What the TRACER is spawned with.
  tracer_port_setup setup_tracer(log* to);

  /// How an HTTP request went.
  void note_request(const http_phases& x);

  /// The process ends in good order.
  void end(int exit_code);

private:
  tracing(trace::ring_file file, const settings& config, const clock& time,
          random_source& random, const char* version);

  trace::ring_file file_;
  const settings& config_;
  trace::recorder recorder_;
  actor_recorder actors_;
  trace::trace_folder folder_;
};

} // namespace apm

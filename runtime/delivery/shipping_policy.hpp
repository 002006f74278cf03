// The figures of sending that no variable changes, since nobody would know
// better ones beforehand: when lines go out while an invocation runs, and how
// often and when a server that has failed is asked again. `flushtrace whatif`
// tries others on recorded runs.
#pragma once

#include <chrono>
#include <cstdint>

namespace apm {

struct shipping_policy {
  /// How long lines wait for company while an invocation runs.
  std::chrono::milliseconds ship_interval{1000};

  /// Free lines of this size are shipped at once while an invocation runs.
  uint64_t ship_bytes = 256 * 1024;

  /// How often a server that fails is asked again at SHUTDOWN, and when first;
  /// each pause is twice the one before. Pauses of 100, 200 and 400 ms leave
  /// SHUTDOWN's 2 s half unused.
  uint32_t shutdown_retries = 3;
  std::chrono::milliseconds first_retry{100};

  /// Whether a server that has failed is left alone for a while.
  bool has_breaker = true;

  /// How long: up to this after the first failure, n² times this after more.
  /// *Source:* elastic/apm, `specs/agents/transport.md`.
  std::chrono::milliseconds grace{1000};

  /// What an invocation's end waits for a probe at most: many times what a
  /// server of the same region takes.
  std::chrono::milliseconds probe_patience_max{500};
};

} // namespace apm

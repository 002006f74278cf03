// LIFECYCLE POLLER: speaks the Extensions API. Registers, subscribes to
// telemetry, asks for the next event, hands it to the COORDINATOR, and asks
// again only when told. After SHUTDOWN it tells the APPLICATION to end.
#pragma once

#include "actors/ports.hpp"

#include <string>
#include <vector>

namespace apm {

struct lifecycle_poller_setup {
  invocation_coordinator_actor coordinator;
  std::string runtime_api;    ///< host:port
  std::string extension_name; ///< the executable's file name: Lambda checks it
  /// Lambda Managed Instances: no INVOKE may be asked for.
  bool is_managed = false;
  /// Where the TELEMETRY LISTENER listens; 0: subscribe to nothing.
  uint16_t telemetry_port = 0;
  std::vector<std::string> telemetry_types; ///< platform, function
};

class lifecycle_poller_state {
public:
  using self_pointer =
      traced_pointer<lifecycle_poller_actor, lifecycle_poller_state>;

  static inline const char* name = "lifecycle_poller";

  explicit lifecycle_poller_state(self_pointer self) : self_(self) {}

  void start(ports world, lifecycle_poller_setup setup);

  void on_answer(const http_response& answer);
  void on_pause_over();
  void on_event_done(uint64_t sequence);
  void on_stop(const std::string& reason);

private:
  enum class step : uint8_t {
    registering,
    subscribing_telemetry,       ///< by its newest schema
    subscribing_older_telemetry, ///< by the one before
    subscribing_logs,
    asking,   ///< `event/next` is open
    pausing,  ///< before asking again after an odd answer
    handling, ///< the COORDINATOR is at an event
    ended,
  };

  void register_extension();
  void on_registered(const http_response& answer);
  void subscribe(step how);
  void on_subscribed(const http_response& answer);
  void announce(telemetry_api api);
  void ask_next();
  void on_next(const http_response& answer);
  void hand_over(lambda_event event);
  void retry_later(const std::string& what);
  void end(int32_t exit_code);
  void call(const char* method, std::string path, std::string body,
            std::vector<http_header> headers, int64_t timeout_ms);

  self_pointer self_;
  ports world_;
  lifecycle_poller_setup setup_;
  step step_ = step::registering;
  step paused_ = step::registering; ///< what is done again after the pause
  registered known_;
  std::string identifier_;
  uint64_t last_call_ = 0;
  uint64_t last_sequence_ = 0;
  uint64_t awaited_sequence_ = 0; ///< whose `event_done` is waited for
  bool is_ending_ = false;        ///< the event under way is the last
  uint32_t failures_ = 0;         ///< in a row
};

/// Registers at once; sends the COORDINATOR `registered`, then its events.
lifecycle_poller_actor::behavior_type
lifecycle_poller(lifecycle_poller_state::self_pointer self, ports world,
                 lifecycle_poller_setup setup);

} // namespace apm

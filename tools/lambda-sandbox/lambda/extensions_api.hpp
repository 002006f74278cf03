// Lambda's Extensions API (/2020-01-01/extension/…): who is registered for
// what, who waits for its next event, who has failed. One object serves a whole
// run; `begin` makes it forget the extensions before a reset.
// Source: AWS Lambda developer guide, "Extensions API"; AWS's emulator,
// internal/lambda/rapi/handler and core/agents.
#pragma once

#include "tools/lambda-sandbox/lambda/http_server.hpp"
#include "tools/lambda-sandbox/report/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// Source: AWS Lambda developer guide, "Lambda extensions", limits.
inline constexpr std::size_t extensions_max = 10;

/// What an extension learns at registration.
struct function_identity {
  std::string name;
  std::string version;
  std::string handler;
  std::string account_id;
  /// Managed Instances: nobody hears of invocations.
  bool has_invoke_events = true;
};

struct registered_extension {
  enum class state {
    started,
    registered,
    ready,
    running,
    init_error,
    exit_error
  };

  std::string name;
  std::string identifier;
  state current = state::started;
  std::set<std::string> events;
  /// Its hanging `event/next`.
  http_exchange_ptr waiting;
  /// SHUTDOWN that came while it was busy.
  std::string pending_shutdown;
  /// When it was handed SHUTDOWN.
  std::int64_t told_ns = 0;
  /// What it said in init/error or exit/error.
  std::string error_type;

  bool is_subscribed(const char* event) const {
    return events.count(event) != 0;
  }
};

class extensions_api {
public:
  struct handlers {
    std::function<void(registered_extension&, std::int64_t at_ns)>
        on_registered;
    std::function<void(registered_extension&, std::int64_t at_ns)> on_next;
    std::function<void(registered_extension&)> on_error;
  };

  extensions_api(observer& observer, function_identity function,
                 handlers handle);

  /// New extensions start; `names` are the base names of their programs.
  void begin(const std::vector<std::string>& names);
  /// The runtime is ready: whoever registers now is refused.
  void close_registration() { is_registration_open_ = false; }

  bool are_all_registered() const;
  /// Whether all (or all subscribed to INVOKE) wait for their next event.
  bool are_all_waiting() const;
  bool are_invoked_waiting() const;

  const std::vector<registered_extension>& all() const { return extensions_; }
  registered_extension* find(std::string_view name);
  registered_extension* find_identifier(std::string_view identifier);

  /// Hands INVOKE, a JSON object, to all that are subscribed to it.
  void send_invoke(const std::string& event);
  /// Hands SHUTDOWN to one, now or when it asks.
  void send_shutdown(registered_extension& extension, const std::string& event);

  /// Takes a request. *Errors*: false if it is none of this API.
  bool handle(const http_exchange_ptr& exchange);
  /// Finds who asks, by its identifier; answers with Lambda's error if there is
  /// none. Serves the telemetry APIs, too.
  registered_extension* identify(const http_exchange_ptr& exchange);

private:
  void enroll(const http_exchange_ptr& exchange);
  /// Reads the body of a registration. *Errors*: false, and answered.
  bool read_events(const http_exchange_ptr& exchange, std::string_view name,
                   std::set<std::string>& events);
  registered_extension* place_for(const http_exchange_ptr& exchange,
                                  std::string_view name,
                                  const std::set<std::string>& events);
  void refuse_internal_shutdown(const http_exchange_ptr& exchange,
                                std::string_view name);
  void next(const http_exchange_ptr& exchange);
  void error(const http_exchange_ptr& exchange, bool is_init);
  void refuse(const http_exchange_ptr& exchange, std::string_view who,
              std::string_view type, std::string_view message);
  void hand_shutdown(registered_extension& extension);

  observer& observer_;
  function_identity function_;
  handlers handlers_;
  std::vector<registered_extension> extensions_;
  bool is_registration_open_ = false;
};

} // namespace sandbox

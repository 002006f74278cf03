// CREDENTIALS: fetches from AWS what the settings name, all of it at once, and
// puts it into the credential store. Exists only where something is named.
//
// A fetch survives a freeze: the request is answered, or its time-out is long
// past when all goes on, and it is made again. Where the keys that sign come
// from the container endpoint, they are fetched first, anew each time.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/aws/aws_request.hpp"
#include "runtime/aws/container_credentials.hpp"
#include "runtime/clock.hpp"
#include "runtime/recording/traced.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace apm {

/// Makes a request to AWS: signs it where it says so, and calls back once,
/// later, between two turns. Neither is a message, since both hold secrets.
using aws_caller =
    std::function<void(const aws_call&, std::function<void(http_response)>)>;

/// *Ownership:* the pointers are the application's and outlive all actors.
struct credentials_port_setup {
  const settings* config = nullptr;
  credential_store* store = nullptr;
  std::vector<aws_source> sources;
  aws_caller call;
  /// Reads the file that the container endpoint's token is in. *Errors:* `io`.
  std::function<result<std::string>(const std::string& path)> read_file;
  /// Keeps a secret out of the log.
  std::function<void(const std::string& secret)> hide;
  timers_actor timers;
  const clock* time = nullptr;
};

/// How often one secret is asked for: a request may have been lost to a freeze,
/// or to AWS's throttling. With its pauses and time-outs all is over in 10 s,
/// of which the keys, where they are fetched, may take 4 s beforehand.
constexpr uint32_t fetch_tries_max = 3;

/// Before the second try; twice that before the third.
constexpr std::chrono::milliseconds fetch_pause{200};

class credentials_port_state {
public:
  using self_pointer =
      traced_port_pointer<credentials_actor, credentials_port_state>;

  static inline const char* name = "credentials";

  explicit credentials_port_state(self_pointer self) : self_(self) {}

  void start(credentials_port_setup setup);
  void on_wanted(const credentials_wanted& x);
  void on_ended(const fetch_ended& x);
  void on_pause_over(uint64_t timer);

private:
  struct fetch {
    uint32_t tries = 0;
    bool is_kept = false; ///< a CA certificate, which is fetched once
  };

  void begin_round();
  void ask_for_keys();
  void ask(uint32_t source);
  void ask_for_all();
  void finish(uint32_t source, fetch_outcome outcome,
              const std::string& problem);
  /// The token for the container endpoint. *Errors:* `io`.
  result<std::string> container_token() const;
  void note(uint32_t source, fetch_outcome outcome, std::string problem);
  /// Whether another try has been arranged for.
  bool tries_again(const fetch_ended& x, const fetch& ended);
  void answer_if_done();

  self_pointer self_;
  std::shared_ptr<const credentials_port_setup> setup_;
  std::vector<fetch> fetches_; ///< one a source
  fetch keys_fetch_;
  /// What signs in this round. Answers to an abandoned one find it gone.
  std::shared_ptr<aws_keys> keys_;
  uint64_t round_ = 0;
  size_t open_ = 0; ///< fetches that have not ended
  credentials_ready result_;
  credentials_sink asker_;
};

credentials_actor::behavior_type
credentials_port(credentials_port_state::self_pointer self,
                 credentials_port_setup setup);

} // namespace apm

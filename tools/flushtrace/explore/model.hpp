// The world around the extension, as explore has it: Lambda, an agent, the
// platform, an APM Server, and timers. It answers at once what it is asked for,
// or when an action says so.
#pragma once

#include "tools/flushtrace/explore/scenario.hpp"
#include "tools/flushtrace/explore/scripts.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "caf/actor_control_block.hpp"
#include "caf/message.hpp"

namespace flushtrace {

/// A request to the APM Server that has no answer yet.
struct open_post {
  caf::strong_actor_ptr from;
  uint64_t id = 0;
  apm::steady_time begin;
  apm::steady_time due; ///< the client's time-out
  bool hangs = false;
  std::vector<std::string> tokens; ///< of its lines
  size_t body_bytes = 0;
};

struct armed_timer {
  apm::steady_time due;
  uint64_t order = 0;
  caf::strong_actor_ptr to;
};

/// What became of a line.
struct line_state {
  uint32_t accepted = 0; ///< how often
  bool is_refused = false;
  bool may_repeat = false; ///< an answer about it was lost
};

/// What is to be put into whose mailbox.
struct outgoing {
  caf::strong_actor_ptr to; ///< null: as `whom` says
  enum { coordinator, poller, other } whom = other;
  caf::message content;
};

class model {
public:
  explicit model(const scenario& of);

  apm::steady_time now() const noexcept { return now_; }
  apm::wall_ms wall() const noexcept;

  // -- what the extension asks for --

  /// An answer that comes at once, if there is one.
  std::optional<apm::http_response> take_request(const apm::http_request& x,
                                                 caf::strong_actor_ptr from);
  void cancel_request(uint64_t id, const caf::strong_actor_ptr& from);
  void set_timer(const apm::timer_set& x, caf::strong_actor_ptr from);
  void cancel_timer(uint64_t id, const caf::strong_actor_ptr& from);
  void end() noexcept { has_ended_ = true; }

  // -- what can happen --

  /// @param is_at_rest no actor has anything to do: only then time goes on
  void add_actions(std::vector<action>& to, bool is_at_rest) const;
  outgoing enter(const action& x, bool is_ending);

  // -- what there is --

  bool has_ended() const noexcept { return has_ended_; }
  bool is_shut_down() const noexcept { return is_shut_down_; }
  uint32_t invocation() const noexcept { return invocation_; }
  const std::vector<open_post>& posts() const noexcept { return posts_; }
  size_t timers() const noexcept { return timers_.size(); }
  bool is_next_open() const noexcept { return is_next_open_; }
  apm::steady_time deadline() const noexcept { return deadline_; }
  const std::map<std::string, line_state>& lines() const noexcept {
    return lines_;
  }
  uint64_t agent_requests() const noexcept { return agent_requests_; }
  bool was_flush_sent(uint32_t of) const noexcept { return flushed_ >= of; }
  bool was_done_sent(uint32_t of) const noexcept { return runtime_done_ >= of; }
  bool has_hung() const noexcept { return has_hung_; }
  uint32_t faults() const noexcept { return faults_; }
  bool is_server_failing() const noexcept { return is_server_failing_; }
  uint32_t good_answers() const noexcept { return good_answers_; }

  /// What is to come depends on it.
  uint64_t fingerprint() const;

private:
  bool may_leave_out_up_to(uint32_t step) const noexcept;
  outgoing enter_lambda();
  outgoing enter_agent(uint32_t request);
  outgoing enter_platform(uint32_t delivery);
  outgoing enter_answer(open_post post, answer_kind how, bool is_ending);
  outgoing enter_time(bool is_ending);
  void send(const std::vector<std::string>& tokens);
  void settle(const open_post& post, size_t accepted, bool is_excused);

  const scenario& scenario_;
  apm::steady_time now_;
  apm::steady_time deadline_;
  uint64_t next_id_ = 1;
  uint64_t next_order_ = 0;
  bool is_next_open_ = false;
  uint64_t next_call_ = 0;
  caf::strong_actor_ptr poller_;
  uint32_t invocation_ = 0; ///< the one that began last
  uint32_t agent_ = 0;      ///< its next step, of all invocations'
  uint32_t platform_ = 0;
  uint64_t agent_requests_ = 0;
  uint32_t flushed_ = 0; ///< the last invocation whose agent has flushed
  uint32_t runtime_done_ = 0;
  bool is_shut_down_ = false;
  bool has_ended_ = false;
  bool has_hung_ = false;
  bool is_server_failing_ = false;
  uint32_t good_answers_ = 0;
  uint32_t faults_ = 0;
  std::vector<open_post> posts_; ///< oldest first
  std::map<std::pair<caf::actor_id, uint64_t>, armed_timer> timers_;
  std::map<std::string, line_state> lines_; ///< that were sent to us
};

} // namespace flushtrace

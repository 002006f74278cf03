// Checking what is promised; see promises.hpp.
#include "tools/flushtrace/explore/promises.hpp"

#include "runtime/delivery/flush_policy.hpp"
#include "runtime/trace/wire.hpp"
#include "tools/flushtrace/explore/hashing.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::record_kind;
using std::chrono::milliseconds;

/// *Source:* FORMAT.md, kinds 33, 36 and 38.
enum signal_number : uint64_t { agent_flushed, runtime_done, deadline };
enum end_number : uint64_t { nothing_left, server_fails, out_of_time, put_off };
enum drop_number : uint64_t {
  rejected,
  buffer_full,
  ambiguous,
  no_server,
  duplicate
};

/// *Source:* architecture rule 8: a probe's answer is waited for so long.
constexpr milliseconds probe_max{500};

/// A turn of ours takes no time here.
constexpr milliseconds slack{1};

} // namespace

promises::promises(const scenario& of, const model& world)
    : scenario_(of), world_(world) {}

void promises::broken(const std::string& what) {
  if (violation_.empty())
    violation_ = what;
}

void promises::note(const apm::trace::record& x) {
  apm::trace::byte_reader in{x.payload};
  switch (static_cast<record_kind>(x.kind)) {
  case record_kind::event_begin:
    event_ = in.u();
    is_shutdown_ = in.u() == static_cast<uint64_t>(apm::event_kind::shutdown);
    has_winner_ = false;
    return;
  case record_kind::winner: {
    const auto event = in.u();
    const auto signal = in.u();
    coverage_ = mix(coverage_, x.kind, signal);
    has_winner_ = true;
    won_at_ = world_.now();
    was_failing_ = world_.is_server_failing();
    good_answers_ = world_.good_answers();
    return check_winner(event, signal);
  }
  case record_kind::flush_end: {
    in.u();
    const auto lines = in.u();
    in.u();
    const auto why = in.u();
    coverage_ = mix(coverage_, x.kind, why, lines > 0);
    return check_flush_end(lines, why);
  }
  case record_kind::dropped: {
    in.u();
    const auto reason = in.u();
    coverage_ = mix(coverage_, x.kind, reason);
    return check_dropped(reason, in.u());
  }
  default:
    return;
  }
}

/// Rule 6: a signal belongs to an invocation.
void promises::check_winner(uint64_t event, uint64_t signal) {
  if (is_shutdown_)
    return;
  const auto number = std::to_string(event);
  const auto invocation = static_cast<uint32_t>(event);
  if (signal == agent_flushed && !world_.was_flush_sent(invocation))
    broken("event " + number
           + " was ended by a flush signal, and its agent "
             "has sent none yet");
  if (signal == runtime_done && !world_.was_done_sent(invocation))
    broken("event " + number
           + " was ended by runtimeDone, and its runtime is "
             "not done yet");
  const apm::settings defaults;
  if (signal == deadline
      && world_.now() + slack < world_.deadline() - defaults.flush_margin)
    broken("event " + number + " was ended by its deadline long before that");
}

/// A flush is given up when its time is out, or the server fails; not sooner.
void promises::check_flush_end(uint64_t lines, uint64_t why) {
  const bool is_syncflush = scenario_.strategy == apm::send_strategy::syncflush;
  if (lines == 0 || (!is_syncflush && !is_shutdown_))
    return;
  const auto number = std::to_string(event_);
  if (why == put_off)
    return broken("the flush of event " + number + " was put off");
  if (why == server_fails && world_.faults() == 0)
    return broken("the flush of event " + number
                  + " ended with lines left, as if the server failed");
  const apm::settings defaults;
  const auto margin = is_shutdown_ ? apm::exit_margin : apm::answer_margin;
  const auto until = std::min(world_.deadline() - margin,
                              won_at_ + defaults.forwarder_timeout);
  if (why == out_of_time && world_.now() + slack < until)
    broken("the flush of event " + number
           + " was given up before its time was out");
}

/// Here nothing is ever too much, and what is sent twice has a reason.
void promises::check_dropped(uint64_t reason, uint64_t lines) {
  const auto text = std::to_string(lines) + " lines were dropped";
  if (reason == buffer_full || reason == no_server)
    return broken(text + ", and there was room");
  if (reason == ambiguous
      && scenario_.delivery != apm::delivery_policy::at_most_once)
    return broken(text
                  + " as nobody knows of them, though they may be sent "
                    "again");
  if (reason == rejected && world_.faults() == 0)
    broken(text + " as if the server had refused them");
}

void promises::event_over() {
  if (event_ == 0)
    return; // the first is yet to come
  const bool is_syncflush = scenario_.strategy == apm::send_strategy::syncflush;
  const auto number = std::to_string(event_);
  if (world_.now() > world_.deadline())
    broken("event " + number + " was over after its deadline"); // rule 4
  if (is_syncflush && !world_.posts().empty())
    broken("a POST was under way when the next event was asked for"); // 5
  if (is_syncflush && world_.timers() > 0)
    broken("a timer was armed when the next event was asked for"); // 5
  const bool is_held = is_syncflush && has_winner_ && !is_shutdown_
                       && was_failing_ && world_.good_answers() == good_answers_
                       && world_.now() - won_at_ > probe_max + slack;
  if (is_held) // rule 8
    broken("event " + number + " was held by a server that was known to fail");
}

void promises::after_turn(const apm::coordinator_state& coordinator) {
  const auto unbalanced = unbalanced_books(coordinator);
  if (!unbalanced.empty())
    broken(unbalanced);
}

std::string unbalanced_books(const apm::coordinator_state& coordinator) {
  const auto outstanding = coordinator.books().total().outstanding();
  const auto held =
      coordinator.held().held_lines() + coordinator.spilled().held_lines();
  if (outstanding == held)
    return {};
  return "the books do not balance: " + std::to_string(outstanding)
         + " lines are outstanding, and " + std::to_string(held) + " are held";
}

void promises::at_rest(uint64_t requests) {
  if (answers_ < requests)
    broken("a request of the agent was not answered");
}

/// Rules 2 and 7: what the server has not taken or refused is lost, and it has
/// each line once, unless it lost its answer.
void promises::at_end(const apm::coordinator_state& coordinator) {
  if (!world_.has_ended())
    return broken("nothing can happen any more, and the process has not ended");
  const bool is_at_most_once =
      scenario_.delivery == apm::delivery_policy::at_most_once;
  for (const auto& [token, line] : world_.lines()) {
    const auto name = token.substr(1, token.size() - 2); // without its quotes
    const bool may_be_lost = line.is_refused || world_.has_hung()
                             || (is_at_most_once && line.may_repeat);
    if (line.accepted == 0 && !may_be_lost)
      broken("line " + name + " was lost");
    if (line.accepted > 1 && !line.may_repeat)
      broken("line " + name + " was delivered " + std::to_string(line.accepted)
             + " times");
  }
  if (coordinator.held().held_lines() > 0 && !world_.has_hung())
    broken("lines were held when all was over");
}

} // namespace flushtrace

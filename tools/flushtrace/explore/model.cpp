// How the modelled world behaves; see model.hpp.
#include "tools/flushtrace/explore/model.hpp"

#include "tools/flushtrace/explore/hashing.hpp"
#include "tools/flushtrace/explore/steps.hpp"

#include <algorithm>

#include "caf/make_message.hpp"

namespace flushtrace {

namespace {

using std::chrono::milliseconds;

/// 2026-11-22T12:00:00Z.
constexpr apm::wall_ms wall_at_start = 1'795'348'800'000;
constexpr apm::steady_time start{std::chrono::hours{1}};

/// Of an invocation, and what Lambda grants at SHUTDOWN.
constexpr milliseconds invocation_time{5000};
constexpr milliseconds shutdown_time{2000};

constexpr uint32_t how_count = answer_kinds;

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size()
         && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

apm::http_response answer_of(uint64_t id, uint16_t status, std::string body) {
  apm::http_response x;
  x.id = id;
  x.status = status;
  x.headers = {{"content-type", "application/json"}};
  x.body = apm::bytes{std::move(body)};
  return x;
}

apm::http_response failure_of(uint64_t id, apm::http_failure how,
                              bool may_have_arrived) {
  apm::http_response x;
  x.id = id;
  x.failure = how;
  x.may_have_arrived = may_have_arrived;
  x.detail = "explored";
  return x;
}

} // namespace

model::model(const scenario& of) : scenario_(of), now_(start) {}

apm::wall_ms model::wall() const noexcept {
  return wall_at_start
         + std::chrono::duration_cast<milliseconds>(now_ - start).count();
}

// -- what the extension asks for ----------------------------------------------

std::optional<apm::http_response>
model::take_request(const apm::http_request& x, caf::strong_actor_ptr from) {
  if (ends_with(x.url, "/extension/register")) {
    auto answer = answer_of(x.id, 200, register_answer());
    answer.headers.push_back({"lambda-extension-identifier", "explored"});
    return answer;
  }
  if (ends_with(x.url, "/telemetry"))
    return answer_of(x.id, 200, R"("OK")");
  if (ends_with(x.url, "/event/next")) {
    is_next_open_ = true;
    next_call_ = x.id;
    poller_ = std::move(from);
    return {};
  }
  open_post post;
  post.from = std::move(from);
  post.id = x.id;
  post.begin = now_;
  post.due = now_ + milliseconds{x.timeout_ms};
  post.tokens = tokens_in(x.body);
  post.body_bytes = x.body.size();
  posts_.push_back(std::move(post));
  return {};
}

void model::cancel_request(uint64_t id, const caf::strong_actor_ptr& from) {
  posts_.erase(std::remove_if(posts_.begin(), posts_.end(),
                              [&](const open_post& x) {
                                return x.id == id && x.from == from;
                              }),
               posts_.end());
}

void model::set_timer(const apm::timer_set& x, caf::strong_actor_ptr from) {
  const std::pair key{from->id(), x.id};
  timers_[key] = {x.due, next_order_++, std::move(from)};
}

void model::cancel_timer(uint64_t id, const caf::strong_actor_ptr& from) {
  timers_.erase({from->id(), id});
}

// -- what can happen ----------------------------------------------------------

void model::add_actions(std::vector<action>& to, bool is_at_rest) const {
  if (has_ended_)
    return;
  if (is_next_open_) {
    const bool is_last = invocation_ == scenario_.invocations;
    const auto next = is_last ? 0 : invocation_ + 1;
    to.push_back({action_kind::lambda, static_cast<uint8_t>(next), {}});
  }
  const bool is_agent_alive = !is_shut_down_;
  for (auto i = agent_; is_agent_alive && i < invocation_ * agent_steps; ++i)
    if (i == agent_ || may_leave_out_up_to(i))
      to.push_back({action_kind::agent, static_cast<uint8_t>(i), {}});
  for (auto i = platform_; i < invocation_ * platform_steps; ++i)
    if (i == platform_ || scenario_.may_leave_out)
      to.push_back({action_kind::platform, static_cast<uint8_t>(i), {}});
  for (uint8_t i = 0; i < posts_.size(); ++i)
    for (uint8_t how = 0; how < how_count && !posts_[i].hangs; ++how)
      if (how == 0 || faults_ < scenario_.faults)
        to.push_back({action_kind::answer, i, static_cast<answer_kind>(how)});
  // A server that does not hang answers before anything is due.
  const auto hung = std::all_of(posts_.begin(), posts_.end(),
                                [](const open_post& x) { return x.hangs; });
  if (is_at_rest && hung && (!timers_.empty() || !posts_.empty()))
    to.push_back({action_kind::time, 0, {}});
}

/// Whether an agent may go on with that step. Of an agent that has said nothing
/// else nobody could tell whose its flush signal is.
bool model::may_leave_out_up_to(uint32_t step) const noexcept {
  const bool is_flush = step % agent_steps == steps::flush_signal;
  const auto first = step - step % agent_steps;
  return scenario_.may_leave_out && (!is_flush || agent_ > first);
}

outgoing model::enter(const action& x, bool is_ending) {
  switch (x.kind) {
  case action_kind::lambda:
    return enter_lambda();
  case action_kind::agent:
    return enter_agent(x.which);
  case action_kind::platform:
    return enter_platform(x.which);
  case action_kind::answer: {
    if (x.how == answer_kind::hangs) {
      posts_[x.which].hangs = true;
      has_hung_ = true;
      ++faults_;
      return {};
    }
    auto post = std::move(posts_[x.which]);
    posts_.erase(posts_.begin() + x.which);
    return enter_answer(std::move(post), x.how, is_ending);
  }
  case action_kind::time:
    return enter_time(is_ending);
  case action_kind::turn:
    break;
  }
  return {};
}

outgoing model::enter_lambda() {
  is_next_open_ = false;
  const bool is_last = invocation_ == scenario_.invocations;
  is_shut_down_ = is_last;
  const auto time = is_last ? shutdown_time : invocation_time;
  deadline_ = now_ + time;
  const auto deadline_ms = wall() + time.count();
  auto body = is_last ? shutdown_answer(deadline_ms)
                      : invoke_answer(++invocation_, deadline_ms);
  return {poller_, outgoing::other,
          caf::make_message(answer_of(next_call_, 200, std::move(body)))};
}

outgoing model::enter_agent(uint32_t request) {
  const auto of = request / agent_steps + 1;
  const auto step = request % agent_steps;
  agent_ = request + 1;
  ++agent_requests_;
  send(agent_tokens(of, step));
  const auto id = next_id_++;
  if (step == 0)
    return {nullptr, outgoing::coordinator,
            caf::make_message(agent_registration(of, id))};
  if (step == agent_steps - 1)
    flushed_ = of;
  return {nullptr, outgoing::coordinator,
          caf::make_message(agent_request(of, step, id))};
}

outgoing model::enter_platform(uint32_t delivery) {
  const auto of = delivery / platform_steps + 1;
  const auto step = delivery % platform_steps;
  platform_ = delivery + 1;
  send(platform_tokens(of, step));
  if (step == 1)
    runtime_done_ = of;
  return {nullptr, outgoing::coordinator,
          caf::make_message(platform_delivery(of, step, next_id_++, wall()))};
}

void model::send(const std::vector<std::string>& tokens) {
  for (const auto& each : tokens)
    lines_[each];
}

/// The first lines are taken.
void model::settle(const open_post& post, size_t accepted, bool is_excused) {
  for (size_t i = 0; i < post.tokens.size(); ++i) {
    if (post.tokens[i].empty())
      continue;
    auto& line = lines_[post.tokens[i]];
    line.may_repeat = line.may_repeat || is_excused;
    line.accepted += i < accepted ? 1 : 0;
  }
}

outgoing model::enter_answer(open_post post, answer_kind how, bool is_ending) {
  const auto all = post.tokens.size();
  const auto some = std::min<size_t>(1, all);
  const auto told = [&](size_t accepted) {
    return R"({"accepted":)" + std::to_string(accepted) + '}';
  };
  apm::http_response x;
  faults_ += how == answer_kind::accepted ? 0 : 1;
  is_server_failing_ =
      how != answer_kind::accepted && how != answer_kind::partly_refused;
  good_answers_ += is_server_failing_ ? 0 : 1;
  size_t accepted = 0;
  switch (how) {
  case answer_kind::accepted:
    accepted = all;
    x = answer_of(post.id, 202, {});
    break;
  case answer_kind::unavailable:
    x = answer_of(post.id, 503, told(0));
    break;
  case answer_kind::partly_unavailable:
    accepted = some;
    x = answer_of(post.id, 503, told(some));
    break;
  case answer_kind::partly_refused:
    accepted = some;
    x = answer_of(post.id, 400, told(some));
    for (size_t i = some; i < all; ++i)
      if (!post.tokens[i].empty())
        lines_[post.tokens[i]].is_refused = true;
    break;
  case answer_kind::lost:
    accepted = all;
    x = failure_of(post.id, apm::http_failure::closed, true);
    break;
  case answer_kind::no_connection:
    x = failure_of(post.id, apm::http_failure::connect, false);
    break;
  case answer_kind::hangs:
    x = failure_of(post.id, apm::http_failure::timeout, true);
    break;
  }
  // Whoever asked may not live to read it.
  settle(post, accepted, is_ending || how == answer_kind::lost);
  return {post.from, outgoing::other, caf::make_message(std::move(x))};
}

outgoing model::enter_time(bool is_ending) {
  const auto timer = std::min_element(
      timers_.begin(), timers_.end(), [](const auto& x, const auto& y) {
        return std::pair{x.second.due, x.second.order}
               < std::pair{y.second.due, y.second.order};
      });
  const auto post = std::min_element(
      posts_.begin(), posts_.end(),
      [](const open_post& x, const open_post& y) { return x.due < y.due; });
  const bool is_post =
      post != posts_.end()
      && (timer == timers_.end() || post->due < timer->second.due);
  if (is_post) {
    now_ = std::max(now_, post->due);
    auto late = std::move(*post);
    posts_.erase(post);
    --faults_; // it was counted when it began to hang
    return enter_answer(std::move(late), answer_kind::hangs, is_ending);
  }
  now_ = std::max(now_, timer->second.due);
  outgoing x{timer->second.to, outgoing::other,
             caf::make_message(apm::timer_fired{timer->first.second})};
  timers_.erase(timer);
  return x;
}

uint64_t model::fingerprint() const {
  uint64_t hash = mix(agent_, platform_, invocation_, faults_);
  hash = mix(hash, static_cast<uint64_t>(now_.time_since_epoch().count()),
             is_next_open_, is_server_failing_);
  hash = mix(hash, has_ended_, has_hung_,
             static_cast<uint64_t>(deadline_.time_since_epoch().count()));
  for (const auto& x : posts_)
    hash = mix(hash, x.id, x.hangs,
               static_cast<uint64_t>(x.due.time_since_epoch().count()));
  // By what is due first: CAF's numbers depend on who was there before.
  std::vector<std::pair<apm::steady_time, uint64_t>> due;
  for (const auto& [key, x] : timers_)
    due.emplace_back(x.due, key.second);
  std::sort(due.begin(), due.end());
  for (const auto& [at, id] : due)
    hash = mix(hash, static_cast<uint64_t>(at.time_since_epoch().count()), id);
  for (const auto& [token, x] : lines_)
    hash = mix(hash, text_hash(token), x.accepted,
               (x.is_refused ? 1U : 0U) + (x.may_repeat ? 2U : 0U));
  return hash;
}

} // namespace flushtrace

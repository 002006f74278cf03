#include "tests/support/virtual_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm::test {

namespace {

/// 2026-11-22T12:00:00Z, a round figure to read in expectations.
constexpr wall_ms wall_at_start = 1'795'348'800'000;

/// Virtual time does not begin at zero, so that "never" and "now" differ.
constexpr steady_time start{std::chrono::hours{1}};

const std::string next_path = "/2020-01-01/extension/event/next";

struct http_client_name {
  static inline const char* name = "http_client";
};
struct timers_name {
  static inline const char* name = "timers";
};
struct agent_listener_name {
  static inline const char* name = "agent_listener";
};
struct telemetry_listener_name {
  static inline const char* name = "telemetry_listener";
};
struct application_name {
  static inline const char* name = "application";
};

std::string path_of(const std::string& url) {
  const auto host = url.find("//") + 2;
  return url.substr(std::min(url.size(), url.find('/', host)));
}

} // namespace

virtual_world::config::config() {
  set("scheduler.policy", caf::atom("testing"));
  set("logger.file-verbosity", caf::atom("quiet"));
  add_message_types<caf::id_block::apm_messages>();
}

virtual_world::virtual_world()
    : system_(config_),
      scheduler_(
          dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      log_(*this, log_level::debug,
           [this](std::string_view line) { log_text += line; }) {
  scheduler_.clock().current_time = start;
  spawn_ports();
}

virtual_world::~virtual_world() {
  for (auto& actor : owned_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  scheduler_.run();
  scheduler_.clock().cancel_all();
}

void virtual_world::spawn_ports() {
  ports_.http = spawn(
      [this](traced_port_pointer<http_client_actor, http_client_name> self)
          -> http_client_actor::behavior_type {
        return {
            [this, self](const http_request& x) {
              const auto& sender = self->current_sender();
              if (path_of(x.url) == next_path)
                under_way_at_next.push_back(requests.size());
              requests.push_back({x, sender->id(),
                                  caf::actor_cast<http_response_sink>(sender)});
            },
            [this, self](const http_cancel& x) {
              const auto from = self->current_sender()->id();
              cancelled.push_back(x.id);
              const auto gone = std::remove_if(
                  requests.begin(), requests.end(), [&](const open_request& r) {
                    return r.from_id == from && r.request.id == x.id;
                  });
              requests.erase(gone, requests.end());
            },
            [this](const sandbox_restored&) { ++restores; },
        };
      });
  ports_.timers =
      spawn([this](traced_port_pointer<timers_actor, timers_name> self)
                -> timers_actor::behavior_type {
        return {
            [this, self](const timer_set& x) {
              const auto& sender = self->current_sender();
              timers_[{sender->id(), x.id}] = {
                  x.due, next_order_++, caf::actor_cast<timer_sink>(sender)};
            },
            [this, self](const timer_cancel& x) {
              timers_.erase({self->current_sender()->id(), x.id});
            },
        };
      });
  ports_.agent_listener =
      spawn([this](traced_port_pointer<listener_actor, agent_listener_name>)
                -> listener_actor::behavior_type {
        return {
            [this](const listener_answer& x) { agent_answers.push_back(x); }};
      });
  ports_.telemetry_listener =
      spawn([this](traced_port_pointer<listener_actor, telemetry_listener_name>)
                -> listener_actor::behavior_type {
        return {[this](const listener_answer& x) {
          telemetry_answers.push_back(x);
        }};
      });
  ports_.application =
      spawn([this](traced_port_pointer<application_actor, application_name>)
                -> application_actor::behavior_type {
        return {[this](const lifecycle_ended& x) { exit_code = x.exit_code; }};
      });
  ports_.time = this;
  ports_.random = &random;
  ports_.log = &log_;
  settle();
}

struct ports virtual_world::ports() const {
  return ports_;
}

void virtual_world::record(actor_recorder& to) {
  config_.recording = &to;
  spawn_ports(); // those that are there are not recorded
  ports_.trace = &to.trace();
  ports_.time =
      &recorded_clock_.emplace(static_cast<const clock&>(*this), ports_.trace);
  ports_.random = &recorded_random_.emplace(random, ports_.trace);
}

bool virtual_world::step(size_t n) {
  auto& jobs = scheduler_.jobs;
  if (jobs.empty())
    return false;
  const auto chosen = jobs.begin() + static_cast<long>(n % jobs.size());
  std::rotate(jobs.begin(), chosen, chosen + 1);
  return scheduler_.try_run_once();
}

bool virtual_world::fire_next_timer() {
  const auto next = std::min_element(
      timers_.begin(), timers_.end(), [](const auto& x, const auto& y) {
        return std::pair{x.second.due, x.second.order}
               < std::pair{y.second.due, y.second.order};
      });
  if (next == timers_.end())
    return false;
  auto& now = scheduler_.clock().current_time;
  now = std::max(now, next->second.due);
  caf::anon_send(next->second.to, timer_fired{next->first.second});
  timers_.erase(next);
  return true;
}

void virtual_world::advance(std::chrono::nanoseconds d) {
  const auto until = scheduler_.clock().current_time + d;
  settle();
  const auto is_due = [&] {
    return std::any_of(timers_.begin(), timers_.end(),
                       [&](const auto& t) { return t.second.due <= until; });
  };
  while (is_due()) {
    fire_next_timer();
    settle();
  }
  scheduler_.clock().current_time = until;
}

steady_time virtual_world::now() const noexcept {
  return scheduler_.clock().current_time;
}

wall_ms virtual_world::wall() const noexcept {
  return wall_at_start
         + std::chrono::duration_cast<std::chrono::milliseconds>(now() - start)
               .count();
}

bool virtual_world::has_open(const std::string& path) const {
  return std::any_of(requests.begin(), requests.end(), [&](const auto& r) {
    return path_of(r.request.url) == path;
  });
}

open_request& virtual_world::open(const std::string& path) {
  for (auto& r : requests)
    if (path_of(r.request.url) == path)
      return r;
  ADD_FAILURE() << "no request under way for " << path;
  static open_request none;
  return none;
}

void virtual_world::answer(const std::string& path, http_response with) {
  for (size_t i = 0; i < requests.size(); ++i)
    if (path_of(requests[i].request.url) == path)
      return answer_at(i, std::move(with));
  ADD_FAILURE() << "no request under way for " << path;
}

void virtual_world::answer_at(size_t index, http_response with) {
  const auto asked = requests.at(index);
  requests.erase(requests.begin() + static_cast<long>(index));
  with.id = asked.request.id;
  caf::anon_send(asked.from, std::move(with));
}

http_response answered(uint16_t status, std::string body,
                       std::vector<http_header> headers) {
  http_response x;
  x.status = status;
  x.body = bytes{std::move(body)};
  x.headers = std::move(headers);
  return x;
}

http_response failed(http_failure how, bool may_have_arrived) {
  http_response x;
  x.failure = how;
  x.may_have_arrived = may_have_arrived;
  x.detail = "as the test says";
  return x;
}

} // namespace apm::test

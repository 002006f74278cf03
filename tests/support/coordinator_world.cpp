#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "caf/stateful_actor.hpp"

namespace apm::test {

namespace {

struct credentials_name {
  static inline const char* name = "credentials";
};

} // namespace

coordinator_world::coordinator_world() {
  config.sends_self_metrics = false; // most tests count lines
}

void coordinator_world::begin(telemetry_api api) {
  if (config.server_url.empty())
    config.server_url = "http://apm.example";
  config.function_name = "orders-api";
  config.service_name = "orders-api";
  coordinator_setup setup;
  setup.config = &config;
  setup.compressor = &compressor_;
  setup.version = "9";
  auto reached = ports();
  reached.credentials = credentials_;
  reached.spill = spill_;
  if (spill_)
    reached.note_held = [this](const held_figures& x) { noted.push_back(x); };
  reached.tracer = tracer_;
  coordinator = spawn(invocation_coordinator, reached, setup);
  poller_ = spawn([this](lifecycle_poller_actor::pointer self)
                      -> lifecycle_poller_actor::behavior_type {
    return {
        [](const http_response&) {},
        [](const timer_fired&) {},
        [this, self](const event_done& x) {
          events_done.push_back(x.sequence);
          http_request next;
          next.url = "http://lambda/2020-01-01/extension/event/next";
          self->send(ports().http, next);
          self->send(ports().http,
                     http_cancel{next.id}); // answered by the test
        },
        [](const stop_requested&) {},
    };
  });
  send(registered{"orders-api", "$LATEST", "app.handler", "123456789012", api});
  settle();
}

void coordinator_world::name_credentials() {
  credentials_ =
      spawn([this](traced_port_pointer<credentials_actor, credentials_name>)
                -> credentials_actor::behavior_type {
        return {
            [this](const credentials_wanted& x) {
              credentials_asked.push_back(x.id);
            },
            [](const fetch_ended&) {},
            [](const timer_fired&) {},
        };
      });
}

void coordinator_world::have_spill() {
  spill_ =
      spawn([this](spill_actor::pointer self) -> spill_actor::behavior_type {
        const auto sender = [self] {
          return caf::actor_cast<spill_sink>(self->current_sender());
        };
        return {
            [=](const spill_store& x) {
              if (!x.content.empty())
                stored.push_back(x);
              const bool is_kept = x.is_last || disk_room() > 0;
              if (is_kept && !x.content.empty())
                disk.push_back({x.id, x.content, 0, {}});
              self->send(sender(), spill_stored{x.id, is_kept, disk_room()});
            },
            [=](const spill_wanted& x) {
              ++spill_asked;
              self->send(sender(), take_from_disk(x.id));
            },
        };
      });
}

uint64_t coordinator_world::disk_room() const {
  uint64_t used = 0;
  for (const auto& file : disk)
    for (const auto& x : file.content)
      used += x.metadata.size() + x.lines.size();
  return disk_bytes_max > used ? disk_bytes_max - used : 0;
}

spill_found coordinator_world::take_from_disk(uint64_t id) {
  spill_found found;
  found.id = id;
  if (!disk.empty()) {
    auto file = std::move(disk.front());
    disk.pop_front();
    found.store = file.store;
    found.content = std::move(file.content);
    found.ignored_bytes = file.ignored_bytes;
    found.problem = std::move(file.problem);
  }
  found.lost = std::exchange(lost, {});
  for (const auto& file : disk)
    if (file.store == 0)
      for (const auto& x : file.content)
        found.earlier_lines += x.count;
  found.left = static_cast<uint32_t>(disk.size());
  found.room_bytes = disk_room();
  return found;
}

void coordinator_world::have_tracer() {
  tracer_ = spawn([this](tracer_actor::pointer) -> tracer_actor::behavior_type {
    return {
        [this](const flush_finding& x) { findings.push_back(x); },
        [this](const export_due& x) { exports_due.push_back(x.sequence); },
    };
  });
}

void coordinator_world::give_credentials(std::vector<std::string> failed) {
  ASSERT_FALSE(credentials_asked.empty());
  credentials_ready x;
  x.id = credentials_asked.back();
  if (failed.empty())
    x.fetched = {"ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID"};
  x.failed = std::move(failed);
  send(std::move(x));
}

uint64_t coordinator_world::open_session() {
  lambda_event event;
  event.kind = event_kind::session;
  const auto sequence = hand_over(std::move(event), 0s);
  settle();
  return sequence;
}

uint64_t coordinator_world::hand_over(lambda_event event,
                                      std::chrono::nanoseconds left) {
  event.sequence = ++last_sequence_;
  event.received_ms = wall();
  event.deadline = now() + left;
  event.deadline_ms =
      wall()
      + std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  caf::send_as(poller_, coordinator, std::move(event));
  return last_sequence_;
}

uint64_t coordinator_world::invoke(const std::string& request_id,
                                   std::chrono::nanoseconds left) {
  lambda_event event;
  event.kind = event_kind::invoke;
  event.request_id = request_id;
  event.function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:f";
  return hand_over(std::move(event), left);
}

uint64_t coordinator_world::shutdown(const std::string& reason) {
  lambda_event event;
  event.kind = event_kind::shutdown;
  event.reason = reason;
  return hand_over(std::move(event), 2s);
}

bool coordinator_world::is_done(uint64_t sequence) const {
  return std::find(events_done.begin(), events_done.end(), sequence)
         != events_done.end();
}

std::vector<std::string> coordinator_world::posted() {
  return unpacked_lines(open(intake_path).request);
}

const coordinator_state& coordinator_world::state() const {
  using actor = std::remove_pointer_t<coordinator_state::self_pointer>;
  auto* control = caf::actor_cast<caf::strong_actor_ptr>(coordinator)->get();
  return static_cast<actor*>(control)->state;
}

void coordinator_world::check_books() const {
  const auto& books = state().books();
  const auto& held = state().held();
  const auto& spilled = state().spilled();
  ASSERT_EQ(books.total().outstanding(),
            held.held_lines() + spilled.held_lines());
  for (uint64_t event = 0; event <= last_sequence_; ++event)
    ASSERT_EQ(books.of(event).outstanding(),
              held.held_lines(event) + spilled.held_lines(event))
        << "event " << event;
}

} // namespace apm::test

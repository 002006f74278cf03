#include "actors/apm_forwarder.hpp"

#include "actors/guard.hpp"
#include "runtime/delivery/judgement.hpp"

namespace apm {

namespace {

/// The APM Server's answers are a few hundred bytes; an error page of a proxy
/// may be longer and is of no use beyond its start.
constexpr uint64_t answer_bytes_max = 1024 * 1024;

result<std::string> make_body(const batch& b, gzip_compressor& compressor) {
  std::vector<std::string_view> parts{b.metadata.view(), "\n"};
  for (const auto& chunk : b.chunks)
    parts.push_back(chunk.view());
  return compressor.compress(parts);
}

http_request make_request(const batch& b, const apm_forwarder_setup& setup,
                          std::string body, steady_time now) {
  http_request request;
  request.id = b.lease;
  request.method = "POST";
  request.url = setup.server_url + "/intake/v2/events";
  request.headers = {
      {"Content-Type", "application/x-ndjson"},
      {"Content-Encoding", "gzip"},
      {"User-Agent", b.user_agent.empty()
                         ? setup.user_agent
                         : setup.user_agent + ' ' + b.user_agent},
  };
  request.with_credentials = true;
  request.body = bytes{std::move(body)};
  request.timeout_ms =
      (setup.deadline ? request_timeout(*setup.deadline, now, setup.limits)
                      : setup.limits.forwarder_timeout)
          .count();
  request.response_bytes_max = answer_bytes_max;
  return request;
}

} // namespace

apm_forwarder_actor::behavior_type
apm_forwarder(traced_pointer<apm_forwarder_actor, apm_forwarder_state> self,
              ports world, apm_forwarder_setup setup) {
  guard(self, world.log);
  self->set_exit_handler([=](caf::exit_msg& end) {
    if (self->state.open_lease != 0)
      self->send(world.http, http_cancel{self->state.open_lease});
    self->quit(std::move(end.reason));
  });
  return {
      [=](const batch& b) {
        auto body = make_body(b, *setup.compressor);
        if (!body) {
          delivery failed;
          failed.lease = b.lease;
          failed.outcome = delivery_outcome::not_taken;
          failed.is_server_failing = true; // no point in trying at once again
          failed.detail = body.error().detail;
          self->send(setup.coordinator, std::move(failed));
          return;
        }
        self->state.open_lease = b.lease;
        self->state.open_lines = b.lines;
        self->send(world.http, make_request(b, setup, std::move(body.value()),
                                            world.time->now()));
      },
      [=](const agent_signal& signal) {
        self->send(setup.coordinator,
                   done{end_signal::agent_flushed, signal.sequence});
      },
      [=](const drain&) {
        if (self->state.open_lease == 0)
          self->quit();
        else
          self->state.is_draining = true;
      },
      [=](const http_response& answer) {
        auto& open = self->state;
        self->send(setup.coordinator,
                   judge(answer, open.open_lease, open.open_lines));
        open.open_lease = 0;
        if (open.is_draining)
          self->quit();
      },
  };
}

} // namespace apm

#include "runtime/ports/credentials_port.hpp"

#include "runtime/aws/aws_answer.hpp"

#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

namespace {

std::string_view service_name(aws_service service) {
  switch (service) {
  case aws_service::secrets_manager:
    return "AWS Secrets Manager";
  case aws_service::parameter_store:
    return "SSM Parameter Store";
  case aws_service::certificate_manager:
    break;
  }
  return "AWS Certificate Manager";
}

std::string describe(const aws_source& source, const std::string& problem) {
  return "cannot fetch " + source.id + " from "
         + std::string{service_name(source.service)} + " (" + source.variable
         + "): " + problem;
}

} // namespace

void credentials_port_state::start(credentials_port_setup setup) {
  fetches_.resize(setup.sources.size());
  setup_ = std::make_shared<const credentials_port_setup>(std::move(setup));
}

void credentials_port_state::on_wanted(const credentials_wanted& x) {
  result_.id = x.id;
  if (asker_)
    return; // what is under way answers this one, too
  asker_ = caf::actor_cast<credentials_sink>(self_->current_sender());
  for (uint32_t source = 0; source < fetches_.size(); ++source) {
    if (fetches_[source].is_kept)
      continue;
    fetches_[source].tries = 0;
    ++open_;
    ask(source);
  }
  answer_if_done();
}

void credentials_port_state::ask(uint32_t source) {
  ++fetches_[source].tries;
  const credentials_actor self{self_};
  const auto call = make_aws_call(setup_->sources[source], *setup_->config);
  if (!call) {
    caf::anon_send(
        self, fetch_ended{source, fetch_outcome::failed, call.error().detail});
    return;
  }
  // What the answer holds goes into the store at once and into no message.
  setup_->call(call.value(), [=, setup = setup_](const http_response& answer) {
    const auto& asked = setup->sources[source];
    auto read = read_aws_answer(asked, answer);
    if (read.outcome == fetch_outcome::got)
      setup->store->put(asked.kind, asked.origin, std::move(read.value));
    caf::anon_send(self,
                   fetch_ended{source, read.outcome, std::move(read.problem)});
  });
}

void credentials_port_state::on_ended(const fetch_ended& x) {
  auto& ended = fetches_.at(x.source);
  const auto& source = setup_->sources.at(x.source);
  if (x.outcome == fetch_outcome::try_again && ended.tries < fetch_tries_max) {
    const auto pause = fetch_pause * (1U << (ended.tries - 1));
    self_->send(setup_->timers,
                timer_set{x.source, setup_->time->now() + pause});
    return;
  }
  --open_;
  if (x.outcome == fetch_outcome::got) {
    ended.is_kept = source.kind == credential_kind::ca_pem;
    result_.fetched.push_back(source.variable);
  } else {
    result_.failed.push_back(describe(source, x.problem));
  }
  answer_if_done();
}

void credentials_port_state::on_pause_over(uint64_t timer) {
  ask(static_cast<uint32_t>(timer));
}

void credentials_port_state::answer_if_done() {
  if (open_ > 0 || !asker_)
    return;
  self_->send(asker_, std::move(result_));
  result_ = {};
  asker_ = nullptr;
}

credentials_actor::behavior_type
credentials_port(credentials_port_state::self_pointer self,
                 credentials_port_setup setup) {
  auto& state = self->state;
  state.start(std::move(setup));
  return {
      [&state](const credentials_wanted& x) { state.on_wanted(x); },
      [&state](const fetch_ended& x) { state.on_ended(x); },
      [&state](const timer_fired& x) { state.on_pause_over(x.id); },
  };
}

} // namespace apm

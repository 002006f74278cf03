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

/// Names the pause before another try, unlike those of all other rounds.
uint64_t timer_of(uint64_t round, uint32_t source) {
  constexpr unsigned source_bits = 32;
  return round << source_bits | source;
}

} // namespace

void credentials_port_state::start(credentials_port_setup setup) {
  fetches_.resize(setup.sources.size());
  setup_ = std::make_shared<const credentials_port_setup>(std::move(setup));
}

void credentials_port_state::on_wanted(const credentials_wanted& x) {
  result_.id = x.id;
  const bool is_under_way = static_cast<bool>(asker_);
  asker_ = caf::actor_cast<credentials_sink>(self_->current_sender());
  // What is under way answers this one, too, unless it signs with keys that
  // are from before a restore.
  if (!is_under_way || needs_container_keys(*setup_->config))
    begin_round();
}

void credentials_port_state::begin_round() {
  ++round_;
  keys_ = std::make_shared<aws_keys>(keys_of(*setup_->config));
  result_.fetched.clear();
  result_.failed.clear();
  open_ = 0;
  for (auto& each : fetches_) {
    each.tries = 0;
    open_ += each.is_kept ? 0 : 1;
  }
  keys_fetch_.tries = 0;
  if (open_ > 0 && needs_container_keys(*setup_->config))
    ask_for_keys();
  else
    ask_for_all();
  answer_if_done();
}

void credentials_port_state::ask_for_all() {
  for (uint32_t source = 0; source < fetches_.size(); ++source)
    if (!fetches_[source].is_kept)
      ask(source);
}

void credentials_port_state::note(uint32_t source, fetch_outcome outcome,
                                  std::string problem) {
  caf::anon_send(credentials_actor{self_},
                 fetch_ended{round_, source, outcome, std::move(problem)});
}

result<std::string> credentials_port_state::container_token() const {
  const auto& config = *setup_->config;
  if (config.aws_container_token_file.empty())
    return config.aws_container_token;
  auto text = setup_->read_file(config.aws_container_token_file);
  if (!text)
    return error{text.error().code, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE "
                                    "cannot be read: "
                                        + text.error().detail};
  return std::string{trim_credential(text.value())};
}

void credentials_port_state::ask_for_keys() {
  ++keys_fetch_.tries;
  const auto token = container_token();
  if (!token)
    return note(keys_source, fetch_outcome::failed, token.error().detail);
  setup_->hide(token.value());
  const auto call = make_keys_call(*setup_->config, token.value());
  if (!call)
    return note(keys_source, fetch_outcome::failed, call.error().detail);
  // As with the secrets: the keys go into no message.
  const std::weak_ptr<aws_keys> kept = keys_;
  setup_->call(call.value(), [=, setup = setup_](const http_response& answer) {
    const auto keys = kept.lock();
    if (!keys)
      return;
    auto read = read_keys_answer(answer);
    if (read.outcome == fetch_outcome::got) {
      for (const auto* secret :
           {&read.keys.access_key_id, &read.keys.secret_access_key,
            &read.keys.session_token})
        setup->hide(*secret);
      *keys = std::move(read.keys);
    }
    note(keys_source, read.outcome, std::move(read.problem));
  });
}

void credentials_port_state::ask(uint32_t source) {
  ++fetches_[source].tries;
  const auto call =
      make_aws_call(setup_->sources[source], *setup_->config, *keys_);
  if (!call)
    return note(source, fetch_outcome::failed, call.error().detail);
  // What the answer holds goes into the store at once and into no message.
  const std::weak_ptr<aws_keys> kept = keys_;
  setup_->call(call.value(), [=, setup = setup_](const http_response& answer) {
    if (kept.expired())
      return; // an older secret must not take a newer one's place
    const auto& asked = setup->sources[source];
    auto read = read_aws_answer(asked, answer);
    if (read.outcome == fetch_outcome::got)
      setup->store->put(asked.kind, asked.origin, std::move(read.value));
    note(source, read.outcome, std::move(read.problem));
  });
}

bool credentials_port_state::tries_again(const fetch_ended& x,
                                         const fetch& ended) {
  if (x.outcome != fetch_outcome::try_again || ended.tries >= fetch_tries_max)
    return false;
  const auto pause = fetch_pause * (1U << (ended.tries - 1));
  self_->send(setup_->timers, timer_set{timer_of(x.round, x.source),
                                        setup_->time->now() + pause});
  return true;
}

void credentials_port_state::on_ended(const fetch_ended& x) {
  if (x.round != round_)
    return;
  const bool is_of_keys = x.source == keys_source;
  if (tries_again(x, is_of_keys ? keys_fetch_ : fetches_.at(x.source)))
    return;
  if (!is_of_keys)
    finish(x.source, x.outcome, x.problem);
  else if (x.outcome == fetch_outcome::got)
    ask_for_all();
  else
    for (uint32_t source = 0; source < fetches_.size(); ++source)
      if (!fetches_[source].is_kept)
        finish(source, x.outcome,
               "no keys from " + setup_->config->aws_container_uri
                   + " to sign with: " + x.problem);
  answer_if_done();
}

void credentials_port_state::finish(uint32_t source, fetch_outcome outcome,
                                    const std::string& problem) {
  const auto& ended = setup_->sources.at(source);
  --open_;
  if (outcome != fetch_outcome::got)
    return result_.failed.push_back(describe(ended, problem));
  fetches_.at(source).is_kept = ended.kind == credential_kind::ca_pem;
  result_.fetched.push_back(ended.variable);
}

void credentials_port_state::on_pause_over(uint64_t timer) {
  const auto source = static_cast<uint32_t>(timer);
  if (timer != timer_of(round_, source))
    return;
  if (source == keys_source)
    ask_for_keys();
  else
    ask(source);
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

// What a guide decides of a life in a modelled world; see life.hpp.
#include "tools/flushtrace/whatif/life.hpp"

namespace flushtrace {

namespace {

std::string_view name_of(request_kind x) noexcept {
  switch (x) {
  case request_kind::intake:
    return "answer to a POST";
  case request_kind::relay:
    return "answer to an agent's own request";
  case request_kind::next_event:
    return "next event";
  case request_kind::lambda:
    break;
  }
  return "answer of Lambda";
}

} // namespace

/// There is one.
arrival life::next_arrival() {
  if (guide_ == nullptr)
    return *open_.next();
  const auto possible = open_.possible();
  const auto chosen = guide_->choose(possible, *this);
  answer_ = chosen.answer;
  return possible[chosen.which];
}

std::string life::describe(const arrival& x) const {
  switch (x.kind) {
  case arrival_kind::answer:
    return std::string{name_of(open_.find_request(x.who)->kind)};
  case arrival_kind::item:
    return std::string{
        book_.type_of(run_.all()[script_.items()[x.which].index])};
  case arrival_kind::promise:
    return "a port's word";
  case arrival_kind::alarm:
    break;
  }
  return open_.find_alarm(x.who)->is_signal ? "deadline" : "timer";
}

bool life::is_post_answer(const arrival& x) const {
  return x.kind == arrival_kind::answer
         && open_.find_request(x.who)->kind == request_kind::intake;
}

} // namespace flushtrace

#include "tools/flushtrace/whatif/modelled_answers.hpp"

#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>
#include <cmath>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

apm::http_response timed_out(int64_t timeout_ms, uint64_t id) {
  auto made = answer_of({0, apm::http_failure::timeout}, id);
  made.detail = "no answer within " + std::to_string(timeout_ms) + " ms";
  return made;
}

/// One that came during a freeze does not lose against its own time-out.
bool is_timed_out(const open_request& x, int64_t due) noexcept {
  return x.is_timed_out
         && (x.answer.latency_ns == never
             || x.begin + x.answer.latency_ns > due);
}

} // namespace

apm::http_response answer_of(const stated_answer& x, uint64_t id) {
  apm::http_response made;
  made.id = id;
  made.failure = x.failure;
  made.status = x.status;
  made.may_have_arrived = x.failure != apm::http_failure::connect;
  made.detail = x.failure == apm::http_failure::none ? "" : "as was stated";
  if (x.failure == apm::http_failure::none && x.status / 100 != 2)
    made.body = apm::bytes{std::string{R"({"accepted":0})"}};
  return made;
}

apm::result<apm::http_response> modelled_answers::to(const open_request& x,
                                                     uint64_t id, int64_t due,
                                                     int64_t now) {
  if (is_timed_out(x, due))
    return timed_out(x.timeout_ms, id);
  if (x.answer.like == nullptr)
    return answer_of(x.answer.stated, id);
  auto made = inputs_.answer(run_.all()[x.answer.like->answer], id);
  if (made && x.kind == request_kind::next_event) {
    const auto later = static_cast<double>(now - x.answer.like->end_ns);
    move_deadline(made.value(),
                  std::llround(later / static_cast<double>(ns_per_ms)));
  }
  return made;
}

void modelled_answers::note(apm::trace::recorder& to,
                            const apm::http_response& x, const open_request& of,
                            int64_t now) const {
  int64_t phases[5] = {}; // up to the first byte
  bool is_reused = true;
  const auto* like = of.answer.like;
  if (like != nullptr && like->phases != no_index) {
    const auto content = book_.read(run_.all()[like->phases]);
    for (size_t i = 0; i < 5; ++i)
      phases[i] = field_at(content, i + 2).signed_number;
    is_reused = field_at(content, 8).number != 0;
  }
  const int64_t total_us = (now - of.begin) / ns_per_us;
  const bool is_answered = x.failure == apm::http_failure::none;
  phases[4] =
      is_answered ? std::min(total_us, std::max(phases[4], total_us - 1)) : 0;
  apm::trace::note(&to, record_kind::post, uint64_t{x.status}, x.failure,
                   phases[0], phases[1], phases[2], phases[3], phases[4],
                   total_us, is_reused, uint64_t{0}, uint64_t{x.body.size()});
}

} // namespace flushtrace

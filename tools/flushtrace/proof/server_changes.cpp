// Other answers of the APM Server; see life_changes.hpp.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/proof/life_changes.hpp"

#include <algorithm>

namespace flushtrace::changes {

namespace {

/// A server of the same region that is well, where the trace shows none.
constexpr int64_t good_answer_ns = 20'000'000;

int64_t usual_answer_ns(const trace_facts& all) {
  const auto known = known_answer_ns(all);
  return known != 0 ? known : good_answer_ns;
}

neutralisations supposing(neutralisations found, alteration change,
                          const std::string& assumption) {
  neutralisation supposed{std::move(change), {}};
  supposed.assumption = assumption;
  for (auto& each : found)
    each = joined(each, supposed);
  return found;
}

} // namespace

int64_t known_answer_ns(const trace_facts& all) {
  std::vector<int64_t> took;
  for (const auto& event : all.events)
    for (const auto& post : event.posts)
      if (post.how == post_end::answered && !post.has_failed())
        took.push_back(post.duration_ns(post.end.ns));
  std::sort(took.begin(), took.end());
  return took.empty() ? 0 : took[took.size() / 2];
}

neutralisations server_answers(const suspect&) {
  alteration x;
  x.server_answers = {{}};
  return {{x, "the APM Server answers 202"}};
}

neutralisations server_answers_soon(const suspect& of) {
  alteration x;
  x.server_answers = {{}};
  x.server_latency.fixed_ns = usual_answer_ns(of.all);
  return {{x, "the APM Server answers 202 in "
                  + in_words(*x.server_latency.fixed_ns)}};
}

neutralisations server_is_there(const suspect& of) {
  auto all = server_answers_soon(of);
  if (of.all.settings.server_url.empty()) {
    all[0].change.environment["ELASTIC_APM_LAMBDA_APM_SERVER"] =
        "https://apm.example";
    all[0].text = "an APM Server is configured, and answers 202";
  }
  return all;
}

neutralisations server_is_fast(const suspect& of) {
  alteration x;
  x.server_latency.fixed_ns = std::min(usual_answer_ns(of.all), good_answer_ns);
  return {
      {x, "the APM Server answers in " + in_words(*x.server_latency.fixed_ns)}};
}

neutralisations with_a_server(const suspect& of, neutralisations found) {
  int64_t waited_ns = 0;
  int64_t answered_ns = 0;
  for (const auto& event : of.all.events)
    for (const auto& post : event.posts) {
      const auto ns = post.end ? post.duration_ns(post.end.ns) : 0;
      if (post.how == post_end::answered)
        answered_ns = std::max(answered_ns, ns);
      else if (event.event == of.event.facts.event)
        waited_ns = std::max(waited_ns, ns);
    }
  if (waited_ns <= answered_ns)
    return found;
  alteration server;
  server.server_answers = {{}};
  server.server_latency.fixed_ns = 2 * waited_ns;
  return supposing(std::move(found), std::move(server),
                   "the APM Server answers in " + in_words(2 * waited_ns)
                       + ", twice what it was given");
}

neutralisations with_further_answers(const suspect& of, neutralisations found) {
  alteration server;
  for (const auto& event : of.all.events) {
    if (event.event > of.event.facts.event)
      break;
    for (const auto& post : event.posts)
      server.server_answers.push_back(
          {post.how == post_end::answered ? post.status : uint16_t{0},
           post.how == post_end::answered ? apm::http_failure::none
                                          : post.failure});
  }
  server.server_answers.push_back({});
  return supposing(std::move(found), std::move(server),
                   "the APM Server answers 202 to what was never sent");
}

} // namespace flushtrace::changes

// Rule cursor: see the header.
#include "tools/lambda-sandbox/apm_server/rule_cursor.hpp"

#include <utility>

namespace sandbox {

rule_cursor::rule_cursor(std::vector<apm_server_rule> rules)
    : rules_(std::move(rules)) {}

apm_server_rule rule_cursor::take(std::int64_t now_ns) {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  if (current_ < rules_.size() && first_use_ns_ > 0
      && rules_[current_].for_ms > 0
      && now_ns - first_use_ns_ >= rules_[current_].for_ms * ns_per_ms)
    advance();
  if (current_ >= rules_.size())
    return {};
  if (refusal_ms() > 0) {
    apm_server_rule cut;
    cut.hang = true;
    return cut;
  }
  auto rule = rules_[current_];
  if (first_use_ns_ == 0)
    first_use_ns_ = now_ns;
  ++used_;
  if (rule.for_ms == 0 && rule.times != apm_server_rule::forever
      && used_ >= rule.times)
    advance();
  return rule;
}

std::int64_t rule_cursor::refusal_ms() const {
  return current_ < rules_.size() ? rules_[current_].refuse_ms : 0;
}

void rule_cursor::end_refusal() {
  if (refusal_ms() > 0)
    advance();
}

void rule_cursor::advance() {
  ++current_;
  used_ = 0;
  first_use_ns_ = 0;
}

} // namespace sandbox

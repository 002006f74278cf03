#include "tools/flushtrace/explanation_proof.hpp"

#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/explanation.hpp"

#include <cstdlib>

namespace flushtrace {

namespace {

std::string what_is_missed(const event_outcome& x) {
  std::string text;
  const auto add = [&](uint64_t count, const char* what, const char* how) {
    if (count > 0)
      text += (text.empty() ? "" : ", ") + counted(count, what) + how;
  };
  add(x.lost, "line", " lost");
  add(x.rejected, "line", " rejected");
  add(x.delayed, "line", " still held");
  add(x.platform_records + x.forgotten_records, "record", " lost");
  add(x.refused_bytes, "byte", " unreadable");
  return text.empty() ? describe(x) : text;
}

std::string what_comes(const but_for& x) {
  std::string text = x.is_same_life ? "nothing is otherwise"
                     : !x.is_there  ? "the event does not come about"
                     : x.is_clean() ? "nothing is missed"
                                    : what_is_missed(x.outcome);
  if (x.billed_ns && *x.billed_ns != 0)
    text += ", and " + in_words(std::abs(*x.billed_ns))
            + (*x.billed_ns > 0 ? " more" : " less") + " are billed";
  return text + (x.is_exact ? " (exact)" : " (modelled)");
}

/// What is otherwise beside the setting.
std::string supposed_beside(const but_for& x, const std::string& setting) {
  return x.change.compare(0, setting.size(), setting) == 0
             ? x.change.substr(setting.size())
             : std::string{};
}

} // namespace

const char* name_of(proof how) noexcept {
  switch (how) {
  case proof::proved:
    return "proved";
  case proof::ruled_out:
    return "ruled out";
  case proof::inferred:
    break;
  }
  return "inferred";
}

std::string proof_text(const finding& x) {
  if (x.without)
    return "where " + x.without->change + ": " + what_comes(*x.without);
  if (x.why_inferred.empty())
    return {};
  // The first sentence: the others say what can be done about it.
  return "not proved: " + x.why_inferred.substr(0, x.why_inferred.find(". "));
}

std::string effect_text(const finding& x) {
  if (!x.with_remedy)
    return {};
  return "with it" + supposed_beside(*x.with_remedy, setting_of(x.fix)) + ": "
         + what_comes(*x.with_remedy);
}

} // namespace flushtrace

#include "tools/flushtrace/explanation_causes.hpp"

#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/explanation_proof.hpp"
#include "tools/flushtrace/record_text.hpp"

namespace flushtrace {

namespace {

// What a screen has room for; JSON has all.
constexpr size_t causes_max = 4;
constexpr size_t evidence_max = 8;

std::string records_of(const std::vector<uint64_t>& evidence) {
  std::string text = evidence.size() == 1 ? "record" : "records";
  for (size_t i = 0; i < evidence.size() && i < evidence_max; ++i)
    text += ' ' + std::to_string(evidence[i]);
  if (evidence.size() > evidence_max)
    text += " and " + std::to_string(evidence.size() - evidence_max) + " more";
  return text;
}

std::string sentence(std::string text) {
  const auto word = text.substr(0, text.find(' '));
  const bool is_name = word.find('.') != std::string::npos;
  if (!is_name && !text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + '.';
}

/// Remarks are left out where there is anything else to say.
std::vector<const finding*> shown_of(const event_analysis& x) {
  std::vector<const finding*> shown;
  for (const auto& each : x.findings)
    if (shown.empty() || each.weight > remark_weight_max)
      shown.push_back(&each);
  return shown;
}

void add_cause(explanation_screen& to, const finding& x, bool is_first) {
  to.loud_line(std::string{x.what->id} + "  (" + name_of(x.how) + ')', 4,
               "\033[33;1m");
  to.line(is_first ? x.what->what + std::string{" "} + sentence(x.detail)
                   : sentence(x.detail),
          6);
  to.line(records_of(x.evidence), 6);
  if (const auto told = proof_text(x); !told.empty())
    to.line(told, 6);
}

void add_uncaused(explanation_screen& to, const event_analysis& x) {
  for (const auto& each : x.uncaused) {
    to.line(sentence(each.detail), 4);
    to.line(records_of(each.evidence), 4);
  }
}

void add_remedy(explanation_screen& to, const finding& x) {
  to.line("remedy");
  to.line(x.fix.text, 4);
  if (const auto setting = setting_of(x.fix); !setting.empty())
    to.line(printable(setting), 4);
  if (const auto effect = effect_text(x); !effect.empty())
    to.line(effect, 4);
}

} // namespace

void add_causes(explanation_screen& to, const event_analysis& x) {
  if (x.findings.empty()) {
    if (x.outcome.is_missed())
      to.line("cause    none of those that are known: see flushtrace dump "
              "--event "
              + std::to_string(x.facts.event));
    return add_uncaused(to, x);
  }
  const auto shown = shown_of(x);
  const bool is_remark = !x.outcome.is_missed() && !x.outcome.is_undecidable;
  to.line(is_remark ? "remark" : shown.size() == 1 ? "cause" : "causes");
  for (size_t i = 0; i < shown.size() && i < causes_max; ++i)
    add_cause(to, *shown[i], i == 0);
  if (shown.size() > causes_max)
    to.line("and " + std::to_string(shown.size() - causes_max) + " more", 4);
  if (!x.uncaused.empty())
    to.line("for none of the known causes");
  add_uncaused(to, x);
  add_remedy(to, *shown.front());
}

std::string primary_cause(const event_analysis& x) {
  return x.findings.empty() ? "" : x.findings.front().what->id;
}

std::string setting_of(const remedy& x) {
  return x.setting.empty() ? "" : x.setting + '=' + x.value;
}

} // namespace flushtrace

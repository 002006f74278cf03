// Scenarios in words; see scenario.hpp.
#include "tools/flushtrace/explore/scenario.hpp"

#include <charconv>

namespace flushtrace {

namespace {

constexpr std::string_view invocations_word = "invocations=";
constexpr std::string_view faults_word = "faults=";

bool read_number(std::string_view word, std::string_view name, uint32_t least,
                 uint32_t most, uint32_t& to) {
  if (word.substr(0, name.size()) != name)
    return false;
  word.remove_prefix(name.size());
  uint32_t number = 0;
  const auto* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number < least
      || number > most)
    return false;
  to = number;
  return true;
}

bool read_word(std::string_view word, scenario& to) {
  if (word == "syncflush")
    to.strategy = apm::send_strategy::syncflush;
  else if (word == "background")
    to.strategy = apm::send_strategy::background;
  else if (word == "at_least_once")
    to.delivery = apm::delivery_policy::at_least_once;
  else if (word == "at_most_once")
    to.delivery = apm::delivery_policy::at_most_once;
  else if (word == "loop")
    to.order = order_kind::loop;
  else if (word == "any")
    to.order = order_kind::any;
  else if (word == "leaves_out")
    to.may_leave_out = true;
  else
    return read_number(word, invocations_word, 1, invocations_max,
                       to.invocations)
           || read_number(word, faults_word, 0, faults_max, to.faults);
  return true;
}

} // namespace

std::string spell(const scenario& x) {
  std::string text =
      x.strategy == apm::send_strategy::background ? "background" : "syncflush";
  text += x.delivery == apm::delivery_policy::at_most_once ? " at_most_once"
                                                           : " at_least_once";
  text += ' ' + std::string{invocations_word} + std::to_string(x.invocations);
  text += ' ' + std::string{faults_word} + std::to_string(x.faults);
  text += x.order == order_kind::any ? " any" : " loop";
  return text + (x.may_leave_out ? " leaves_out" : "");
}

apm::result<scenario> read_scenario(std::string_view text) {
  scenario found;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (!read_word(word, found))
      return apm::error{apm::errc::bad_value,
                        '`' + std::string{word}
                            + "` says nothing of a scenario"};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

} // namespace flushtrace

// Names of steps; see steps.hpp.
#include "tools/flushtrace/explore/steps.hpp"

#include "tools/flushtrace/explore/scripts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace flushtrace {

namespace {

struct name {
  const char* spelt;
  const char* told; ///< for people
};

constexpr std::array<name, agent_steps> agent_names{
    {{"registration", "registers its transaction"},
     {"data", "data, three lines"},
     {"flush_signal", "flush signal"}}};

constexpr std::array<name, platform_steps> platform_names{
    {{"start_and_log", "platform.start, and a line of the function's log"},
     {"runtime_done", "platform.runtimeDone"},
     {"report", "platform.report"}}};

constexpr std::array<name, answer_kinds> answer_names{
    {{"accepted", "202"},
     {"unavailable", "503, nothing taken"},
     {"partly_unavailable", "503, one line taken"},
     {"partly_refused", "400, one line taken, the others refused"},
     {"lost", "takes all, and its answer is lost"},
     {"no_connection", "cannot be reached"},
     {"hangs", "hangs"}}};

const name& name_of(answer_kind how) {
  return answer_names[static_cast<size_t>(how)];
}

apm::error none(std::string_view text) {
  return {apm::errc::bad_value, '`' + std::string{text} + "` is no step"};
}

/// `agent(flush_signal, 1)`, taken apart.
struct call {
  std::string_view function;
  std::string_view first; ///< empty: there is none
  std::string_view second;
};

std::string_view trimmed(std::string_view x) {
  while (!x.empty() && x.front() == ' ')
    x.remove_prefix(1);
  while (!x.empty() && x.back() == ' ')
    x.remove_suffix(1);
  return x;
}

call apart(std::string_view text) {
  const auto open = text.find('(');
  if (open == std::string_view::npos || text.back() != ')')
    return {};
  const auto arguments = text.substr(open + 1, text.size() - open - 2);
  const auto comma = std::min(arguments.find(','), arguments.size());
  const auto rest = arguments.substr(std::min(comma + 1, arguments.size()));
  return {text.substr(0, open), trimmed(arguments.substr(0, comma)),
          trimmed(rest)};
}

/// *Shape:* as large as `action::which`.
bool read_number(std::string_view text, uint8_t& to) {
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, to);
  return read.ec == std::errc{} && read.ptr == end;
}

template <size_t N>
bool read_name(std::string_view text, const std::array<name, N>& names,
               uint8_t& to) {
  const auto found =
      std::find_if(names.begin(), names.end(),
                   [&](const name& x) { return text == x.spelt; });
  to = static_cast<uint8_t>(found - names.begin());
  return found != names.end();
}

/// Of an agent or the platform: which one, of which invocation.
template <size_t N>
bool read_scripted(const call& x, const std::array<name, N>& names,
                   uint8_t& to) {
  constexpr uint8_t invocations = UINT8_MAX / N;
  uint8_t what = 0;
  uint8_t invocation = 0;
  if (!read_name(x.first, names, what) || !read_number(x.second, invocation)
      || invocation == 0 || invocation > invocations)
    return false;
  to = static_cast<uint8_t>((invocation - 1) * N + what);
  return true;
}

template <size_t N>
std::string spell_scripted(const char* who, uint8_t which,
                           const std::array<name, N>& names) {
  return std::string{who} + '(' + names[which % N].spelt + ", "
         + std::to_string(which / N + 1) + ')';
}

template <size_t N>
std::string tell_scripted(const char* who, uint8_t which,
                          const std::array<name, N>& names) {
  return std::string{who} + ", invocation " + std::to_string(which / N + 1)
         + ": " + names[which % N].told;
}

} // namespace

namespace steps {

action invoke(uint8_t invocation) {
  return {action_kind::lambda, invocation, {}};
}

action shutdown() {
  return {action_kind::lambda, 0, {}};
}

action agent(agent_step what, uint8_t invocation) {
  return {action_kind::agent,
          static_cast<uint8_t>((invocation - 1) * agent_steps + what),
          {}};
}

action platform(platform_step what, uint8_t invocation) {
  return {action_kind::platform,
          static_cast<uint8_t>((invocation - 1) * platform_steps + what),
          {}};
}

action server(answer_kind how, uint8_t which) {
  return {action_kind::answer, which, how};
}

action time_goes_on() {
  return {action_kind::time, 0, {}};
}

action turn(uint8_t which) {
  return {action_kind::turn, which, {}};
}

} // namespace steps

std::string spell(const action& x) {
  const auto number = std::to_string(x.which);
  switch (x.kind) {
  case action_kind::turn:
    return "turn(" + number + ')';
  case action_kind::lambda:
    return x.which == 0 ? "shutdown()" : "invoke(" + number + ')';
  case action_kind::agent:
    return spell_scripted("agent", x.which, agent_names);
  case action_kind::platform:
    return spell_scripted("platform", x.which, platform_names);
  case action_kind::answer:
    return std::string{"server("} + name_of(x.how).spelt
           + (x.which == 0 ? "" : ", " + number) + ')';
  case action_kind::time:
    break;
  }
  return "time_goes_on()";
}

apm::result<action> read_step(std::string_view text) {
  const auto x = apart(trimmed(text));
  uint8_t number = 0;
  uint8_t which = 0;
  if (x.function == "turn" && read_number(x.first, number))
    return steps::turn(number);
  if (x.function == "shutdown" && x.first.empty())
    return steps::shutdown();
  if (x.function == "invoke" && read_number(x.first, number) && number > 0)
    return steps::invoke(number);
  if (x.function == "agent" && read_scripted(x, agent_names, number))
    return action{action_kind::agent, number, {}};
  if (x.function == "platform" && read_scripted(x, platform_names, number))
    return action{action_kind::platform, number, {}};
  if (x.function == "server" && read_name(x.first, answer_names, number)
      && (x.second.empty() || read_number(x.second, which)))
    return steps::server(static_cast<answer_kind>(number), which);
  if (x.function == "time_goes_on" && x.first.empty())
    return steps::time_goes_on();
  return none(text);
}

std::string describe(const action& x) {
  switch (x.kind) {
  case action_kind::turn:
    return "turn " + std::to_string(x.which);
  case action_kind::lambda:
    return x.which == 0 ? "Lambda: SHUTDOWN"
                        : "Lambda: INVOKE " + std::to_string(x.which);
  case action_kind::agent:
    return tell_scripted("agent", x.which, agent_names);
  case action_kind::platform:
    return tell_scripted("platform", x.which, platform_names);
  case action_kind::answer:
    return std::string{"APM Server: "} + name_of(x.how).told;
  case action_kind::time:
    break;
  }
  return "time: on to what is due first";
}

std::string spell(const std::vector<action>& x) {
  std::string text;
  for (const auto& each : x)
    text += (text.empty() ? "" : "; ") + spell(each);
  return text;
}

apm::result<std::vector<action>> read_steps(std::string_view text) {
  std::vector<action> found;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    auto step = read_step(text.substr(0, end));
    if (!step)
      return step.error();
    found.push_back(step.value());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

bool is_event(const action& x) noexcept {
  return x.kind != action_kind::time && x.kind != action_kind::turn;
}

size_t count_events(const std::vector<action>& of) noexcept {
  return static_cast<size_t>(std::count_if(of.begin(), of.end(), is_event));
}

} // namespace flushtrace

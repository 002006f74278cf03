#include "tools/flushtrace/summary/gate.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

std::string_view family_of(std::string_view cause) {
  return cause.substr(0, cause.find('.'));
}

/// Of what may be in an attribute or a text; anything that XML has no place
/// for becomes `?`.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    default:
      out += c >= ' ' && c <= '~' ? c : '?';
    }
  }
  return out;
}

void add_case(const fleet& x, const std::string& cause, bool has_failed,
              std::string& to) {
  // A report is read by people: the first events tell what to look for.
  constexpr size_t shown_max = 20;
  to += "  <testcase classname=\"flushtrace." + std::string{family_of(cause)}
        + "\" name=\"" + escaped(cause) + '"';
  if (!has_failed) {
    to += "/>\n";
    return;
  }
  const auto& cost = x.causes.at(cause);
  to += ">\n    <failure message=\"" + std::to_string(cost.events) + " events, "
        + std::to_string(cost.lost) + " lines lost, "
        + std::to_string(cost.delayed) + " held\">";
  size_t shown = 0;
  for (const auto& miss : x.misses) {
    if (miss.cause != cause || shown == shown_max)
      continue;
    ++shown;
    to += escaped("process " + std::to_string(miss.process) + " event "
                  + std::to_string(miss.event) + ' ' + miss.request_id + ' '
                  + miss.begin + ": " + miss.outcome)
          + '\n';
  }
  to += "</failure>\n  </testcase>\n";
}

} // namespace

apm::result<baseline> read_baseline(std::string_view text) {
  if (auto wrong = apm::check_json(text))
    return *wrong;
  baseline known;
  bool has_causes = false;
  for (apm::json_walk member{text}; member.next();) {
    if (member.key() != "causes")
      continue;
    has_causes = true;
    for (apm::json_walk each{member.value()}; each.next();) {
      std::string cause;
      int64_t events = 0;
      for (apm::json_walk field{each.value()}; field.next();) {
        if (field.key() == "cause")
          cause = apm::json_string(field.value()).value_or("");
        else if (field.key() == "events")
          events = apm::json_integer(field.value()).value_or(0);
      }
      if (events > 0)
        known[cause] = static_cast<uint64_t>(events);
    }
  }
  if (!has_causes)
    return apm::error{apm::errc::bad_shape,
                      "is not what flushtrace summary --json writes"};
  return known;
}

bool is_known_choice(const std::string& word) {
  return word == "any" || word == unknown_cause
         || std::any_of(all_causes().begin(), all_causes().end(),
                        [&](const cause& x) {
                          return word == x.id || word == family_of(x.id);
                        });
}

std::vector<std::string> failing_causes(const fleet& x,
                                        const std::vector<std::string>& fail_on,
                                        const baseline& known) {
  std::vector<std::string> failing;
  for (const auto& [cause, cost] : x.causes) {
    const auto is_named = [&, id = cause](const std::string& word) {
      return word == "any" || word == id || word == family_of(id);
    };
    const bool is_chosen =
        fail_on.empty()
        || std::any_of(fail_on.begin(), fail_on.end(), is_named);
    const auto old = known.find(cause);
    if (is_chosen && cost.events > (old == known.end() ? 0 : old->second))
      failing.push_back(cause);
  }
  return failing;
}

std::string junit_report(const fleet& x,
                         const std::vector<std::string>& failing) {
  const auto has_failed = [&](const std::string& cause) {
    return std::find(failing.begin(), failing.end(), cause) != failing.end();
  };
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<testsuite name=\"flushtrace\" tests=\""
                     + std::to_string(all_causes().size() + 1)
                     + "\" failures=\"" + std::to_string(failing.size())
                     + "\">\n";
  for (const auto& each : all_causes())
    add_case(x, each.id, has_failed(each.id), text);
  add_case(x, unknown_cause, has_failed(unknown_cause), text);
  return text + "</testsuite>\n";
}

} // namespace flushtrace

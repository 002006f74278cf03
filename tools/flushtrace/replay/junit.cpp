// Writing JUnit's XML; see junit.hpp.
#include "tools/flushtrace/replay/junit.hpp"

#include <cstdio>

namespace flushtrace {

namespace {

/// What XML may hold: other control characters have no form in it at all.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\n')
      out += "&#10;";
    else
      out += c < ' ' || c > '~' ? '?' : c;
  }
  return out;
}

std::string in_seconds(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", x);
  return text;
}

} // namespace

void junit_report::add(std::string_view name, double seconds,
                       std::string_view failure) {
  ++count_;
  seconds_ += seconds;
  cases_ += "  <testcase classname=\"" + escaped(suite_) + "\" name=\""
            + escaped(name) + "\" time=\"" + in_seconds(seconds) + '"';
  if (failure.empty()) {
    cases_ += "/>\n";
    return;
  }
  ++failures_;
  cases_ += ">\n    <failure message=\""
            + escaped(failure.substr(0, failure.find('\n'))) + "\">"
            + escaped(failure) + "</failure>\n  </testcase>\n";
}

std::string junit_report::text() const {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\""
         + escaped(suite_) + "\" tests=\"" + std::to_string(count_)
         + "\" failures=\"" + std::to_string(failures_)
         + "\" errors=\"0\" skipped=\"0\" time=\"" + in_seconds(seconds_)
         + "\">\n" + cases_ + "</testsuite>\n";
}

} // namespace flushtrace

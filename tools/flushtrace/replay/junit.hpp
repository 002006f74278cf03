// A report as JUnit's XML has it, which CI systems show.
//
//   junit_report report{"suite"};
//   report.add("case", seconds, what_is_wrong);
//   file << report.text();
// *Source:* the schema of Maven Surefire's reports, version 3.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flushtrace {

class junit_report {
public:
  explicit junit_report(std::string suite) : suite_(std::move(suite)) {}

  /// @param failure empty: it has passed
  void add(std::string_view name, double seconds, std::string_view failure);

  std::string text() const;

private:
  std::string suite_;
  std::string cases_;
  size_t count_ = 0;
  size_t failures_ = 0;
  double seconds_ = 0;
};

} // namespace flushtrace

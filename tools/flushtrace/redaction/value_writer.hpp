// Writes the values of a payload again, as FORMAT.md has them: the opposite of
// `schema_book::read`.
#pragma once

#include "runtime/trace/values.hpp"

#include <string>

namespace flushtrace {

/// Appends values until one is missing: what follows it was cut.
class value_writer {
public:
  explicit value_writer(std::string& to) : to_(to) {}

  void put(const apm::trace::value& x);

private:
  void put_text(const apm::trace::value& x);
  void put_body(const apm::trace::value& x);
  void put_list(const apm::trace::value& x);

  std::string& to_;
  bool is_cut_ = false;
};

} // namespace flushtrace

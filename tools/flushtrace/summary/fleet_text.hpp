// A fleet's figures: tables for people, one JSON object for programs.
#pragma once

#include "tools/flushtrace/summary/fleet.hpp"

#include <string>

namespace flushtrace {

/// *Shape:* lines of 80 columns at most.
std::string fleet_in_text(const fleet& x);

/// *Shape:* one object, without a newline; README.md has the members.
std::string fleet_in_json(const fleet& x);

} // namespace flushtrace

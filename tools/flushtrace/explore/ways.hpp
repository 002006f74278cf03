// How events end: what explain says of them, without numbers.
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"

#include <map>
#include <string>
#include <utility>

namespace flushtrace {

/// Outcome (`complete`, `delayed`, …) and primary cause; of a complete event
/// the second is empty.
using ending = std::pair<std::string, std::string>;

ending ending_of(const event_analysis& x);

/// `delayed transport.server_5xx`.
std::string describe(const ending& x);

/// By how often there was one.
using endings = std::map<ending, uint64_t>;

/// Each ending that an event of the life has counts once.
///
/// @param segment of one life; counts nothing where it cannot be read
void count_endings(const std::string& segment, endings& to);

} // namespace flushtrace

// Why an event's flush was missed, as the page's data have it.
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace flushtrace {

/// Where a record stands on the page, by its number; -1: it is not there.
using page_place = std::function<int64_t(uint64_t sequence)>;

/// *Shape:* an array of objects, evidence as places.
std::string causes_in_page(const std::vector<finding>& x,
                           const page_place& place_of);

/// *Shape:* likewise.
std::string uncaused_in_page(const std::vector<uncaused_loss>& x,
                             const page_place& place_of);

} // namespace flushtrace

// What the page draws, as compact JSON: columns of the records, differences in
// place of numbers, each text once. page.js and model.js read it.
#pragma once

#include "tools/flushtrace/timeline/activity.hpp"
#include "tools/flushtrace/timeline/selection.hpp"

#include <string>

namespace flushtrace {

/// One process. *Shape:* one JSON object; see README.md, "The page's data".
std::string page_data(const process_trace& of, const activity& seen,
                      const page_selection& kept);

} // namespace flushtrace

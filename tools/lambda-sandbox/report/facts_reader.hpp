// Reads the facts that the built-in function tells through its pipe, one JSON
// line each; their members are listed in function/facts.hpp.
#pragma once

#include "tools/lambda-sandbox/report/run_record.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

/// Reads one fact. *Errors*: absent if the line is none: a function that was
/// killed may leave half a line behind.
std::optional<function_fact> read_fact(std::string_view line,
                                       std::size_t generation);

/// Returns a sentence for the timeline; empty for facts that are told in
/// another way or are too many to tell.
std::string sentence_for(const function_fact& fact);

} // namespace sandbox

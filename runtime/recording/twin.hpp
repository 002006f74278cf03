// Texts and bodies made from what a trace has of them: of the same size, of
// lines of the same kinds, leading to the same decisions, without a user's
// data.
//
//   std::string body = twin_body(value);
#pragma once

#include "runtime/trace/values.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// What stands for a text. A kept one is itself; of equal hashes and sizes the
/// twins are equal; one whose size alone is known is all `x`.
std::string twin_text(const trace::value& x);

/// What stands for a body.
///
/// @param transaction_ids of its transactions, in their order; where there are
/// fewer, the others have no id
std::string twin_body(const trace::value& x,
                      const std::vector<std::string>& transaction_ids = {});

} // namespace apm

// What the manual says that --json prints, and what is printed.
//
//   EXPECT_EQ(members_of(out), documented_members("explore TRACE"));
#pragma once

#include <set>
#include <string>

namespace flushtrace {

using members = std::set<std::string>;

/// Of the manual's table in "JSON": what stands in backticks in the verb's row,
/// but for what is in brackets and behind the first colon.
members documented_members(const std::string& verb);

/// Of all lines together: some members are there only where they mean a thing.
members members_of(const std::string& out);

} // namespace flushtrace

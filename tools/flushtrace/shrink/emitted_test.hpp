// A GoogleTest that lives a shrunk life again, step by step in words.
//
//   file << emitted_test("snapshot_flush", exploration);
#pragma once

#include "tools/flushtrace/explore/explorer.hpp"
#include "tools/flushtrace/shrink/recorded_shrinker.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// Whether a test can be called so: an identifier of C++.
bool is_test_name(std::string_view x) noexcept;

/// The text of a source that tests/explore builds: it fails as long as the
/// promise is broken.
/// @param name see `is_test_name`
std::string emitted_test(const std::string& name, const exploration& of);

/// Likewise of a recorded life: its trace lies beside the test, which lives it
/// with its inputs at their times.
/// @param steps what passes between the world and the extension, for people
std::string emitted_test(const std::string& name, const missed_flush& what,
                         const std::vector<std::string>& steps);

} // namespace flushtrace

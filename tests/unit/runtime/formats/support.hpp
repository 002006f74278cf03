// What the tests of runtime/formats share: the files under tests/data, and
// judges of what the formats write that share no code with them.
#pragma once

#include <rapidjson/document.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace apm::test {

/// A file below tests/data, whole. Fails the test where it cannot be read.
std::string read_data(const std::string& path);

/// The files below a folder of tests/data that end in `suffix`, by name.
std::vector<std::string> list_data(const std::string& folder,
                                   std::string_view suffix);

/// The bodies that the captured agents sent, decompressed.
std::vector<std::string> captured_bodies();

/// Reads JSON strictly, in valid UTF-8, and fails the test where it is not.
rapidjson::Document strict_json(std::string_view text);

/// Why `value` does not satisfy a schema of tests/data/intake-v2/schema; empty
/// if it does.
std::string schema_violation(const std::string& schema_file,
                             const rapidjson::Value& value);

/// The seed of every random test here: any number would do, this is today's
/// date when they were written.
constexpr unsigned seed = 20261123;

/// Random bytes, up to `size_max` of them; those of JSON's syntax are frequent,
/// so that parsers get beyond the first byte.
std::string random_text(std::mt19937& random, size_t size_max);

} // namespace apm::test

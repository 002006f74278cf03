// Files of traces, found and replaced.
#pragma once

#include "tools/flushtrace/verbs.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// The segments and rings of a folder and those in it, by name; a file as it
/// is.
std::vector<std::string> trace_files_in(const std::string& path);

/// Writes a file under another name first: what stands under `path` is whole,
/// and may be read meanwhile. Says what goes wrong. @returns whether it was
/// written
bool replace_file(const std::string& path, std::string_view content,
                  streams to);

} // namespace flushtrace

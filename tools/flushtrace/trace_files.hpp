// Files of traces, found and replaced.
#pragma once

#include "tools/flushtrace/verbs.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// Deeper than a corpus would be; a link may lead round in a circle.
constexpr int folders_depth_max = 8;

/// The segments and rings of a folder, by name, whoever has named them; a file
/// as it is.
/// @param depth of the folders in it that are looked into; 0: none
std::vector<std::string> trace_files_in(const std::string& path,
                                        int depth = folders_depth_max);

/// `-`, or by the system's name: it is written to as it is, and never made
/// anew.
bool is_standard_output(const std::string& path);

/// Where a verb with this output tells what it did: on standard error where
/// standard output has the trace.
streams told_beside(const std::string& output, streams to);

/// Writes a file under another name first: what stands under `path` is whole,
/// and may be read meanwhile. Behind a link that is its target. What is no
/// plain file, a pipe or a device, is written to and stays what it is. Says
/// what goes wrong. @returns whether it was written
bool replace_file(const std::string& path, std::string_view content,
                  streams to);

} // namespace flushtrace

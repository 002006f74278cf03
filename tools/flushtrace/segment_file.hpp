// Writing traces as files of segments.
#pragma once

#include "tools/flushtrace/trace_set.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <string>
#include <vector>

namespace flushtrace {

/// Replaces a fact of the trace, such as `reason`.
void set_fact(trace& of, const std::string& name, const std::string& value);

/// Writes a segment for each trace, one behind the other, as `replace_file`
/// does. Says what goes wrong. @returns whether it was written
bool write_segments(const std::vector<trace>& content, const std::string& path,
                    streams to);

/// Says what was written: for people, or as the members of README.md's table;
/// see `told_beside`.
void tell_written(const std::vector<trace>& content, const std::string& path,
                  bool is_json, streams all);

} // namespace flushtrace

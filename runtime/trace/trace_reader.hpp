// Reads traces: the image of a ring, or a file of segments. Believes nothing:
// what is damaged is left out and counted.
//
//   auto traces = read_traces(file_content);
//   for (const auto& x : traces.value().front().records)
//     …
#pragma once

#include "runtime/result.hpp"
#include "runtime/trace/record.hpp"

#include <memory>
#include <vector>

namespace apm::trace {

/// One process' trace, or a part of it. *Ownership:* payloads of the records
/// are in `storage`, which copies of the trace share.
struct trace {
  process_facts process;
  std::vector<dictionary_entry> dictionary;
  std::vector<record> records; ///< ascending by sequence
  std::shared_ptr<const std::string> storage;

  /// The entry, or null.
  const dictionary_entry* find(entry_kind kind, uint32_t id) const noexcept;

  /// The text of a fact, such as `version`; empty where it is not there.
  std::string_view fact(std::string_view name) const noexcept;

  /// An actor's name as FORMAT.md has it: `coordinator/17.apm_forwarder`.
  std::string name_of(actor_reference actor) const;
};

/// Takes out of the dictionary what no record of the trace needs: kinds that
/// every reader of this version knows, messages and roles that do not occur.
void trim_dictionary(trace& x);

/// Which records are wanted, by their sequence: from `first`, before `end`.
struct sequence_range {
  uint64_t first = 0;
  uint64_t end = UINT64_MAX;
};

/// *Errors:* `bad_shape` where it is no ring, or its header is damaged;
/// `bad_value` where it is of another version.
[[nodiscard]] result<trace> read_ring(std::string_view image,
                                      sequence_range wanted = {});

/// What its header says; 0: it is too short to have one.
uint16_t ring_version_of(std::string_view image) noexcept;

/// A file with several: those that can be read.
struct trace_file {
  std::vector<trace> traces;  ///< one at least
  uint64_t ignored_bytes = 0; ///< damaged, or of no segment
  std::string problem;        ///< the first one; empty: none
};

/// Of all segments of one file, unpacked: a small file could claim any number.
constexpr size_t file_bodies_bytes_max = size_t{1} << 30;

/// Reads a ring or segments, whichever it is.
/// @param bytes_max segments beyond it, when unpacked, are left out
/// *Errors:* as `read_ring`, where nothing can be read.
[[nodiscard]] result<trace_file>
read_traces(std::string_view content, size_t bytes_max = file_bodies_bytes_max);

} // namespace apm::trace

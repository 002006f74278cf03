// How everything in runtime/ that can fail says so: a `result<T>` holds the
// value or one `error`. Nothing throws across a function's boundary.
//
//   result<int> port = parse_port(text);
//   if (!port)
//     return port.error();
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>

#include <string>
#include <utility>

namespace apm {

/// What can go wrong, one sentence each.
enum class errc {
  bad_duration,         ///< not a duration as Go writes it
  bad_number,           ///< not a whole number in its range
  bad_value,            ///< not one of the words that are allowed
  bad_url,              ///< not an http or https URL
  unsupported_encoding, ///< a Content-Encoding we cannot undo
  bad_compression,      ///< the compressed data is damaged or cut short
  too_large,            ///< longer than its limit, before or after unpacking
  bad_json,             ///< not JSON, or nested too deeply
  bad_shape,            ///< JSON, but not of the form that is needed here
  metadata_missing,     ///< the first intake line is no metadata
  io,                   ///< the operating system refused; see the detail
};

/// One failure. *Shape:* `detail` is a clause for people: what, where, why.
struct error {
  errc code;
  std::string detail;
};

template <class T>
using result =
    boost::outcome_v2::basic_result<T, error,
                                    boost::outcome_v2::policy::terminate>;

} // namespace apm

// Fetching credentials from AWS: asked for by the COORDINATOR, done by the
// CREDENTIALS port. No secret is in any of these messages: they are recorded.
// What was fetched goes into the credential store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caf/meta/type_name.hpp"

namespace apm {

/// Asks the CREDENTIALS port to fetch afresh what the settings name.
struct credentials_wanted {
  uint64_t id = 0; ///< comes back in `credentials_ready`
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credentials_wanted& x) {
  return f(caf::meta::type_name("credentials_wanted"), x.id);
}

/// Everything that was to be fetched is in the store, or has failed.
struct credentials_ready {
  uint64_t id = 0;
  std::vector<std::string> fetched; ///< the variables that name them
  std::vector<std::string> failed;  ///< a sentence each: what, why, what to do
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credentials_ready& x) {
  return f(caf::meta::type_name("credentials_ready"), x.id, x.fetched,
           x.failed);
}

enum class fetch_outcome : uint8_t {
  got,       ///< it is in the store
  try_again, ///< it may work another time
  failed,    ///< it would not
};

/// Stands for the keys that the other fetches are signed with.
constexpr uint32_t keys_source = UINT32_MAX;

/// The CREDENTIALS port's note to itself: AWS has answered, or never will.
struct fetch_ended {
  /// Counts what the COORDINATOR's wishes have begun: a restore abandons a
  /// round.
  uint64_t round = 0;
  /// Which of those that the settings name, from 0; `keys_source`: the keys.
  uint32_t source = 0;
  fetch_outcome outcome = fetch_outcome::got;
  std::string problem; ///< empty where there is none
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, fetch_ended& x) {
  return f(caf::meta::type_name("fetch_ended"), x.round, x.source, x.outcome,
           x.problem);
}

} // namespace apm

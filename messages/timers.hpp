// The TIMERS port: one-shot, cancellable, keyed by the sender and its own id.
#pragma once

#include "messages/time.hpp"

#include <cstdint>

#include "caf/meta/type_name.hpp"

namespace apm {

/// Asks for `timer_fired` at `due`; a second one with the same id replaces it.
struct timer_set {
  uint64_t id = 0;
  steady_time due;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, timer_set& x) {
  return f(caf::meta::type_name("timer_set"), x.id, x.due);
}

/// Takes a timer back. One that has fired already is no error.
struct timer_cancel {
  uint64_t id = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, timer_cancel& x) {
  return f(caf::meta::type_name("timer_cancel"), x.id);
}

/// The time of `timer_set` has come. After a thaw it may be long past.
struct timer_fired {
  uint64_t id = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, timer_fired& x) {
  return f(caf::meta::type_name("timer_fired"), x.id);
}

} // namespace apm

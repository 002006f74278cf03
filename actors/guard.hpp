// The handlers that every actor of ours has instead of CAF's own, which print
// to standard output: in Lambda that would be a log record.
#pragma once

#include "runtime/log/log.hpp"

#include <exception>
#include <string>

#include "caf/exit_reason.hpp"
#include "caf/scheduled_actor.hpp"
#include "caf/sec.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

/// Logs what cannot happen unless the program is wrong; an exception ends the
/// actor, and its links tell whoever depends on it.
template <class Self>
void guard(Self* self, log* to) {
  const std::string name = self->name();
  self->set_default_handler(
      [to, name](caf::scheduled_actor*,
                 caf::message_view&) -> caf::result<caf::message> {
        to->error("unexpected message", {{"actor", name}});
        return caf::sec::unexpected_message;
      });
  self->set_error_handler([to, name](caf::scheduled_actor*, caf::error& x) {
    to->error("unexpected error message",
              {{"actor", name}, {"error", caf::to_string(x)}});
  });
  self->set_exception_handler(
      [to, name](caf::scheduled_actor*, std::exception_ptr& x) -> caf::error {
        std::string what = "not an std::exception";
        try {
          std::rethrow_exception(x);
        } catch (const std::exception& e) {
          what = e.what();
        } catch (...) {
          // nop: said above
        }
        to->error("actor failed", {{"actor", name}, {"error.message", what}});
        return caf::exit_reason::unhandled_exception;
      });
}

} // namespace apm

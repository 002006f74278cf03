// Looks at the settings once more, now with what lies outside of them: files,
// the port, other variables. The start checks only what costs microseconds;
// --check-config checks all that can be checked without the network.
#pragma once

#include "messages/time.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// A certificate in a PEM text.
struct certificate_facts {
  std::string subject; ///< for people: `CN=my root, O=me`
  wall_ms expires = 0;
};

/// The world that a check looks at, injected.
struct outside_world {
  /// Whether a file is there, is no folder, and may be read. *Errors:* `io`.
  std::function<result<void>(const std::string& path)> can_read;
  /// *Errors:* `io`.
  std::function<result<std::string>(const std::string& path)> read_file;
  /// Whether a path is a folder that files can be made in. *Errors:* `io`.
  std::function<result<void>(const std::string& path)> can_keep_files;
  /// Whether the receiver could listen there. *Errors:* `io`.
  std::function<result<void>(uint16_t port)> can_listen;
  /// All certificates of a PEM text, at least one. *Errors:* `bad_value`.
  std::function<result<std::vector<certificate_facts>>(std::string_view pem)>
      read_certificates;
  wall_ms now = 0;
};

/// Names a CA file that cannot be read, and goes on without it.
void check_at_start(loaded_settings& loaded, const outside_world& world);

/// Finds what `load_settings` and `check_at_start` do not look at: damaged
/// certificates, a port in use, folders that are not there, settings that undo
/// each other or let secrets be read, variables that are probably misspelt.
/// *Shape:* what is wrong first, then advice.
std::vector<settings_problem> check_thoroughly(const environment& env,
                                               const settings& values,
                                               const outside_world& world);

} // namespace apm

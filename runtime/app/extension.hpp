// The extension as one object: loop, ports and actors, wired. Its main is
// beside it.
#pragma once

#include "runtime/config/configuration_check.hpp"
#include "runtime/config/settings.hpp"

#include <string>

namespace apm {

/// Runs the extension until Lambda or a signal ends it.
///
/// @param name the executable's file name, under which Lambda knows it
/// @param world for files that the settings name and that change
/// @returns the process's exit code
int run_extension(const std::string& name, const loaded_settings& loaded,
                  const outside_world& world);

} // namespace apm

// Support shared by the tests of the sandbox's function and APM Server
// stand-in: the recorded data of tests/data.
#pragma once

#include <string>

namespace sandbox {

/// Returns the path of a file or folder below tests/data.
std::string test_data_path(const std::string& name);

/// Returns the content of a file below tests/data; fails the test without it.
std::string test_data(const std::string& name);

} // namespace sandbox

// Support; see the header.
#include "tests/unit/lambda-sandbox/support.hpp"

#include "tools/lambda-sandbox/function/capture.hpp"

#include <gtest/gtest.h>

namespace sandbox {

std::string test_data_path(const std::string& name) {
  return std::string{APM_TEST_DATA_DIR} + "/" + name;
}

std::string test_data(const std::string& name) {
  auto content = builtin::read_file(test_data_path(name));
  EXPECT_TRUE(content.has_value()) << "can't read " << test_data_path(name);
  return content.value_or("");
}

} // namespace sandbox

// Tests of self_metrics.hpp, judged by the intake's schema.
#include "runtime/formats/self_metrics.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

self_metrics sample() {
  self_metrics x;
  x.timestamp_us = 1'795'348'708'382'000;
  x.function_arn = "arn";
  x.request_id = "r\"1";
  x.ended_by = "runtime_done";
  x.samples = {{"invocation.held_ms", 0.5}, {"breaker.open", 1}};
  return x;
}

TEST(self_metrics, has_the_intakes_form) {
  const auto line = make_self_metrics_line(sample());
  EXPECT_EQ(line,
            R"({"metricset":{"timestamp":1795348708382000,"faas":{)"
            R"("execution":"r\"1","id":"arn"},"tags":{)"
            R"("apm_lambda_extension_ended_by":"runtime_done"},"samples":{)"
            R"("apm_lambda_extension.invocation.held_ms":{"value":0.5},)"
            R"("apm_lambda_extension.breaker.open":{"value":1}}}})"
            "\n");
  rapidjson::Document parsed;
  parsed.Parse(line.c_str());
  EXPECT_EQ(test::schema_violation("metricset.json", parsed["metricset"]), "");
}

TEST(self_metrics, leaves_out_what_is_not_known) {
  auto x = sample();
  x.request_id = {};
  x.ended_by = {};
  const auto line = make_self_metrics_line(x);
  EXPECT_EQ(line.find("faas"), std::string::npos);
  EXPECT_EQ(line.find("tags"), std::string::npos);
}

} // namespace
} // namespace apm

// Fuzzes the answers of Lambda's Extensions API. Properties: what is taken is
// sound JSON and complete; what is not is refused with a reason; texts put into
// requests of our own leave them sound.
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/lambda_json.hpp"
#include "tests/fuzz/property.hpp"

#include <string_view>

namespace apm {
namespace {

using test::require;

void check_answer(std::string_view text) {
  const auto event = parse_next_event(text);
  if (event) {
    const auto& x = event.value();
    require(!check_json(text).has_value(), "an event is sound JSON");
    require(x.kind != event_kind::invoke || !x.request_id.empty(),
            "an invocation has its id");
    require(x.kind != event_kind::invoke || x.reason.empty(),
            "an invocation has no reason");
    require(x.kind != event_kind::shutdown || x.request_id.empty(),
            "a shutdown has no request");
  } else {
    require(!event.error().detail.empty(), "a refusal says why");
  }
  const auto registration = parse_register_answer(text);
  if (event)
    require(registration.has_value(), "any object answers a registration");
  require(!check_json(error_body("Extension.Failed", text)).has_value(),
          "an error's text leaves its body sound");
}

} // namespace
} // namespace apm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  apm::check_answer({reinterpret_cast<const char*>(data), size});
  return 0;
}

// Answers of Lambda's APIs; see api_answers.hpp.
#include "tools/lambda-sandbox/lambda/api_answers.hpp"

#include "tools/lambda-sandbox/lambda/json_text.hpp"

namespace sandbox {

namespace {

const http_headers json_headers = {{"Content-Type", "application/json"}};

} // namespace

void answer_accepted(const http_exchange_ptr& exchange) {
  exchange->answer(202, "{\"status\":\"OK\"}\n", json_headers);
}

void answer_error(const http_exchange_ptr& exchange, observer& observer,
                  std::string_view who, int status, std::string_view error_type,
                  std::string_view message) {
  const auto& request = exchange->request();
  exchange->answer(status,
                   json_object{}
                           .add("errorMessage", message)
                           .add("errorType", error_type)
                           .text()
                       + "\n",
                   json_headers);
  observer.refused({request.arrived_ns, std::string{who},
                    request.method + " " + request.target, status,
                    std::string{error_type}, std::string{message}});
}

std::string transition_refused(std::string_view from, std::string_view to,
                               std::string_view whose) {
  return "State transition from " + std::string{from} + " to " + std::string{to}
         + " failed for " + std::string{whose}
         + ". Error: State transition is not allowed";
}

} // namespace sandbox

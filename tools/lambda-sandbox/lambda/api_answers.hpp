// The forms of answer that Lambda's three APIs share.
// Source: AWS's emulator (aws-lambda-runtime-interface-emulator),
// internal/lambda/rapi/rendering.
#pragma once

#include "tools/lambda-sandbox/lambda/http_server.hpp"
#include "tools/lambda-sandbox/report/observer.hpp"

#include <string>
#include <string_view>

namespace sandbox {

/// Answers 202 `{"status":"OK"}`.
void answer_accepted(const http_exchange_ptr& exchange);

/// Answers with Lambda's error body and keeps that in the record. `who` is the
/// asking program as far as it is known.
void answer_error(const http_exchange_ptr& exchange, observer& observer,
                  std::string_view who, int status, std::string_view error_type,
                  std::string_view message);

/// Returns `text` of a state machine's refusal, as Lambda words it.
std::string transition_refused(std::string_view from, std::string_view to,
                               std::string_view whose);

} // namespace sandbox

// One sample of each message, for tests that send or record all of them.
//
//   const T sent = test::make(test::tag<T>{});
#pragma once

#include "messages/type_ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm::test {

template <class T>
struct tag {};

/// No member has its default value: one that does not travel would show.
inline const std::vector<http_header> headers{{"name", "value"}, {"other", ""}};
inline const bytes body{std::string{"a\0\n\xFF", 4}};
inline const steady_time due{std::chrono::nanoseconds{1'234'567'890'123}};

inline agent_intake make(tag<agent_intake>) {
  return {1,
          true,
          "agent/1",
          body,
          body,
          2,
          {{"transaction", "request"}, {"another", ""}}};
}

inline agent_relay make(tag<agent_relay>) {
  return {1, "GET", "/?x", headers, body};
}

inline agent_signal make(tag<agent_signal>) {
  return {3};
}

inline batch make(tag<batch>) {
  return {1, "agent/1", body, {body, body}, 7};
}

inline credentials_ready make(tag<credentials_ready>) {
  return {1, {"A", "B"}, {"why"}};
}

inline credentials_wanted make(tag<credentials_wanted>) {
  return {2};
}

inline fetch_ended make(tag<fetch_ended>) {
  return {3, 2, fetch_outcome::try_again, "why"};
}

inline delivery make(tag<delivery>) {
  return {
      1,    delivery_outcome::ambiguous, 2, true, true, {"a", "b"}, 9000, 503,
      "why"};
}

inline done make(tag<done>) {
  return {end_signal::agent_flushed, 4};
}

inline drain make(tag<drain>) {
  return {5};
}

inline event_done make(tag<event_done>) {
  return {6};
}

inline export_due make(tag<export_due>) {
  return {4};
}

inline flush_finding make(tag<flush_finding>) {
  return {4, "request", 3, true};
}

inline http_cancel make(tag<http_cancel>) {
  return {7};
}

inline http_request make(tag<http_request>) {
  return {1, "POST", "http://x/", headers, body, 3000, 4096, true};
}

inline http_response make(tag<http_response>) {
  return {1, http_failure::timeout, true, 202, headers, body, 9000, "why"};
}

inline input_refused make(tag<input_refused>) {
  return {"agent", 413, "too long", UINT64_MAX};
}

inline intake_open make(tag<intake_open>) {
  return {3};
}

inline lambda_event make(tag<lambda_event>) {
  return {1, event_kind::shutdown, "request", "arn", "spindown", -1, 2, due};
}

inline lifecycle_ended make(tag<lifecycle_ended>) {
  return {-2};
}

inline listener_answer make(tag<listener_answer>) {
  return {1, 202, headers, body};
}

inline registered make(tag<registered>) {
  return {"f", "$LATEST", "app.handler", "123", telemetry_api::telemetry};
}

inline sandbox_restored make(tag<sandbox_restored>) {
  return {4};
}

inline spill_found make(tag<spill_found>) {
  return {1, 2,      {{body, "agent/1", 2, 3, body}},
          4, "torn", 5,
          6, 7,      {8, 9, 10, 11, 12}};
}

inline spill_store make(tag<spill_store>) {
  return {7, true, {{body, "agent/1", 2, 3, body}, {body, "", 1, 1, body}}, 8};
}

inline spill_stored make(tag<spill_stored>) {
  return {7, true, 8};
}

inline spill_wanted make(tag<spill_wanted>) {
  return {1};
}

inline stop_requested make(tag<stop_requested>) {
  return {"SIGTERM"};
}

inline transaction_registered make(tag<transaction_registered>) {
  return {1, "request", "transaction", "agent/1", body, body};
}

inline telemetry_batch make(tag<telemetry_batch>) {
  return {1, {{"time", "platform.start", body}}, 5, UINT64_MAX};
}

inline telemetry_result make(tag<telemetry_result>) {
  return {1,
          body,
          2,
          body,
          3,
          {{"r", 1}},
          {{"r", "success", 9}, {"s", "timeout", 10}},
          {"q"},
          4,
          5,
          "slow",
          6,
          7,
          "why"};
}

inline telemetry_work make(tag<telemetry_work>) {
  return {1,
          {{"time", "function", body}},
          {{2, "r", "arn", 3, 4, true}},
          {{"r", 5}},
          true};
}

inline timer_cancel make(tag<timer_cancel>) {
  return {8};
}

inline timer_fired make(tag<timer_fired>) {
  return {9};
}

inline timer_set make(tag<timer_set>) {
  return {1, due};
}

} // namespace apm::test

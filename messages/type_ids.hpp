// The one block of type ids: every message that travels between actors.
// A type missing here sends well and fails only when it is recorded, so
// tests/unit/messages/round_trip_test.cpp sends each through a serializer.
#pragma once

#include "messages/agent.hpp"
#include "messages/credentials.hpp"
#include "messages/delivery.hpp"
#include "messages/http.hpp"
#include "messages/lambda.hpp"
#include "messages/spill.hpp"
#include "messages/telemetry.hpp"
#include "messages/timers.hpp"
#include "messages/trace.hpp"

#include "caf/type_id.hpp"

CAF_BEGIN_TYPE_ID_BLOCK(apm_messages, first_custom_type_id)

CAF_ADD_TYPE_ID(apm_messages, (apm::agent_intake))
CAF_ADD_TYPE_ID(apm_messages, (apm::agent_relay))
CAF_ADD_TYPE_ID(apm_messages, (apm::agent_signal))
CAF_ADD_TYPE_ID(apm_messages, (apm::batch))
CAF_ADD_TYPE_ID(apm_messages, (apm::credentials_ready))
CAF_ADD_TYPE_ID(apm_messages, (apm::credentials_wanted))
CAF_ADD_TYPE_ID(apm_messages, (apm::delivery))
CAF_ADD_TYPE_ID(apm_messages, (apm::done))
CAF_ADD_TYPE_ID(apm_messages, (apm::drain))
CAF_ADD_TYPE_ID(apm_messages, (apm::event_done))
CAF_ADD_TYPE_ID(apm_messages, (apm::export_due))
CAF_ADD_TYPE_ID(apm_messages, (apm::fetch_ended))
CAF_ADD_TYPE_ID(apm_messages, (apm::flush_finding))
CAF_ADD_TYPE_ID(apm_messages, (apm::http_cancel))
CAF_ADD_TYPE_ID(apm_messages, (apm::http_request))
CAF_ADD_TYPE_ID(apm_messages, (apm::http_response))
CAF_ADD_TYPE_ID(apm_messages, (apm::input_refused))
CAF_ADD_TYPE_ID(apm_messages, (apm::intake_open))
CAF_ADD_TYPE_ID(apm_messages, (apm::lambda_event))
CAF_ADD_TYPE_ID(apm_messages, (apm::lifecycle_ended))
CAF_ADD_TYPE_ID(apm_messages, (apm::listener_answer))
CAF_ADD_TYPE_ID(apm_messages, (apm::registered))
CAF_ADD_TYPE_ID(apm_messages, (apm::sandbox_restored))
CAF_ADD_TYPE_ID(apm_messages, (apm::spill_found))
CAF_ADD_TYPE_ID(apm_messages, (apm::spill_store))
CAF_ADD_TYPE_ID(apm_messages, (apm::spill_stored))
CAF_ADD_TYPE_ID(apm_messages, (apm::spill_wanted))
CAF_ADD_TYPE_ID(apm_messages, (apm::stop_requested))
CAF_ADD_TYPE_ID(apm_messages, (apm::telemetry_batch))
CAF_ADD_TYPE_ID(apm_messages, (apm::telemetry_result))
CAF_ADD_TYPE_ID(apm_messages, (apm::telemetry_work))
CAF_ADD_TYPE_ID(apm_messages, (apm::timer_cancel))
CAF_ADD_TYPE_ID(apm_messages, (apm::timer_fired))
CAF_ADD_TYPE_ID(apm_messages, (apm::timer_set))
CAF_ADD_TYPE_ID(apm_messages, (apm::transaction_registered))

CAF_END_TYPE_ID_BLOCK(apm_messages)

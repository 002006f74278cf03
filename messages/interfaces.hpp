// Who understands what: the typed interface of each actor and port, with a
// sentence per message. Every message is fire-and-forget (`reacts_to`): an
// answer is a message of its own that carries the id of its question, so that a
// recorded input can be fed to an actor again just as it came.
#pragma once

#include "messages/type_ids.hpp"

#include "caf/typed_actor.hpp"

namespace apm {

// -- ports: the edges to the world --------------------------------------------

/// HTTP CLIENT: requests to Lambda's APIs and to the APM Server.
using http_client_actor = caf::typed_actor<
    // Starts a request; its `http_response` goes to the sender.
    caf::reacts_to<http_request>,
    // Ends a request of the sender's without an answer.
    caf::reacts_to<http_cancel>,
    // Closes the connections that are idle.
    caf::reacts_to<sandbox_restored>>;

/// Whoever sends `http_request`.
using http_response_sink = caf::typed_actor<caf::reacts_to<http_response>>;

/// TIMERS: the clock's alarm.
using timers_actor = caf::typed_actor<
    // Arms a timer of the sender's.
    caf::reacts_to<timer_set>,
    // Takes it back.
    caf::reacts_to<timer_cancel>>;

/// Whoever sends `timer_set`.
using timer_sink = caf::typed_actor<caf::reacts_to<timer_fired>>;

/// AGENT LISTENER and TELEMETRY LISTENER: each request they took is answered
/// through them.
using listener_actor = caf::typed_actor<
    // Writes the answer to the peer, if it is still there.
    caf::reacts_to<listener_answer>>;

/// CREDENTIALS: fetches from AWS what the settings name.
using credentials_actor = caf::typed_actor<
    // Fetch all of it; `credentials_ready` goes to the sender.
    caf::reacts_to<credentials_wanted>,
    // From itself: one fetch has ended.
    caf::reacts_to<fetch_ended>,
    // The pause before another try is over.
    caf::reacts_to<timer_fired>>;

/// Whoever sends `credentials_wanted`.
using credentials_sink = caf::typed_actor<caf::reacts_to<credentials_ready>>;

/// SPILL: files of the sandbox, for what memory has no room for and for the
/// next process.
using spill_actor = caf::typed_actor<
    // Keep these; `spill_stored` goes to the sender.
    caf::reacts_to<spill_store>,
    // Take the oldest that there is; `spill_found` goes to the sender.
    caf::reacts_to<spill_wanted>>;

/// Whoever sends to SPILL.
using spill_sink =
    caf::typed_actor<caf::reacts_to<spill_stored>, caf::reacts_to<spill_found>>;

/// TRACER: exports the actor trace of what was missed.
using tracer_actor = caf::typed_actor<
    // An event is over, and its flush was judged.
    caf::reacts_to<flush_finding>,
    // The next one has begun: export what is to be.
    caf::reacts_to<export_due>>;

/// APPLICATION: ends the loop.
using application_actor = caf::typed_actor<
    // Nothing is left to do.
    caf::reacts_to<lifecycle_ended>>;

// -- the five actors ----------------------------------------------------------

/// LIFECYCLE POLLER: speaks the Extensions API.
using lifecycle_poller_actor = caf::typed_actor<
    // An answer of Lambda's APIs.
    caf::reacts_to<http_response>,
    // The pause after an odd answer is over.
    caf::reacts_to<timer_fired>,
    // The COORDINATOR is through with the event: ask for the next.
    caf::reacts_to<event_done>,
    // SIGTERM or SIGINT: end as at SHUTDOWN.
    caf::reacts_to<stop_requested>>;

/// INVOCATION COORDINATOR: owns outbox and ledger, runs one event at a time.
using invocation_coordinator_actor = caf::typed_actor<
    // From the POLLER: registration is through.
    caf::reacts_to<registered>,
    // From the POLLER: INVOKE or SHUTDOWN.
    caf::reacts_to<lambda_event>,
    // From the AGENT LISTENER: a sound body, a flush signal, or both.
    caf::reacts_to<agent_intake>,
    // From the AGENT LISTENER: what to send if the transaction never comes.
    caf::reacts_to<transaction_registered>,
    // From the AGENT LISTENER: how many bodies are on their way in.
    caf::reacts_to<intake_open>,
    // From the AGENT LISTENER: a request for the APM Server itself.
    caf::reacts_to<agent_relay>,
    // From a listener: a request was refused.
    caf::reacts_to<input_refused>,
    // From the TELEMETRY LISTENER: a delivery of the platform.
    caf::reacts_to<telemetry_batch>,
    // From the LOG PROCESSOR: what a batch came to.
    caf::reacts_to<telemetry_result>,
    // From the APM FORWARDER: what became of a batch.
    caf::reacts_to<delivery>,
    // From CREDENTIALS: what was to be fetched is there, or will not be.
    caf::reacts_to<credentials_ready>,
    // From SPILL: whether it has kept what it was given.
    caf::reacts_to<spill_stored>,
    // From SPILL: what it was given, or an earlier process has left.
    caf::reacts_to<spill_found>,
    // From a child: the event is over.
    caf::reacts_to<done>,
    // From TIMERS: an age or flush limit has come.
    caf::reacts_to<timer_fired>,
    // From the HTTP CLIENT: an answer to a relayed request.
    caf::reacts_to<http_response>>;

/// APM FORWARDER: ships one batch at a time to the APM Server.
using apm_forwarder_actor = caf::typed_actor<
    // Ship this.
    caf::reacts_to<batch>,
    // The agent has sent all it has: report *done*.
    caf::reacts_to<agent_signal>,
    // Finish what is under way and end.
    caf::reacts_to<drain>,
    // The APM Server's answer.
    caf::reacts_to<http_response>>;

/// LOG PROCESSOR: turns telemetry records into intake lines.
using log_processor_actor = caf::typed_actor<
    // One batch of records.
    caf::reacts_to<telemetry_work>>;

/// TIMER: says when the flush deadline is reached.
using timer_actor = caf::typed_actor<
    // The deadline, as it comes back from TIMERS.
    caf::reacts_to<timer_fired>>;

} // namespace apm

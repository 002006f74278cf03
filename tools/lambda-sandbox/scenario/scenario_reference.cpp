// The text of --help-scenario; see scenario_reference.hpp. Keep it in step with
// scenario_parser.cpp, invocation_parser.cpp, rules.hpp, aws_settings.hpp and
// script.hpp.
#include "tools/lambda-sandbox/scenario/scenario_reference.hpp"

namespace sandbox {

namespace {

constexpr const char* reference =
    R"(A scenario is a JSON object. Every member has a default: {} is a scenario, with
one invocation of the built-in function. Relative paths start at the folder of
the scenario's file. Names end in their unit. Unknown members are errors.

name, description     texts, shown with the account

extension             an object, or an array of them; none by default
  command             program and arguments: an array, or one text, which is
                      split into words as a shell does. Lambda knows an extension
                      by its program's file name. --extension may give it.
  name                another name, for scripts that are started by an interpreter
  environment         {"NAME": "value"}, besides what Lambda gives an extension

function
  command             "builtin" (default), or program and arguments as above. The
                      program speaks the Runtime API: one of AWS's runtime
                      clients, or a binary with one.
  directory           working directory and LAMBDA_TASK_ROOT
  environment         {"NAME": "value"}, besides what Lambda gives a function
  name                "orders-api"
  version             "$LATEST"
  handler             "app.handler"
  runtime             "provided.al2023", for AWS_EXECUTION_ENV
  memory_mb           128; told to function and extension, not enforced
  timeout_ms          3000; the function's deadline
  init_timeout_ms     10000; the same for INIT
  log_format          "text" or "json"
  account_id, region  "123456789012", "eu-central-1"

telemetry             how this Lambda delivers telemetry
  api                 "telemetry": both APIs; "logs": only the Logs API; "none".
                      A missing API answers 202.
  delivery_delay_ms   20; from a record's making until it is given to subscribers,
                      who buffer it besides as they have asked for
  report_delay_ms     60; from an invocation's end to its platform.report. What
                      comes in a freeze is delivered after it.
  copies              1; how often each batch is delivered
  report_after_reset  true; the report of an invocation that ended in a reset is
                      given to the extensions that start afterwards
  function_error_status   "success", "error" or "failure": status of
                      platform.runtimeDone when the function reported an error
                      and went on
  schema              "2025-01-29" or "2022-12-13": the newest that the Telemetry
                      API knows; a subscription with a newer one is refused (400)
  batch_order         "made" or "reversed": order of the records in each batch
  report_in_shutdown  false; true: the report of an invocation that ends in a
                      reset comes during the SHUTDOWN, not afterwards
  crash_error_type    "Runtime.ExitError", or what else Lambda calls a crash of
                      the runtime, such as "Runtime.OutOfMemory"
  report_metrics      {}; further members of each platform.report's metrics

managed_instances     null; an object: Lambda Managed Instances. Invocations run
                      side by side, nothing is frozen, extensions may register
                      for SHUTDOWN only and hear of no invocation. A time-out
                      ends the caller's wait, not the worker. An invocation's
                      `after_ms` (0) counts from the begin of the one before; it
                      waits for a worker if none is free.
  concurrency         4; workers of the runtime: each asks for invocations by
                      itself. The built-in function has a process for each, with
                      an agent of its own.
  runtime_done        false, as on AWS, where platform.report alone tells of an
                      invocation's end; true: platform.runtimeDone comes, too

agent_port            0: the sandbox picks one. Told to the extension as
                      ELASTIC_APM_DATA_RECEIVER_SERVER_PORT, to the function's
                      agent as ELASTIC_APM_SERVER_URL
agent_port_taken      false; true: another process has that port. The extension
                      cannot listen there, agents' connections are refused.

apm_server            the APM Server stand-in, ELASTIC_APM_LAMBDA_APM_SERVER
  version             "8.15.0"; GET / tells it
  refuse              false; true: the port is closed for the whole run
  authorization       value that the header Authorization must have; any other
                      is answered 401, and takes no rule. By default all pass.
  host                "127.0.0.1"; name or address in the URL that the extension
                      is told. With a proxy it may be any, and is
                      "apm-server.example" by default: only the proxy knows it.
  tls                 false; true, or an object: https, with a certificate and a
                      CA made for the run
    certificate       "good"; "wrong_host", "expired", or "unknown_ca": issued by
                      another CA than the one that the extension is told of
    ca                how it is told of the CA: "file", in
                      ELASTIC_APM_SERVER_CA_CERT_FILE; "pem", in
                      ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM with literal \n;
                      "acm", in ELASTIC_APM_SERVER_CA_CERT_ACM_ID: the stand-in
                      for AWS, which `aws` must start, gives it out;
                      "system", in SSL_CERT_FILE, together with all that this
                      machine trusts; "none"
    version_max       "1.3", "1.2" or "1.1": newest version that the server speaks
  behaviour           array of rules. Request k to /intake/v2/events takes rule k;
                      after the last rule everything is accepted. A rule:
    accept            true: 202
    status, body, headers   another answer; `body` is JSON, `headers` an object
    accepted          how many of the request's lines enter nevertheless; by
                      default the member `accepted` of `body`
    delay_ms          before the answer
    hang              true: never answers
    close             "before_body" or "after_body": closes without an answer;
                      "within_answer": after the answer's header
    refuse_ms         no answer, but a time in which the port is closed
    times             1; a number, or "forever"
    for_ms            the rule holds so long from its first request on
    record            true; false does not keep the lines

proxy                 false; true, or an object: an HTTP proxy between extension
                      and APM Server, told as HTTP_PROXY and HTTPS_PROXY
  credentials         "user:password" that it wants, told in the URL
aws                   a stand-in for AWS's own APIs, AWS_ENDPOINT_URL of the
                      extension; it checks each request's signature
  secrets             {"ID": VALUE} of Secrets Manager. VALUE is a text,
                      {"binary": "base64"}, or an array of these: each request
                      for it gets the next, the last one stays
  parameters          {"NAME": VALUE} of SSM Parameter Store
  certificates        {"ARN": {…}} of Certificate Manager: certificate, chain as
                      PEM, or certificate_file, chain_file
  denied              array of IDs, NAMEs and ARNs that may not be read
  container_credentials   false; true: as under SnapStart, the extension finds no
                      AWS_ACCESS_KEY_ID and so on in its environment, but
                      AWS_CONTAINER_CREDENTIALS_FULL_URI, which the stand-in
                      serves, and AWS_CONTAINER_AUTHORIZATION_TOKEN, which it
                      demands. Each request gets new keys, and only the newest
                      ones may sign.
  behaviour           array of rules, as for the APM Server: status, body,
                      delay_ms, hang, times, for_ms

invocations           array; one invocation by default
  repeat              1
  payload             {}; the event, any JSON
  after_ms            50; how long all is frozen before. 0 does not freeze. Before
                      the first invocation 0 is the default.
  frozen              true; false: so long nothing happens, but nothing is frozen
  timeout_ms          the function's by default
  request_id          a new one each time by default
  records             array of {"type", "record"}: telemetry that comes besides
                      Lambda's own, right after platform.start. "$request_id" in
                      it stands for the invocation's.
  kill_extension      SIGKILL to the extensions, as a crash; the sandbox is reset
    phase             "invoke"; or "pause", the freeze before the invocation;
                      "init" of the sandbox that is made for it, if one is;
                      "shutdown" of the reset that follows, if one does, or of
                      the end
    after_ms          0; from the phase's begin, fractions too. If the phase is
                      over by then, it hits what comes after it, up to the next
                      INVOKE.
    at_file           false; true: not at that moment, but as soon as a file in
                      the private temporary directory is made, renamed or
                      removed after it
  function            script of the built-in function, which finds it in the event
                      as `sandbox`:
    agent             "node", "python", "java" or "none": whose ways the agent has
                      on the wire; the first one named holds for the whole run
    transactions 1, spans 3, errors 0, span_bytes 300
                      what the agent sends
    register          true; false sends no POST /register/transaction
    flush             true; false sends no flush signal
    flush_delay_ms, data_delay_ms, work_ms   0, 0, 5
    logs              array of lines, in which "{{request_id}}" stands for the
                      invocation's, or {"count": 0, "bytes": 80}
    log_format        "text", "json" or "raw"; the function's by default
    outcome           "success"; "failure": the handler rejects, the process goes
                      on; "throw": nobody handles an exception, the process ends
                      after /error; "hang"; "exit", with exit_status 1; "crash"
    late_spans, late_logs, late_logs_delay_ms
                      0; what ends after the handler has returned
    capture           folder of recorded requests, sent instead of the agent's own
    requests          array of further requests, sent as given: method, target,
                      headers, body | body_file, encoding "identity" | "gzip" |
                      "deflate", chunk_bytes, newline_at_end, delay_ms, stall_ms,
                      cut_after_bytes, parallel, each, keep_alive,
                      after_response, detached, timeout_ms, count_lines,
                      expect_status; or raw | raw_file, half_close
  expect              what must hold; what is absent is not looked at
    status            "success", "error" (the function reported one), "timeout" or
                      "failure" (a process crashed or did not start). By default
                      timeout and failure are not allowed, but where
                      kill_extension has hit.
    ended_by          "agent", "runtime_done" or "deadline"
    lines             {"transaction": 1, "span": 3, "error": 0, "log": 2,
                      "metricset": 1}: lines that the APM Server accepted for this
                      invocation, at any time
    lines_made        {"transaction": 1, …}: how many of these nobody handed over,
                      but the extension made
    held_ms_max       how long the extension may hold the invocation after the
                      signal that ended it
    before_deadline_ms_min, before_deadline_ms_max
                      how long before the deadline the extension has to ask for
                      its next event
    held_ms_median_max   the same for the median of all repetitions

shutdown
  reason              "spindown"
  after_ms            100; how long all is frozen before
  frozen              true; false: as with invocations
  waits               true; false, with managed_instances: what runs then is
                      ended and reported as failed

expect                what must hold for the whole run; null: not looked at
  lines_missing       0; lines that the extension took, but the APM Server never
                      accepted
  lines_twice         0
  lines_misfiled      0; agents' lines that arrived under the metadata line of
                      another agent
  extension_exit      0; exit status of each extension at the end
  protocol_errors     0; what a strict APM Server would complain about, and AWS
  refused_requests    null; requests that Lambda's APIs answered with an error
  extension_output    array of {"text": "…", "count": 1}: so many lines that the
                      extensions wrote contain the text; without count at least
                      one
  via_proxy           true: at least one request went through the proxy, and none
                      was refused by it; false: none came to it
  aws_requests        null; requests to AWS's APIs, those for keys included
  init_ms_max         null; how long the first INIT may take
  shutdown_ms_max     null; how long each extension may take to end once it has
                      got SHUTDOWN at the end of the run
  lines_misattributed null; logs under another invocation's request id
  extension_peak_mib_max   null; each extension's memory at its highest
  telemetry_records_min   null; how many records the largest delivery of
                      telemetry must have had
  telemetry_answer_ms_max   null; each delivery must be answered 200 within so
                      long, at the first attempt
  delivery_ms_max     null; how long any line may take from its handing over to
                      its arrival at the APM Server
  concurrent_min      null; how many invocations must have run side by side
  lines_contain       []; texts: each must be in a line that the APM Server
                      accepted, as it was sent
  memory_mb_max       null; MiB of own memory that each extension may have at its
                      peak. Not judged in builds with sanitizers.
)";

} // namespace

const char* scenario_reference() {
  return reference;
}

} // namespace sandbox

"""app.py: a function that does what its event says, under AWS's Python runtime
client and Elastic's agent. It writes what must arrive at the APM Server, one
JSON object a line, to the file named by END_TO_END_TRUTH; check_truth.py
compares. Members of the event (all optional):
  spans    number of spans
  errors   number of captured errors
  logs     number of printed lines
  outcome  "return" (default), "throw", "hang", "exit"
  work_ms  how long the handler waits before it answers
"""
import json
import os
import time

import elasticapm

truth_file = os.environ.get("END_TO_END_TRUTH")


def expect_line(context, kind, **fact):
    if truth_file:
        line = {"request_id": context.aws_request_id, "kind": kind, **fact}
        with open(truth_file, "a") as out:
            out.write(json.dumps(line) + "\n")


def work(event, context):
    for i in range(event.get("logs", 0)):
        message = f"line {i} of {context.aws_request_id}"
        print(message)
        expect_line(context, "log", message=message)
    for i in range(event.get("spans", 0)):
        with elasticapm.capture_span(f"span {i}") as span:
            time.sleep(0.001)
        expect_line(context, "span", id=span.id)
    for i in range(event.get("errors", 0)):
        try:
            raise ValueError(f"error {i}")
        except ValueError:
            error_id = elasticapm.get_client().capture_exception()
            expect_line(context, "error", id=error_id)
    time.sleep(event.get("work_ms", 0) / 1000)


@elasticapm.capture_serverless
def handler(event, context):
    work(event, context)
    outcome = event.get("outcome", "return")
    if outcome == "exit":
        os._exit(3)
    while outcome == "hang":
        time.sleep(1)
    # From here on the agent sends what it has, whatever the answer.
    expect_line(context, "transaction", id=elasticapm.get_transaction_id())
    if outcome == "throw":
        raise RuntimeError("thrown on purpose")
    return {"id": context.aws_request_id}

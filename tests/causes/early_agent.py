"""A function whose agent sends a span while its INIT is under way.

Speaks Lambda's Runtime API, and answers every invocation with null.
"""

import os
import urllib.request

LINES = b"""{"metadata":{"service":{"name":"early","agent":{"name":"early","version":"1"}}}}
{"span":{"id":"0123456789abcdef","trace_id":"0123456789abcdef0123456789abcdef",\
"parent_id":"0123456789abcdef","name":"s","type":"app","duration":1,"timestamp":1795345200000000}}
"""


def post(url, body, content_type):
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": content_type}, method="POST")
    with urllib.request.urlopen(request, timeout=5) as answer:
        answer.read()


def main():
    post(os.environ["ELASTIC_APM_SERVER_URL"] + "/intake/v2/events", LINES,
         "application/x-ndjson")
    api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
    while True:
        with urllib.request.urlopen(api + "/next") as answer:
            request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
            answer.read()
        post(f"{api}/{request_id}/response", b"null", "application/json")


if __name__ == "__main__":
    main()

"""check_canaries.py: plants canaries in everything that comes into the extension
and looks for them in everything that leaves it by another way than as the data
that it is: ring, segments, the extension's log, and what flushtrace prints.

  check_canaries.py SANDBOX EXTENSION FLUSHTRACE

The APM Server's own words about a failed request are for the log; the document that
it quotes is not. Secrets are also looked for in what the APM Server has got; other canaries must
have got there, else nothing is shown. Exit codes: 0 no canary was found; 1 one was.
"""
import base64
import gzip
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

# What a run plants: a secret must be nowhere, data goes to the APM Server alone.
SECRETS = {
    "api key": "canary-secret-api-key",
    "token": "canary-secret-token",
    "proxy's password": "canary-secret-proxy",
    "server's password": "canary-secret-server-url",
    "AWS key": "canary-secret-aws-key",
    "AWS session": "canary-secret-aws-session",
    "secret in AWS": "canary-secret-in-aws",
    "agent's authorization": "canary-secret-of-agent",
    "CA certificate": "canary-secret-pem",
    "key of an unread setting": "canary-secret-unread",
}
DATA = {
    "log line": "canary-log-text",
    "member of a JSON log": "canary-log-member",
    "value of a JSON log": "canary-log-value",
    "number in a JSON log": "4929123412341234",
    "header in a body": "canary-body-header",
    "user in a body": "canary-body-user",
    "environment in a body": "canary-body-env",
    "URL in a body": "canary-body-url",
    "number in a body": "4929567856785678",
    "stack trace in a body": "canary-body-variable",
    "metadata": "canary-body-label",
}
OTHER = {
    "unsound body": "canary-unsound-body",
    "unsound request": "canary-unsound-request",
    "query of a relayed request": "canary-relay-query",
    "header of a relayed request": "canary-relay-header",
    "the function's event": "canary-invoke-payload",
    "another extension's log": "canary-extension-log",
    "platform's text": "canary-platform-text",
    "document in a server's answer": "canary-server-document",
    "server's words": "canary-server-words",
    "server's header": "canary-server-header",
}


def intake_body(request_id):
    """One body with canaries wherever an agent puts a user's data."""
    metadata = {"metadata": {"service": {"name": "orders-api", "agent": {"name": "nodejs", "version": "4.0.0"}},
                             "labels": {"team": DATA["metadata"]}}}
    transaction = {"transaction": {
        "id": "0123456789abcdef", "trace_id": "0123456789abcdef0123456789abcdef", "type": "request",
        "duration": 1.5, "span_count": {"started": 0}, "name": "GET /", "faas": {"execution": request_id},
        "context": {
            "request": {"method": "GET", "headers": {"x-mine": DATA["header in a body"],
                                                     "authorization": "Bearer " + DATA["header in a body"]},
                        "env": {"MINE": DATA["environment in a body"]},
                        "url": {"full": "https://user:" + DATA["URL in a body"] + "@example.com/"}},
            "user": {"id": int(DATA["number in a body"]), "email": DATA["user in a body"] + "@example.com"}}}}
    error = {"error": {"id": "0123456789abcdef0123456789abcdef", "exception": {
        "message": "no", "stacktrace": [{"filename": "a.js", "lineno": 1,
                                         "vars": {"card": DATA["stack trace in a body"]}}]}}}
    return "".join(json.dumps(x) + "\n" for x in (metadata, transaction, error))


def scripted_requests():
    ndjson = {"content-type": "application/x-ndjson", "authorization": "Bearer " + SECRETS["agent's authorization"]}
    intake = {"method": "POST", "target": "/intake/v2/events", "headers": ndjson}
    relay = {"method": "GET", "target": "/config/v1/agents?service.name=" + OTHER["query of a relayed request"],
             "headers": {"authorization": "ApiKey " + SECRETS["agent's authorization"],
                         "x-mine": OTHER["header of a relayed request"]}}
    return [
        dict(intake, body=intake_body("{{request_id}}"), expect_status=202),
        dict(intake, body='{"metadata":{}}\n{"' + OTHER["unsound body"] + '": '),
        dict(intake, body=OTHER["unsound body"], expect_status=400),
        dict(intake, headers=dict(ndjson, **{"content-encoding": OTHER["unsound request"]}), body="{}",
             expect_status=415),
        relay,
        {"method": "GET", "target": "/" + OTHER["unsound request"] + "?x=" + OTHER["unsound request"]},
        {"raw": "GET /" + OTHER["unsound request"] + " HTTP/1.1\r\n" + OTHER["unsound request"] + "\r\n\r\n",
         "expect_status": 400},
    ]


def base_scenario(name):
    json_log = {DATA["member of a JSON log"]: DATA["value of a JSON log"],
                "card": int(DATA["number in a JSON log"]), "message": DATA["log line"]}
    function = {"spans": 1, "logs": [DATA["log line"]], "requests": scripted_requests()}
    return {
        "name": name,
        "extension": {"command": "apm-lambda-extension", "environment": {
            "ELASTIC_APM_API_KEY": SECRETS["api key"],
            "ELASTIC_APM_SECRET_TOKEN": SECRETS["token"],
            "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM": SECRETS["CA certificate"],
            "AWS_SECRET_ACCESS_KEY": SECRETS["AWS key"],
            "AWS_SESSION_TOKEN": SECRETS["AWS session"],
            "MY_DATABASE_PASSWORD": SECRETS["key of an unread setting"]}},
        "function": {"log_format": "text"},
        "invocations": [
            {"payload": {"mine": OTHER["the function's event"]}, "function": function,
             "records": [{"type": "extension", "record": OTHER["another extension's log"]},
                         {"type": "platform.fault", "record": OTHER["platform's text"]}]},
            {"payload": {"mine": OTHER["the function's event"]}, "after_ms": 20,
             "function": dict(function, log_format="raw", logs=[json.dumps(json_log), "[" + json.dumps(json_log) + "]"])},
            {"after_ms": 20, "function": dict(function, flush=False)},
            {"after_ms": 20, "function": {"spans": 1}},
        ],
        "expect": {"lines_missing": None, "lines_twice": None, "protocol_errors": None},
    }


def server_answers():
    """First answers that name a line, as the APM Server does, then failures."""
    problem = {"message": OTHER["server's words"], "document": OTHER["document in a server's answer"]}
    headers = {"x-mine": OTHER["server's header"]}
    return [
        {"status": 400, "body": {"accepted": 1, "errors": [problem]}, "headers": headers},
        {"status": 503, "body": {"accepted": 0, "errors": [problem]}, "headers": headers},
        {"accept": True},
        {"status": 500, "body": {"error": OTHER["server's words"]}, "headers": headers},
    ]


def scenarios():
    """Yields (scenario, further options of the sandbox, whether payloads are full)."""
    through_proxy = base_scenario("proxy")
    through_proxy["proxy"] = {"credentials": "lambda:" + SECRETS["proxy's password"]}
    through_proxy["apm_server"] = {"behaviour": server_answers()}
    yield through_proxy, {}, False
    digest = base_scenario("digest")
    digest["apm_server"] = {"behaviour": server_answers()}
    yield digest, {"ELASTIC_APM_LAMBDA_TRACE_PAYLOAD": "digest"}, False
    full = base_scenario("full")
    yield full, {"ELASTIC_APM_LAMBDA_TRACE_PAYLOAD": "full"}, True
    from_aws = base_scenario("aws")
    environment = from_aws["extension"]["environment"]
    for name in ("ELASTIC_APM_API_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        del environment[name]
    environment["ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID"] = "apm"
    from_aws["aws"] = {"secrets": {"apm": SECRETS["secret in AWS"]}}
    from_aws["apm_server"] = {"authorization": "ApiKey " + SECRETS["secret in AWS"]}
    yield from_aws, {}, False
    unreachable = base_scenario("unreachable")
    environment = unreachable["extension"]["environment"]
    environment["ELASTIC_APM_LAMBDA_APM_SERVER"] = (
        "http://elastic:" + SECRETS["server's password"] + "@127.0.0.1:9/")
    yield unreachable, {}, False


def words():
    """The words that segments have in place of longer texts."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../runtime/trace/FORMAT.md"), "rb") as file:
        table = file.read().split(b"## Words\n")[1].split(b"```\n")[1]
    return table.splitlines()


def unpacked(path):
    """The bytes of a ring, or the bodies of a file's segments."""
    with open(path, "rb") as file:
        content = file.read()
    if not content.startswith(b"ATRC"):
        return content
    bodies = b""
    while content.startswith(b"ATRC"):
        packed = struct.unpack("<I", content[8:12])[0]
        body = zlib.decompress(content[24:24 + packed])
        if content[6] == 1:
            body = re.sub(b"\xfe(.)", lambda x: (WORDS + [b"\xfe"] * 256)[x.group(1)[0]], body, flags=re.DOTALL)
        bodies += body
        content = content[24 + packed:]
    return bodies


def page_data(page):
    """What the timeline page draws, which stands in it packed."""
    data = re.search(rb'id="data">([^<]*)<', page)
    unpacked_data = gzip.decompress(base64.b64decode(data[1]))
    if b"telemetry_batch" not in unpacked_data:
        sys.exit("check_canaries: the timeline page's data are elsewhere")
    return unpacked_data


WORDS = words()


class Run:
    def __init__(self, programs, scenario, options, work):
        self.name = scenario["name"]
        self.flushtrace = programs[2]
        self.traces = os.path.join(work, self.name)
        self.logs = os.path.join(work, self.name + ".log")
        os.mkdir(self.traces)
        path = os.path.join(work, self.name + ".json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(scenario, file)
        environment = {"ELASTIC_APM_LAMBDA_TRACE": "all", "ELASTIC_APM_LAMBDA_TRACE_DIR": self.traces,
                       "ELASTIC_APM_LOG_LEVEL": "trace", **options}
        command = [programs[0], "--extension", programs[1], "--log-dir", self.logs]
        for name, value in environment.items():
            command += ["--extension-env", name + "=" + value]
        done = subprocess.run(command + [path], capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            sys.exit(f"check_canaries: {self.name}: {done.stdout}{done.stderr}")

    def places(self):
        """Yields (what, bytes) of all that a canary must not be in."""
        for name in sorted(os.listdir(self.traces)):
            yield name, unpacked(os.path.join(self.traces, name))
        for name in sorted(os.listdir(self.logs)):
            if name.startswith("apm-lambda-extension"):
                with open(os.path.join(self.logs, name), "rb") as file:
                    yield name, file.read()
        yield from self.verbs()

    def verbs(self):
        out = os.path.join(self.traces + ".out")
        printing = [["info"], ["ls"], ["dump"], ["dump", "--format", "csv"], ["explain"], ["summary"],
                    ["timeline", "-o", "-"], ["replay"]]
        printing += [["export", "--format", form] for form in ("perfetto", "mermaid", "shiviz", "ecs", "otlp")]
        printing.append(["export", "--format", "ecs", "--records"])
        known = subprocess.run([self.flushtrace, "--help"], capture_output=True, text=True, check=True).stdout
        for verb in printing:
            if not re.search(rf"^  {verb[0]} ", known, re.MULTILINE):
                continue
            for json_flag in ([], ["--json"]):
                if json_flag and verb[0] in ("timeline", "export"):
                    continue
                done = subprocess.run([self.flushtrace, *verb, *json_flag, self.traces], capture_output=True,
                                      timeout=60, check=False)
                if done.returncode in (1, 5) or not done.stdout:
                    sys.exit(f"check_canaries: {verb}: {done.returncode} {done.stderr.decode()}")
                yield "flushtrace " + " ".join(verb + json_flag), done.stdout + done.stderr
                if verb[0] == "timeline":
                    yield "the timeline page's data", page_data(done.stdout)
        for verb in ("slice", "redact"):
            subprocess.run([self.flushtrace, verb, "-o", out, self.traces], capture_output=True, timeout=60, check=True)
            yield "flushtrace " + verb, unpacked(out)

    def received(self):
        with open(os.path.join(self.logs, "received.ndjson"), "rb") as file:
            return file.read()


def found_in(run, is_full):
    problems = []
    canaries = dict(SECRETS) if is_full else {**SECRETS, **DATA, **OTHER}
    for place, content in run.places():
        if place == "flushtrace redact":
            canaries = {**SECRETS, **DATA, **OTHER}
        for what, canary in canaries.items():
            if what == "server's words" and place.endswith(".stdout.log"):
                continue
            if canary.encode() in content:
                at = content.index(canary.encode())
                around = content[max(0, at - 80):at + 60]
                problems.append(f"{run.name}: {what} is in {place}: {around!r}")
    for what, canary in SECRETS.items():
        if canary.encode() in run.received():
            problems.append(f"{run.name}: {what} went to the APM Server as data")
    return problems


def main(programs):
    problems = []
    with tempfile.TemporaryDirectory() as work:
        for scenario, options, is_full in scenarios():
            run = Run(programs, scenario, options, work)
            problems += found_in(run, is_full)
            missing = [what for what, canary in DATA.items() if canary.encode() not in run.received()]
            if missing and run.name != "unreachable":
                problems.append(f"{run.name}: never arrived, so nothing is shown: {', '.join(missing)}")
            print(f"check_canaries: {run.name}: {len(SECRETS) + len(DATA) + len(OTHER)} canaries looked for")
    for problem in problems:
        print("check_canaries: " + problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main([os.path.abspath(x) for x in sys.argv[1:]]))

"""check_truth.py: compares what a function says it made with what the APM Server
stand-in accepted: each line exactly once.

  check_truth.py TRUTH LINES

TRUTH has one JSON object a line, written by app.js or app.py: `request_id`,
`kind` (transaction, span, error, log) and `id`, or `message` for a log. LINES is
lambda-sandbox's record of the stand-in's lines (README.md, --log-dir).
Exit codes: 0 all there once; 1 something is missing or there twice.
"""
import collections
import json
import sys


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def accepted_events(path):
    """Yields (kind, event) of each line that entered the server."""
    for record in read_lines(path):
        if record["accepted"] and record["kind"] != "metadata":
            event = json.loads(record["text"])
            yield record["kind"], event[record["kind"]]


def main(truth_path, lines_path):
    ids = collections.Counter()
    messages = collections.Counter()
    for kind, event in accepted_events(lines_path):
        if kind == "log":
            # A runtime client puts time, request id and level before the text.
            messages[event["message"].strip().split("\t")[-1]] += 1
        elif "id" in event:
            ids[kind, event["id"]] += 1

    # A transaction may be announced twice: registered, and sent.
    truth = {(fact["kind"], fact.get("id") or fact["message"]): fact["request_id"]
             for fact in read_lines(truth_path)}
    wrong = 0
    for (kind, name), request_id in truth.items():
        count = messages[name] if kind == "log" else ids[kind, name]
        if count != 1:
            wrong += 1
            found = "missing" if count == 0 else f"there {count} times"
            print(f"{kind} {name} of request {request_id}: {found}")

    kinds = collections.Counter(kind for kind, name in truth)
    made = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"made by the function: {made or 'nothing'}; wrong: {wrong}")
    return 1 if wrong or not truth else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

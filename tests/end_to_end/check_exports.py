#!/usr/bin/env python3
"""The exports of real traces, against the rules of those who read them.

  check_exports.py SANDBOX EXTENSION FLUSHTRACE SOURCE_DIR

Records scenarios in lambda-sandbox, exports them in every format, and checks:
Perfetto's rules (slices nest, flows begin and end in slices, names, order of
time), ShiViz's (clocks grow by one and know nothing of the future), Mermaid's
form, OTLP's (ids, parents, times, typed attributes), and that documents in ECS have no field that Elasticsearch's template and
Athena's table do not know, and queries ask for no other.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

SANDBOX, EXTENSION, FLUSHTRACE, SOURCE = sys.argv[1:5]
SCENARIOS = {
    "demo": ("demo", []),
    "missed": ("server_hang_series", []),
    "background": ("three_signals", ["ELASTIC_APM_SEND_STRATEGY=background"]),
    "full": ("buffer_full", []),
    "session": ("managed_instances", []),
}


def need(is_true, what):
    if not is_true:
        sys.exit(f"check_exports: {what}")


def run(*command, statuses=(0,)):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    need(done.returncode in statuses,
         f"{command}: {done.returncode}: {(done.stderr + done.stdout)[-2000:]}")
    return done.stdout


def record(folder, scenario, settings):
    options = ["ELASTIC_APM_LAMBDA_TRACE=all",
               f"ELASTIC_APM_LAMBDA_TRACE_DIR={folder}", *settings]
    os.mkdir(folder)
    # What the scenario expects is not asked here: a trace is enough.
    run(SANDBOX, "--extension", EXTENSION,
        *[word for x in options for word in ("--extension-env", x)],
        f"{SOURCE}/tests/end_to_end/scenarios/{scenario}.json",
        statuses=(0, 1))


def export(folder, form, *options):
    return run(FLUSHTRACE, "export", "--format", form, *options, folder)


def explained(folder):
    """The events as explain has them."""
    text = run(FLUSHTRACE, "explain", "--all", "--json", folder,
               statuses=(0, 2, 4))
    return [x for x in map(json.loads, text.splitlines()) if x["event"] != 0]


# -- Perfetto ------------------------------------------------------------------

def check_perfetto(name, text):
    trace = json.loads(text)
    events = trace["traceEvents"]
    names = [x for x in events if x["ph"] == "M"]
    others = [x for x in events if x["ph"] != "M"]
    need(events[:len(names)] == names, f"{name}: metadata come first")
    known = {"process_name", "process_sort_index", "thread_name",
             "thread_sort_index"}
    need({x["name"] for x in names} <= known, f"{name}: metadata names")
    processes = {x["pid"] for x in names if x["name"] == "process_name"}
    threads = {(x["pid"], x["tid"]) for x in names
               if x["name"] == "thread_name"}
    last = 0
    for x in others:
        x["ns"] = round(x["ts"] * 1000)
        need(x["ns"] >= last, f"{name}: time runs back at {x}")
        last = x["ns"]
        need(x["pid"] in processes, f"{name}: nameless process in {x}")
        need(x["ph"] == "C" or (x["pid"], x["tid"]) in threads,
             f"{name}: nameless thread in {x}")
    slices = check_slices(name, others)
    check_spans(name, others)
    flows = check_flows(name, others, slices)
    counters = [x for x in others if x["ph"] == "C"]
    need({"held lines", "held bytes"} <= {x["name"] for x in counters},
         f"{name}: no counters")
    for x in counters:
        need(x["args"] and all(isinstance(v, (int, float)) and v >= 0
                               for v in x["args"].values()), f"{name}: {x}")
    for x in others:
        need(x["ph"] in "XbesfCi", f"{name}: phase of {x}")
        need(x["ph"] != "i" or x["s"] in "tpg", f"{name}: scope of {x}")
    return f"{sum(map(len, slices.values()))} slices, {flows} flows"


def check_slices(name, events):
    """Slices of one thread nest; returns them by thread."""
    found = {}
    stacks = {}
    for x in (x for x in events if x["ph"] == "X"):
        thread = (x["pid"], x["tid"])
        begin, end = x["ns"], x["ns"] + round(x["dur"] * 1000)
        need(x["dur"] >= 0, f"{name}: {x}")
        stack = stacks.setdefault(thread, [])
        while stack and stack[-1] <= begin:
            stack.pop()
        need(not stack or end <= stack[-1], f"{name}: {x} leaves its parent")
        stack.append(end)
        found.setdefault(thread, []).append((begin, end))
    need(found, f"{name}: no slices")
    return found


def check_spans(name, events):
    """Asynchronous ones are well nested for each id."""
    stacks = {}
    count = 0
    for x in (x for x in events if x["ph"] in "be"):
        stack = stacks.setdefault((x["pid"], x["cat"], x["id"]), [])
        if x["ph"] == "b":
            count += 1
            stack.append(x["name"])
        else:
            need(stack and stack.pop() == x["name"], f"{name}: {x} ends nothing")
    need(count > 0 and not any(stacks.values()), f"{name}: spans without end")


def check_flows(name, events, slices):
    begins, ends = {}, {}
    for x in (x for x in events if x["ph"] in "sf"):
        side = begins if x["ph"] == "s" else ends
        key = (x["cat"], x["name"], x["id"])
        need(key not in side, f"{name}: flow {key} twice")
        side[key] = x
        need(x["ph"] == "s" or x["bp"] == "e", f"{name}: {x} binds elsewhere")
        need(any(begin <= x["ns"] <= end for begin, end
                 in slices.get((x["pid"], x["tid"]), [])),
             f"{name}: {x} is in no slice")
    need(begins and begins.keys() == ends.keys(), f"{name}: flows without end")
    for key, x in begins.items():
        need(x["ns"] <= ends[key]["ns"], f"{name}: {key} ends before it begins")
    return len(begins)


# -- ShiViz --------------------------------------------------------------------

def check_shiviz(name, folder, text):
    parser = re.compile(r"(?P<host>\S*) (?P<clock>\{.*\})\n(?P<event>.*)")
    causes = {}
    for line in run(FLUSHTRACE, "dump", "--json", folder).splitlines():
        x = json.loads(line)
        causes[x["sequence"]] = (x["kind"], x.get("cause"))
    now, clocks, end = {}, {}, 0
    for found in parser.finditer(text):
        need(found.start() == end, f"{name}: not parsed: {text[end:][:200]!r}")
        end = found.end() + 1
        host, clock = found["host"], json.loads(found["clock"])
        before = now.get(host, {})
        need(clock.get(host) == before.get(host, 0) + 1,
             f"{name}: {host} does not go on by one: {found[0]}")
        need(all(clock.get(k, 0) >= v for k, v in before.items()),
             f"{name}: {host} forgets: {found[0]}")
        for other, count in clock.items():
            need(other == host or count <= now.get(other, {}).get(other, 0),
                 f"{name}: {host} knows the future of {other}: {found[0]}")
        now[host] = clock
        number = int(found["event"].rsplit("#", 1)[1])
        clocks[number] = clock
        kind, cause = causes[number]
        if kind in ("handled", "born") and cause in clocks:
            need(all(clock.get(k, 0) >= v for k, v in clocks[cause].items()),
                 f"{name}: record {number} does not follow {cause}")
    need(end >= len(text) and len(clocks) > 100, f"{name}: {len(clocks)} events")
    return f"{len(clocks)} events of {len(now)} hosts"


# -- Mermaid -------------------------------------------------------------------

def check_mermaid(name, text):
    lines = text.splitlines()
    need(lines[:2] == ["sequenceDiagram", "  autonumber"], f"{name}: {lines[:2]}")
    need(len(text) < 50000, f"{name}: {len(text)} characters")
    plain = r"[\w\-./() ,=%+?]*"
    participants, arrows = set(), 0
    for line in lines[2:]:
        declared = re.fullmatch(rf"  participant (L\d+) as {plain}", line)
        arrow = re.fullmatch(rf"  (L\d+)(?:->>|-->>|--x)(L\d+): {plain}", line)
        note = re.fullmatch(rf"  Note over (L\d+): {plain}", line)
        if declared:
            participants.add(declared[1])
        elif arrow or note:
            arrows += 1 if arrow else 0
            need(set((arrow or note).groups()) <= participants, f"{name}: {line}")
        else:
            need(line.startswith("  %%"), f"{name}: {line!r}")
    need(arrows >= 5, f"{name}: {arrows} arrows")
    return f"{arrows} arrows"


# -- OTLP ----------------------------------------------------------------------

def check_attributes(name, attributes):
    kinds = {"stringValue": str, "intValue": str, "boolValue": bool}
    keys = [x["key"] for x in attributes]
    need(len(keys) == len(set(keys)), f"{name}: twice in {keys}")
    for x in attributes:
        (kind, value), = x["value"].items()
        need(isinstance(value, kinds[kind]), f"{name}: {x}")
        need(kind != "intValue" or re.fullmatch(r"-?\d+", value), f"{name}: {x}")


def check_otlp(name, text, rows):
    spans = []
    for resource in json.loads(text)["resourceSpans"]:
        check_attributes(name, resource["resource"]["attributes"])
        need(any(x["key"] == "service.name"
                 for x in resource["resource"]["attributes"]), f"{name}: service")
        for scope in resource["scopeSpans"]:
            spans += scope["spans"]
    by_id = {(x["traceId"], x["spanId"]): x for x in spans}
    need(len(by_id) == len(spans), f"{name}: a span's id twice")
    roots = []
    for x in spans:
        need(re.fullmatch(r"[0-9a-f]{32}", x["traceId"]) and int(x["traceId"], 16)
             and re.fullmatch(r"[0-9a-f]{16}", x["spanId"])
             and int(x["spanId"], 16), f"{name}: ids of {x}")
        need(x["kind"] in (1, 3) and x["status"]["code"] in (0, 1, 2)
             and x["name"], f"{name}: {x}")
        times = [x["startTimeUnixNano"], x["endTimeUnixNano"],
                 *[e["timeUnixNano"] for e in x.get("events", [])]]
        need(all(re.fullmatch(r"\d{19}", t) for t in times), f"{name}: {times}")
        need(times[0] <= times[1], f"{name}: {x} ends before it begins")
        check_attributes(name, x["attributes"])
        parent = x.get("parentSpanId")
        if parent is None:
            roots.append(x)
            continue
        need((x["traceId"], parent) in by_id, f"{name}: no parent of {x}")
        need(by_id[x["traceId"], parent]["startTimeUnixNano"] <= times[0],
             f"{name}: {x} begins before its parent")
    need(len(roots) == len({x["traceId"] for x in roots}) == len(rows),
         f"{name}: {len(roots)} roots of {len(rows)} events")
    for root, row in zip(roots, rows):
        need((root["status"]["code"] == 2) == row["missed"],
             f"{name}: {root} is not {row}")
    return f"{len(spans)} spans"


# -- ECS -----------------------------------------------------------------------

def leaves(mapping, prefix=""):
    for name, x in mapping["properties"].items():
        if "properties" in x:
            yield from leaves(x, f"{prefix}{name}.")
        else:
            yield prefix + name, x["type"]


def columns():
    """Athena's table: path to type."""
    text = open(f"{SOURCE}/tools/flushtrace/athena/table.sql").read()
    text = re.sub(r"--.*", "", text)
    body = text[text.index("(") + 1:text.index("PARTITIONED BY")]
    tokens = re.findall(r"`?\w+`?|[<>:,()]", body)
    found = {}

    def read_type(path):
        word = tokens.pop(0)
        if word == "struct":
            tokens.pop(0)
            while True:
                member = tokens.pop(0).strip("`")
                need(tokens.pop(0) == ":", f"table.sql: {path}.{member}")
                read_type(f"{path}.{member}")
                if tokens.pop(0) == ">":
                    return
        if word == "array":
            word = f"array<{tokens[1]}>"
            del tokens[:3]
        found[path] = word

    while tokens and tokens[0] != ")":
        column = tokens.pop(0).strip("`")
        read_type(column)
        if tokens and tokens[0] == ",":
            tokens.pop(0)
    found["@timestamp"] = found.pop("timestamp")
    return found


def fields(document, prefix=""):
    for name, x in document.items():
        if isinstance(x, dict):
            yield from fields(x, f"{prefix}{name}.")
        else:
            yield prefix + name, x


FITS = {
    "keyword": str, "match_only_text": str, "date": str, "boolean": bool,
    "long": int, "double": (int, float),
    "string": str, "bigint": int,
}


def fits(x, kind):
    inner = re.fullmatch(r"array<(\w+)>", kind)
    if inner:
        return isinstance(x, list) and all(fits(y, inner[1]) for y in x)
    if isinstance(x, list) and kind not in ("string", "bigint"):
        return all(fits(y, kind) for y in x)  # Elasticsearch: any is a list
    return isinstance(x, FITS[kind]) and (kind == "boolean"
                                          or not isinstance(x, bool))


def check_documents(name, folder, template, table):
    rows = explained(folder)
    plain = [json.loads(x) for x in export(folder, "ecs").splitlines()]
    need(len(plain) == len(rows), f"{name}: {len(plain)} of {len(rows)} events")
    for document, row in zip(plain, rows):
        ours = document["flushtrace"]
        need(ours["event"] == row["event"]
             and ours["lines"]["received"] == row["ledger"]["received"]
             and ours["missed"] == row["missed"]
             and " ".join(ours["verdict"]) == row["outcome"]
             and ours.get("causes", []) == [x["cause"] for x in row["causes"]],
             f"{name}: {document} is not {row}")
    documents = [json.loads(x) for x in
                 export(folder, "ecs", "--records").splitlines()]
    need(len(documents) > len(plain) * 10, f"{name}: no records")
    seen = set()
    for document in documents:
        for field, x in fields(document):
            seen.add(field)
            need(field in template, f"{name}: {field} is not in the template")
            need(fits(x, template[field]), f"{name}: {field}: {x!r}")
            if field == "ecs.version":
                continue  # of no use in SQL
            need(field in table, f"{name}: {field} is not in table.sql")
            need(fits(x, table[field]), f"{name}: {field}: {x!r} in table.sql")
    return seen


def check_queries(template, table):
    pattern = re.compile(
        r"(?:@timestamp|\b(?:flushtrace|faas|event|cloud|service|process)"
        r"\.[a-z_.]+)")
    count = 0
    for folder, known in (("elasticsearch", template), ("athena", table)):
        path = f"{SOURCE}/tools/flushtrace/{folder}"
        for file in sorted(os.listdir(path)):
            if not file.endswith((".esql", ".sql")) or file == "table.sql":
                continue
            text = open(f"{path}/{file}").read()
            text = re.sub(r"(?m)(FROM .*|//.*|--.*)$", "", text)
            asked = set(pattern.findall(text))
            need(asked and asked <= known.keys(),
                 f"{file}: no such field: {asked - known.keys()}")
            count += 1
    need(count == 10, f"{count} queries")


def main():
    template = dict(leaves(json.load(open(
        f"{SOURCE}/tools/flushtrace/elasticsearch/index-template.json")
    )["template"]["mappings"]))
    table = columns()
    need(template.keys() - {"ecs.version"} == table.keys(),
         f"template and table differ: {template.keys() ^ table.keys()}")
    check_queries(template, table)
    seen = set()
    with tempfile.TemporaryDirectory() as work:
        for name, (scenario, settings) in SCENARIOS.items():
            folder = f"{work}/{name}"
            record(folder, scenario, settings)
            print(name, "perfetto:",
                  check_perfetto(name, export(folder, "perfetto")))
            print(name, "shiviz:",
                  check_shiviz(name, folder, export(folder, "shiviz")))
            print(name, "mermaid:",
                  check_mermaid(name, export(folder, "mermaid")))
            print(name, "otlp:",
                  check_otlp(name, export(folder, "otlp"), explained(folder)))
            seen |= check_documents(name, folder, template, table)
            one = json.loads(export(folder, "perfetto", "--event", "1"))
            need(len(one["traceEvents"]) > 10, f"{name}: --event 1")
    print("ecs:", len(seen), "of", len(template), "fields were seen;",
          "never:", *sorted(template.keys() - seen))


main()

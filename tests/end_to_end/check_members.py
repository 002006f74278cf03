"""check_members.py: what flushtrace's verbs print with --json has the members that
its manual names, and no others, at any depth.

  check_members.py FLUSHTRACE MANUAL TRACES...

TRACES are folders. A verb that takes no traces is run without. Members that only
exist where something happened that these traces do not have must be named below.
Exit codes: 0 all as documented; 1 a member is not documented, or is in no output.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

# What does not happen in the traces that check_trace has made.
DIVERGENCE = {"kind", "class", "record", "expected", "got", "detail", "fields", "field", "ancestors", "why", "gap_after",
              "stopped_at"}
NOT_HERE = {
    "replay": DIVERGENCE | {"file"},
    "verify": DIVERGENCE,
    "diff": {"remark", "duration", "a_ms", "b_ms"},
    "dump": {"cut", "urgent"},
    "explain": {"setting", "value", "with_remedy", "why_inferred"},
    "selfcheck": {"problem"},
    "whatif": {"why", "cause"},
    "sweep": {"smallest", "greatest"},
}
# Beside TRACES and --json.
OPTIONS = {
    "explain": ["--all"],
    "explore": ["--schedules", "10"],
    "whatif": ["--set", "server_latency=x2"],
    "sweep": ["server_latency", "--values", "x1,x2"],
    "selfcheck": ["--kills", "1", "--records", "1000"],
    "migrate": ["-o", "{work}/migrated.atrc"],
    "slice": ["-o", "{work}/slice.atrc"],
    "redact": ["-o", "{work}/redact.atrc"],
    "timeline": ["-o", "{work}/page.html"],
    "export": ["--format", "ecs", "-o", "{work}/export"],
}
WITHOUT_TRACES = {"causes", "explore", "selfcheck"}
# They want another argument than a folder of traces: unit tests look at them.
ELSEWHERE = {"salvage", "extract", "shrink"}


def documented(manual):
    """Yields (verb, members) of the table in "JSON"; what is in brackets is a value, what
    follows a colon within a dump's record is told in words."""
    with open(manual, encoding="utf-8") as file:
        section = file.read().split("## JSON")[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.split(" | ", 1)]
        if not line.startswith("| `") or len(cells) < 2:
            continue
        text = re.sub(r"\([^)]*\)", "", cells[1])
        text = re.split(r"[:.] An? |: an object", text)[0]
        members = {re.sub(r"[\[\]{}]", "", name) for name in re.findall(r"`([^`]+)`", text)}
        for verb in re.findall(r"`([a-z]+)`", cells[0]):
            yield verb, members | {"schema_version"}


def names_in(value, is_dump, depth=0):
    """All names of members; those within a record's fields are the record's own."""
    if isinstance(value, list):
        return set().union(*(names_in(each, is_dump, depth) for each in value))
    if not isinstance(value, dict):
        return set()
    inner = set()
    if not is_dump:
        inner = set().union(*(names_in(each, is_dump, depth + 1) for each in value.values()))
    return set(value) | inner


def run(flushtrace, verb, traces, work):
    command = [flushtrace, verb, "--json"]
    command += [option.format(work=work) for option in OPTIONS.get(verb, [])]
    if verb not in WITHOUT_TRACES:
        command += traces
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode in (1, 5) or not done.stdout:
        sys.exit(f"check_members: {' '.join(command)}: exit status {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def main(flushtrace, manual, traces):
    problems = []
    rows = dict(documented(manual))
    with tempfile.TemporaryDirectory() as work:
        for verb, members in rows.items():
            if verb in ELSEWHERE:
                continue
            objects = run(os.path.abspath(flushtrace), verb, traces, work)
            found = names_in(objects, verb == "dump")
            missing = members - found - NOT_HERE.get(verb, set())
            if found - members:
                problems.append(f"{verb}: not documented: {', '.join(sorted(found - members))}")
            if missing:
                problems.append(f"{verb}: documented, and in no output: {', '.join(sorted(missing))}")
            if any("schema_version" not in each for each in objects):
                problems.append(f"{verb}: an object without schema_version")
    for problem in problems:
        print("check_members: " + problem, file=sys.stderr)
    print(f"check_members: {len(rows)} verbs are documented: {', '.join(rows)}")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))

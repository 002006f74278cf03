"""sandbox_runs.py: what is measured in lambda-sandbox, from the account that it
gives: held time, deadlines, shutdown. ../../../tools/lambda-sandbox/README.md
explains the account's members.
"""
import json
import os
import statistics

from .children import Child, MeasurementError
from .figures import Figure, distribution
from .quota import Quota

_scenarios = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scenarios")

# lambda-sandbox: 2 means that something expected did not hold; the account is
# there nevertheless.
_held_exit, _not_as_expected_exit = 0, 2


def run_sandbox(context, program, scenario, strategy, timeout_s, repeat=1, starter=None):
    """The account of one run. Lost lines and the like become notes. `starter`
    is a program to be started in its place, which becomes it."""
    account_path = context.file("account.json")
    arguments = [context.sandbox, "--extension", starter or program.path,
                 "--extension-env", f"ELASTIC_APM_SEND_STRATEGY={strategy}",
                 f"--json={account_path}", "--repeat", str(repeat)]
    for name, value in program.environment.items():
        arguments += ["--extension-env", f"{name}={value}"]
    arguments.append(os.path.join(_scenarios, scenario + ".json"))
    child = Child(arguments, dict(os.environ), context.log_path())
    try:
        status = child.wait(timeout_s)
    finally:
        child.kill()
    if status not in (_held_exit, _not_as_expected_exit):
        raise MeasurementError(f"lambda-sandbox ended with status {status}; {child.output()}")
    with open(account_path, encoding="utf-8") as file:
        account = json.load(file)
    if account["schema_version"] != 1:
        raise MeasurementError("lambda-sandbox's account has another schema_version than 1")
    # A floor delivers neither logs nor metrics.
    for failure in account["failures"][:3] if program.name != "floor" else ():
        context.note_problem(failure)
    return account


def run_limited(percent, *arguments, **named):
    """run_sandbox() with an extension that has so much of a core; None: all."""
    if percent is None:
        return run_sandbox(*arguments, **named)
    context, program, *_ = arguments
    with Quota(percent) as quota:
        return run_sandbox(*arguments, **named, starter=quota.starter(program, context.file("")))


def extension_program(account):
    return next(each for each in account["programs"] if each["is_extension"])


def _server_share_ms(account, invocation):
    """How much of the held time the APM Server stand-in had a request before
    it and had not answered."""
    begin_ms = invocation["signals"][f"{invocation['ended_by']}_ms"]
    end_ms = begin_ms + invocation["held_ms"]
    by_number = {each["number"]: each for each in account["apm_server_requests"]}
    share_ms = 0
    for number in invocation["apm_server_requests"]:
        request = by_number[number]
        if request["answered_ms"] is not None:
            share_ms += max(0, min(request["answered_ms"], end_ms) - max(request["begin_ms"], begin_ms))
    return share_ms


class Held:
    """The time from the signal that ends an invocation to event/next."""

    figures = (
        Figure("held_median_ms", "held, median", "ms"),
        Figure("held_p90_ms", "held, 90th percentile", "ms"),
        Figure("held_p99_ms", "held, 99th percentile", "ms"),
        Figure("held_min_ms", "held, least", "ms"),
        Figure("held_max_ms", "held, most", "ms"),
        Figure("server_median_ms", "  of it, the APM Server stand-in, median", "ms"),
        Figure("added_median_ms", "added to the invocation, median", "ms"),
        Figure("added_p99_ms", "added, 99th percentile", "ms"),
        Figure("cpu_median_ms", "CPU per invocation, median", "ms"),
        Figure("cpu_mean_ms", "CPU per invocation, mean", "ms"),
        Figure("first_held_ms", "first invocation: held", "ms"),
        Figure("first_cpu_ms", "first invocation: CPU", "ms"),
        Figure("peak_kib", "peak memory of the run", "KiB"),
        Figure("threads", "threads, most", ""),
    )
    _signals = {
        "agent": "the agent's flush signal",
        "runtime_done": "platform.runtimeDone",
    }

    def __init__(self, strategy, signal, runs, invocations, percent=None):
        self.name = f"held.{strategy}.{signal}" + (f".cpu_{percent}_percent" if percent else "")
        self.title = (f"{strategy}, {self._signals[signal]} to event/next, {invocations} invocations a run"
                      + (f", with {percent} % of a core" if percent else ""))
        self.runs = runs
        self.notes = self._notes(signal)
        self.floor = "forward" if (strategy, signal) == ("syncflush", "agent") else None
        self._percent = percent
        self._strategy, self._signal, self._invocations = strategy, signal, invocations

    @staticmethod
    def _notes(signal):
        notes = [
            "sandbox, function and extension share the machine's cores: what they wait for each other is in it",
            "the APM Server stand-in: from reading a request until its answer is sent; not in it: the way there and back",
            "CPU: from INVOKE to the freeze, all threads; the kernel's work for its sockets included",
            "the cold start's invocation is told apart as the first",
            "floor: the least program that passes the agent's last body on, unread; it takes no telemetry",
        ]
        if signal == "runtime_done":
            notes.insert(0, "held begins when the sandbox posts runtimeDone to the extension; added begins when the "
                            "runtime has asked, so it has the platform's delay (20 ms in the sandbox) and the "
                            "buffering that the extension subscribed to (25 ms at least) in it")
        return tuple(notes)

    def measure(self, program, context):
        # An invocation takes 30 to 80 ms.
        account = run_limited(self._percent, context, program, f"held_{self._signal}", self._strategy,
                              timeout_s=30 + self._invocations, repeat=self._invocations)
        first, *warm = account["invocations"]
        # Under background too, the invocation's own signal has to end it.
        good = [each for each in warm if each["status"] == "success" and each["ended_by"] == self._signal
                and each["held_ms"] is not None]
        if len(good) < len(warm):
            context.note_problem(f"{len(warm) - len(good)} of {len(warm)} invocations are left out: they ended otherwise")
        if not good:
            raise MeasurementError("no invocation ended as it should")
        held = distribution("held", [each["held_ms"] for each in good])
        added = distribution("added", [each["added_ms"] for each in good if each["added_ms"] is not None])
        cpu = [each["extension_cpu_ms"] for each in good if each["extension_cpu_ms"] is not None]
        extension = extension_program(account)
        return {
            **held,
            "server_median_ms": statistics.median(_server_share_ms(account, each) for each in good),
            "added_median_ms": added.get("added_median_ms"),
            "added_p99_ms": added.get("added_p99_ms"),
            "cpu_median_ms": statistics.median(cpu) if cpu else None,
            "cpu_mean_ms": statistics.fmean(cpu) if cpu else None,
            "first_held_ms": first["held_ms"] if first["ended_by"] == self._signal else None,
            "first_cpu_ms": first["extension_cpu_ms"],
            "peak_kib": extension["peak_rss_kib"],
            "threads": extension["threads"],
        }


class FirstFlush:
    """The first flush of a process, with the making of its connection in it."""

    figures = (
        Figure("first_held_ms", "first invocation: held", "ms"),
        Figure("first_cpu_ms", "first invocation: CPU", "ms"),
        Figure("next_held_ms", "the next ones: held, median", "ms"),
        Figure("next_cpu_ms", "the next ones: CPU, median", "ms"),
        Figure("peak_kib", "peak memory of the run", "KiB"),
    )
    _titles = {
        "plain": "plain http",
        "tls": "https, verified with the machine's own CA certificates and one more",
    }

    def __init__(self, kind, runs, percent=None):
        self.name = f"first_flush.{kind}" + (f".cpu_{percent}_percent" if percent else "")
        self.title = (f"syncflush, the agent's flush signal to event/next, {self._titles[kind]}"
                      + (f", with {percent} % of a core" if percent else ""))
        self._percent = percent
        self.runs = runs
        self.notes = ("first: the connection, with TLS the reading of the certificates, the handshake and the "
                      "stand-in's share of it are in it",)
        self._kind = kind

    def measure(self, program, context):
        account = run_limited(self._percent, context, program, f"first_flush_{self._kind}", "syncflush", timeout_s=60)
        first, *others = account["invocations"]
        if first["held_ms"] is None:
            raise MeasurementError("the first invocation was ended by no signal")
        return {
            "first_held_ms": first["held_ms"],
            "first_cpu_ms": first["extension_cpu_ms"],
            "next_held_ms": statistics.median(each["held_ms"] for each in others if each["held_ms"] is not None),
            "next_cpu_ms": statistics.median(each["extension_cpu_ms"] for each in others),
            "peak_kib": extension_program(account)["peak_rss_kib"],
        }


class Deadline:
    name = "deadline"
    title = "syncflush, no signal: how long before the deadline the extension asks for its next event"
    deadlines_ms = (1000, 2000, 3000)  # as in scenarios/deadline.json
    figures = tuple(Figure(f"before_{ms}_ms", f"deadline after {ms} ms: before it", "ms") for ms in deadlines_ms)
    notes = (
        "200 ms is the default margin; sending what is held comes on top of it, and makes the figure smaller",
        "Lambda tells the deadline in whole milliseconds",
    )

    def __init__(self, runs):
        self.runs = runs

    def measure(self, program, context):
        account = run_sandbox(context, program, "deadline", "syncflush", timeout_s=60)
        values = {}
        _cold, *others = account["invocations"]
        for ms, invocation in zip(self.deadlines_ms, others):
            values[f"before_{ms}_ms"] = invocation["before_deadline_ms"]
            if invocation["ended_by"] != "deadline":
                context.note_problem(f"the invocation of {ms} ms was ended by {invocation['ended_by'] or 'nothing'}, "
                                     f"status {invocation['status']}")
        return values


class Shutdown:
    figures = (
        Figure("shutdown_ms", "SHUTDOWN told to end of the process", "ms"),
    )
    notes = (
        "from the sandbox's answer to event/next until it has noticed the end of the process; all telemetry, the "
        "last report too, is delivered just before",
    )

    def __init__(self, strategy, runs):
        self.name = f"shutdown.{strategy}"
        held = "all data sent before" if strategy == "syncflush" else "an invocation's data still held"
        self.title = f"{strategy}, {held}"
        self.runs = runs
        self._strategy = strategy

    def measure(self, program, context):
        account = run_sandbox(context, program, "shutdown", self._strategy, timeout_s=30)
        end = next(each for each in account["shutdowns"][-1]["processes"] if each["is_extension"])
        if end["killed_by_lambda"]:
            context.note_problem("it did not end by itself: killed after 2 s")
        if end["told_ms"] is None:
            raise MeasurementError("it was not told of SHUTDOWN")
        return {"shutdown_ms": end["end_ms"] - end["told_ms"]}

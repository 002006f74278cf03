"""costs.py: figures that hardly depend on how busy the machine is: instructions
of a start, system calls of an invocation, memory over many invocations, a record
of the actor trace.
"""
import dataclasses
import glob
import json
import os
import shutil
import statistics
import subprocess

from . import process_facts
from .children import MeasurementError
from .figures import Figure
from .lambda_stand_in import LambdaStandIn, Loop
from .sandbox_runs import Held, run_sandbox

_init_s = 60     # valgrind is slow
_answer_s = 10
_tool_s = 30


def _tool(name):
    path = shutil.which(name)
    if not path:
        raise MeasurementError(f"{name} is not installed")
    return path


class Instructions:
    """Of the process itself; the kernel's are not counted."""

    name = "cold_start.instructions"
    title = "instructions until the first event/next, counted by valgrind's callgrind"
    figures = (Figure("instructions", "instructions, in user space", ""),)
    floor = "start"
    notes = ("what valgrind can not see is not in it: exec, page faults, system calls",)

    def __init__(self, runs):
        self.runs = runs

    def measure(self, program, context):
        prefix = context.file("callgrind.out")
        command = [_tool("valgrind"), "--tool=callgrind", f"--callgrind-out-file={prefix}", program.path]
        with LambdaStandIn(Loop()) as stand_in:
            stand_in.start(program, context.log_path(), command)
            stand_in.wait_for_next(1, _init_s)
            subprocess.run([_tool("callgrind_control"), "--dump", str(stand_in.child.pid)], check=False,
                           timeout=_tool_s, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for path in sorted(glob.glob(glob.escape(prefix) + "*")):
            with open(path, encoding="ascii", errors="replace") as lines:
                totals = [line.split()[1] for line in lines if line.startswith("totals:")]
            if totals:
                return {"instructions": int(totals[0])}
        raise MeasurementError("callgrind has counted nothing")


class SystemCalls:
    name = "system_calls"
    title = "syncflush, system calls of an invocation, counted by strace: mean of 50 warm ones"
    figures = (Figure("agent_calls", "ended by the agent's flush signal", ""),
               Figure("runtime_done_calls", "ended by platform.runtimeDone", ""))
    notes = ("8 events and 2 log lines each, as in held",)
    _few, _many = 5, 55

    def __init__(self, runs):
        self.runs = runs

    def measure(self, program, context):
        return {f"{signal}_calls": (self._count(program, context, signal, self._many)
                                    - self._count(program, context, signal, self._few)) / (self._many - self._few)
                for signal in ("agent", "runtime_done")}

    @staticmethod
    def _count(program, context, signal, invocations):
        folder = context.file(f"{signal}-{invocations}")
        os.makedirs(folder)
        starter = os.path.join(folder, os.path.basename(program.path))
        calls = os.path.join(folder, "calls")
        with open(starter, "w", encoding="utf-8") as file:
            # -D: the program keeps the process number that the sandbox knows.
            file.write(f"#!/bin/sh\nexec '{_tool('strace')}' -D -f -o '{calls}' '{program.path}'\n")
        os.chmod(starter, 0o755)
        run_sandbox(context, program, f"held_{signal}", "syncflush", timeout_s=60, repeat=invocations, starter=starter)
        with open(calls, encoding="utf-8", errors="replace") as lines:
            return sum(" = " in line and " resumed>" not in line or "<unfinished" in line for line in lines)


class Growth:
    name = "growth"
    floor = "forward"
    figures = (
        Figure("ready_kib", "resident before the first invocation", "KiB"),
        Figure("after_1000_kib", "  after 1 000", "KiB"),
        Figure("after_all_kib", "  after all", "KiB"),
        Figure("growth_kib", "  growth from 1 000 to all", "KiB"),
        Figure("peak_kib", "peak memory", "KiB"),
        Figure("cpu_ms", "CPU per invocation, mean", "ms"),
    )
    notes = ("one small post of one transaction an invocation, from the bench's own stand-in, not frozen",)

    def __init__(self, runs, invocations):
        self.title = f"memory over {invocations} invocations"
        self.runs = runs
        self._invocations = invocations

    def measure(self, program, context):
        with LambdaStandIn(Loop()) as stand_in:
            stand_in.start(program, context.log_path())
            stand_in.wait_for_next(1, _init_s)
            pid = stand_in.child.pid
            values = {"ready_kib": process_facts.memory(pid)["resident_kib"]}
            begin_ms = process_facts.processor_time_ms(pid)
            for count in range(1, self._invocations + 1):
                stand_in.send_invoke(_answer_s)
                stand_in.send_agent_data(_answer_s)
                if count == 1000:
                    values["after_1000_kib"] = process_facts.memory(pid)["resident_kib"]
            values["cpu_ms"] = (process_facts.processor_time_ms(pid) - begin_ms) / self._invocations
            at_end = process_facts.memory(pid)
        values["after_all_kib"] = at_end["resident_kib"]
        values["peak_kib"] = at_end["peak_kib"]
        if "after_1000_kib" in values:
            values["growth_kib"] = values["after_all_kib"] - values["after_1000_kib"]
        return values


class TraceRecord:
    """Not of the extension as it runs: of the same code, alone in a loop."""

    name = "trace_record"
    title = "a record of the actor trace: clock, fields, checksum, store"
    figures = (
        Figure("handled_ns", "a turn", "ns"),
        Figure("noted_ns", "a note of three fields", "ns"),
        Figure("enqueued_ns", "a message", "ns"),
        Figure("ledger_ns", "a ledger, the longest note", "ns"),
        Figure("read_ring_ns", "read out of a ring", "ns"),
        Figure("read_segment_ns", "read out of a segment", "ns"),
        Figure("read_fields_ns", "its fields, when it is read", "ns"),
    )
    notes = ("medians of batches of 1 000, by flushtrace selfcheck beside lambda-sandbox",)

    def __init__(self, runs):
        self.runs = runs

    def measure(self, program, context):
        command = [os.path.join(os.path.dirname(context.sandbox), "flushtrace"), "selfcheck", "--kills", "0", "--json"]
        try:
            done = subprocess.run(command, check=True, timeout=_tool_s, capture_output=True, text=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise MeasurementError(f"flushtrace selfcheck: {error}") from error
        return json.loads(done.stdout)


class Replay:
    """Not of the extension as it runs: of its actors, driven by flushtrace."""

    name = "replay"
    title = "the actors under virtual time: a recorded run again, and orders of events"
    figures = (
        Figure("messages_per_s", "messages replayed and compared", "/s"),
        Figure("schedules_per_s", "orders of one invocation's events", "/s"),
        Figure("records_per_schedule", "records of one of them", ""),
        Figure("schedules_of_100_records_per_s", "the same, were it 100 records each", "/s"),
    )
    notes = ("the longest trace of tests/replay/golden; every order of one invocation, by flushtrace explore",)

    def __init__(self, runs):
        self.runs = runs

    def measure(self, program, context):
        flushtrace = os.path.join(os.path.dirname(context.sandbox), "flushtrace")
        golden = glob.glob(os.path.join(os.path.dirname(__file__), "..", "..", "replay", "golden", "*.atrc"))
        if not golden:
            raise MeasurementError("there is no golden trace")
        replayed = _flushtrace(flushtrace, "replay", "--json", max(golden, key=os.path.getsize))
        explored = _flushtrace(flushtrace, "explore", "--json")
        return {
            "messages_per_s": replayed["messages"] / replayed["seconds"],
            "schedules_per_s": explored["schedules"] / explored["seconds"],
            "records_per_schedule": explored["records"] / explored["schedules"],
            "schedules_of_100_records_per_s": explored["records"] / 100 / explored["seconds"],
        }


class TraceExport:
    """What a typical invocation's trace takes when it is exported."""

    name = "trace_export"
    title = "the actor trace of one invocation as a segment"
    figures = (
        Figure("segment_bytes", "a segment", "B"),
        Figure("segment_max_bytes", "the longest", "B"),
    )
    notes = ("held_agent with ELASTIC_APM_LAMBDA_TRACE=all: the median of 20 warm invocations; in the log it is base64, "
             "a third longer",)

    def __init__(self, runs):
        self.runs = runs

    def measure(self, program, context):
        folder = context.file("traces")
        os.makedirs(folder)
        tracing = dataclasses.replace(program, environment={
            **program.environment, "ELASTIC_APM_LAMBDA_TRACE": "all", "ELASTIC_APM_LAMBDA_TRACE_DIR": folder})
        run_sandbox(context, tracing, "held_agent", "syncflush", _tool_s, repeat=21)
        sizes = [os.path.getsize(path) for path in sorted(glob.glob(os.path.join(folder, "*.atrc")))]
        if len(sizes) < 21:
            raise MeasurementError(f"{len(sizes)} segments of 21 invocations")
        return {"segment_bytes": statistics.median(sizes[1:21]), "segment_max_bytes": max(sizes)}


class TraceCost:
    """What the recorder costs: the same invocations with and without it."""

    name = "trace_cost"
    figures = (
        Figure("without_ms", "CPU per invocation, median, without the recorder", "ms"),
        Figure("with_ms", "with it", "ms"),
        Figure("more_cpu_percent", "more CPU", "%"),
        Figure("more_held_ms", "longer held, median", "ms"),
    )
    notes = ("ELASTIC_APM_LAMBDA_TRACE=missed, which is the default, against off, one run after the other",)

    def __init__(self, runs, invocations):
        self.title = f"syncflush, platform.runtimeDone, {invocations} invocations with the actor trace and as many without"
        self.runs = runs
        self._held = Held("syncflush", "runtime_done", runs, invocations)

    def measure(self, program, context):
        without, traced = (
            self._held.measure(dataclasses.replace(program, environment={
                **program.environment, "ELASTIC_APM_LAMBDA_TRACE": mode}), context)
            for mode in ("off", "missed"))
        return {
            "without_ms": without["cpu_median_ms"],
            "with_ms": traced["cpu_median_ms"],
            "more_cpu_percent": (traced["cpu_median_ms"] / without["cpu_median_ms"] - 1) * 100,
            "more_held_ms": traced["held_median_ms"] - without["held_median_ms"],
        }


def _flushtrace(*command):
    try:
        done = subprocess.run(command, check=True, timeout=_tool_s, capture_output=True, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise MeasurementError(f"flushtrace: {error}") from error
    return json.loads(done.stdout)

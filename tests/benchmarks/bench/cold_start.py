"""cold_start.py: from the start of the process to its first event/next, and what
it is then. With a stand-in of the bench's own, which answers at once.
"""
import contextlib
import dataclasses
import gc
import os

from . import process_facts
from .figures import Figure
from .lambda_stand_in import LambdaStandIn, Loop

# Lambda's limit for INIT.
_init_s = 10
# After event/next an extension may go on with what nobody waits for.
_settle_s = 0.1


class ColdStart:
    name = "cold_start"
    title = "start of the process to its first event/next, alone, executable in the page cache"
    figures = (
        Figure("wall_ms", "wall time", "ms"),
        Figure("answering_ms", "  of it, the bench's own answers", "ms"),
        Figure("cpu_ms", "CPU until then", "ms"),
        Figure("cpu_settled_ms", "CPU 100 ms later", "ms"),
        Figure("minor_faults", "page faults, minor", ""),
        Figure("major_faults", "page faults, major", ""),
        Figure("threads", "threads", ""),
        Figure("resident_kib", "resident memory", "KiB"),
        Figure("anonymous_kib", "  of it, anonymous", "KiB"),
        Figure("peak_kib", "peak memory", "KiB"),
        Figure("shared_libraries", "shared libraries", ""),
        Figure("file_kib", "file size", "KiB", is_constant=True),
        Figure("file_loaded_kib", "  of it, loaded (no debug information)", "KiB", is_constant=True),
    )
    floor = "start"
    notes = (
        "wall time: from just before posix_spawn to the kernel's stamp of event/next's arrival",
        "the bench's own answers: from the arrival of a request (register, subscribe) until it is answered; "
        "an upper bound of what they add to the wall time",
        "CPU: all threads, exec included; read when the bench has seen event/next, so a little of what the "
        "extension does after it is in it",
        "memory and threads: 100 ms after event/next",
        "floor: the least program that registers and asks for its next event",
    )

    def __init__(self, runs):
        self.runs = runs
        self._warm = set()  # programs whose files are in the page cache

    def measure(self, program, context):
        if program.name not in self._warm:
            self._measure_once(program, context)
            self._warm.add(program.name)
        return self._measure_once(program, context)

    @staticmethod
    def _measure_once(program, context, start_within=contextlib.nullcontext):
        loop = Loop()
        seen = {}
        gc.collect()
        gc.disable()
        try:
            with LambdaStandIn(loop) as stand_in:
                def note_cpu():
                    seen.setdefault("cpu_ms", process_facts.processor_time_ms(stand_in.child.pid))
                stand_in.on_next = note_cpu
                with start_within():
                    stand_in.start(program, context.log_path())
                stand_in.wait_for_next(1, _init_s)
                pid = stand_in.child.pid
                # The order matters: the facts from here on no longer grow.
                minor, major = process_facts.page_faults(pid)
                answering_ms = stand_in.answering_ms
                loop.serve_for(_settle_s)
                stand_in.check()
                loaded = process_facts.loaded_bytes(program.path)
                return {
                    "wall_ms": (stand_in.next_arrivals_ns[0] - stand_in.child.start_ns) / 1e6,
                    "answering_ms": answering_ms,
                    **seen,
                    "cpu_settled_ms": process_facts.processor_time_ms(pid),
                    "minor_faults": minor,
                    "major_faults": major,
                    "shared_libraries": process_facts.shared_libraries(pid),
                    **process_facts.memory(pid),
                    "file_kib": os.path.getsize(program.path) / 1024,
                    "file_loaded_kib": loaded / 1024 if loaded is not None else None,
                }
        finally:
            gc.enable()


# Where Debian and Amazon Linux keep the CA certificates that they trust.
_bundles = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class ColdStartTls(ColdStart):
    """The same with TLS configured and without, in turn, within each run."""

    name = "cold_start.tls"
    title = "the same, with https and CA certificates configured, against plain http"
    figures = (
        Figure("tls_cpu_ms", "CPU until then, https and CAs", "ms"),
        Figure("plain_cpu_ms", "  plain http", "ms"),
        Figure("cpu_ratio", "  https / http, run by run", ""),
        Figure("tls_wall_ms", "wall time, https and CAs", "ms"),
        Figure("plain_wall_ms", "  plain http", "ms"),
        Figure("tls_minor_faults", "page faults, minor, https and CAs", ""),
        Figure("plain_minor_faults", "  plain http", ""),
    )
    notes = (
        "https: ELASTIC_APM_LAMBDA_APM_SERVER is an https URL and ELASTIC_APM_SERVER_CA_CERT_FILE the machine's own "
        "bundle, where it has one; the certificates must not be read before the first connection",
        "which of the two comes first changes from run to run",
    )

    def __init__(self, runs):
        super().__init__(runs)
        self._turn = 0

    def measure(self, program, context):
        bundle = next((path for path in _bundles if os.path.exists(path)), "")
        if not bundle:
            context.note_problem("this machine has no bundle of CA certificates: only the URL differs")
        variables = {"ELASTIC_APM_LAMBDA_APM_SERVER": "https://127.0.0.1:1",
                     "ELASTIC_APM_SERVER_CA_CERT_FILE": bundle}
        with_tls = dataclasses.replace(program, environment={**program.environment, **variables})
        if program.name not in self._warm:
            self._measure_once(program, context)
            self._warm.add(program.name)
        self._turn += 1
        pair = [("plain", program), ("tls", with_tls)]
        if self._turn % 2:
            pair.reverse()
        values = {}
        for kind, each in pair:
            measured = self._measure_once(each, context)
            for name in ("cpu_ms", "wall_ms", "minor_faults"):
                values[f"{kind}_{name}"] = measured[name]
        values["cpu_ratio"] = values["tls_cpu_ms"] / values["plain_cpu_ms"]
        return values


class ColdStartBreakdown(ColdStart):
    """Where CPU and page faults go, by what Lambda sees of a start."""

    name = "cold_start.breakdown"
    title = "where the CPU and the page faults of a cold start go"
    # Name of the part: the request that ends it; none: the end of the process.
    _parts = {"load": "", "prepare": "register", "subscribe": "telemetry", "next": "next"}
    _labels = {
        "load": "exec, relocation, constructors, exit (--version)",
        "prepare": "to register: settings, actors, listeners, libcurl",
        "subscribe": "register's answer to the subscription",
        "next": "the subscription's answer to event/next",
    }
    figures = tuple(Figure(f"{part}_{figure}", f"{label}: {name}" if figure == "cpu_ms" else f"  {name}", unit)
                    for part, label in _labels.items()
                    for figure, name, unit in (("cpu_ms", "CPU", "ms"), ("minor_faults", "page faults", "")))
    floor = None
    notes = (
        "the first part is what a run with --version takes, which prints and ends; the second is the rest until "
        "register arrives",
        "an extension that has no --version, or does not subscribe, has no value there",
    )

    def measure(self, program, context):
        loaded = self._load(program, context)
        marks = {}
        with LambdaStandIn(Loop()) as stand_in:
            def note(name):
                pid = stand_in.child.pid
                marks.setdefault(name, (process_facts.processor_time_ms(pid), process_facts.page_faults(pid)[0]))
            stand_in.on_api_request = note
            stand_in.start(program, context.log_path())
            stand_in.wait_for_next(1, _init_s)
        values = {}
        before = (0, 0)
        for part, request in self._parts.items():
            mark = marks.get(request) if request else loaded
            if mark is None:
                continue
            values[f"{part}_cpu_ms"], values[f"{part}_minor_faults"] = mark[0] - before[0], mark[1] - before[1]
            before = mark
        return values

    @staticmethod
    def _load(program, context):
        """CPU and page faults of a run that does nothing but to print."""
        with open(context.file("version"), "wb") as output:
            child = os.posix_spawn(program.path, [program.path, "--version"], {},
                                   file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)])
            _, status, usage = os.wait4(child, 0)
        if status != 0:
            return None
        return (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_minflt

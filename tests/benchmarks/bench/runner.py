"""runner.py: which measurements there are, and running them: the programs in
turn within each measurement (A B A B), so that what drifts on the machine
drifts for all of them.
"""
import dataclasses
import os
import time

from . import attack, machine
from .children import MeasurementError
from .cold_start import ColdStart, ColdStartBreakdown, ColdStartTls
from .cold_start_limited import ColdStartQuota, ColdStartUncached
from .costs import Growth, Instructions, Replay, SystemCalls, TraceCost, TraceExport, TraceRecord
from .figures import difference, ratio, summary
from .idle import Idle
from .intake import Intake, kinds
from .sandbox_runs import Deadline, FirstFlush, Held, Shutdown

_strategies = ("syncflush", "background")
_signals = ("agent", "runtime_done")
# Of a core, with 128 and 442 MB of memory: Lambda gives 1 769 MB a whole one.
_quotas_percent = (7, 25)

# A program that failed so often one after the other is not tried again.
_failures_max = 2


@dataclasses.dataclass(frozen=True)
class Program:
    name: str  # "extension", "other", "floor"
    path: str
    environment: dict


@dataclasses.dataclass(frozen=True)
class Amount:
    cold_start_runs: int
    first_flush_runs: int
    held_runs: int
    held_invocations: int
    deadline_runs: int
    idle_runs: int
    shutdown_runs: int
    costs_runs: int
    growth_invocations: int
    trace_cost_runs: int
    attack_runs: int = 1


full = Amount(cold_start_runs=25, first_flush_runs=10, held_runs=3, held_invocations=200, deadline_runs=3, idle_runs=3, shutdown_runs=10,
              costs_runs=3, growth_invocations=10_000, trace_cost_runs=5)
quick = Amount(cold_start_runs=10, first_flush_runs=3, held_runs=2, held_invocations=50, deadline_runs=1, idle_runs=1, shutdown_runs=5,
               costs_runs=1, growth_invocations=2_000, trace_cost_runs=1)


def all_measurements(amount):
    return [
        ColdStart(amount.cold_start_runs),
        ColdStartBreakdown(amount.cold_start_runs),
        ColdStartTls(amount.cold_start_runs),
        *(ColdStartQuota(percent, amount.cold_start_runs) for percent in _quotas_percent),
        ColdStartUncached(amount.cold_start_runs),
        Instructions(amount.costs_runs),
        *(FirstFlush(kind, amount.first_flush_runs) for kind in ("plain", "tls")),
        FirstFlush("tls", amount.first_flush_runs, _quotas_percent[0]),
        *(Held(strategy, signal, amount.held_runs, amount.held_invocations)
          for strategy in _strategies for signal in _signals),
        Held("syncflush", "agent", amount.held_runs, amount.held_invocations, _quotas_percent[0]),
        SystemCalls(amount.costs_runs),
        TraceRecord(amount.costs_runs),
        TraceCost(amount.trace_cost_runs, amount.held_invocations),
        TraceExport(amount.costs_runs),
        Replay(amount.costs_runs),
        Growth(amount.costs_runs, amount.growth_invocations),
        *(Intake(kind, amount.costs_runs) for kind in kinds),
        *(attack.Attack(kind, amount.attack_runs) for kind in attack.kinds),
        Deadline(amount.deadline_runs),
        Idle(amount.idle_runs),
        *(Shutdown(strategy, amount.shutdown_runs) for strategy in _strategies),
    ]


def is_selected(measurement, names):
    """`held` selects held.syncflush.agent too."""
    return not names or any(f"{measurement.name}.".startswith(f"{name}.") for name in names)


class Context:
    """What a measurement needs besides the program, for one run of it."""

    def __init__(self, sandbox, load, folder, problems, prefix):
        self.sandbox = sandbox
        self.load = load
        self._folder = folder
        self._problems = problems
        self._prefix = prefix
        self._logs = 0
        os.makedirs(folder)

    def file(self, name):
        return os.path.join(self._folder, name)

    def log_path(self):
        self._logs += 1
        return self.file(f"output-{self._logs}.log")

    def note_problem(self, text):
        self._problems.append(f"{self._prefix}: {text}")


class Runner:
    """A floor takes its turn in the measurements that name it by `floor`; it is
    no extension that could do anything else."""

    def __init__(self, programs, sandbox, folder, progress, floors=None, load=None):
        self._programs = programs
        self._floors = floors or {}
        self._load = load
        self._sandbox = sandbox
        self._folder = folder
        self._progress = progress

    def run(self, measurement):
        """One measurement's part of the result; README.md has its schema."""
        begin = time.monotonic()
        load = machine.load_average()
        problems = []
        programs = list(self._programs)
        floor = self._floors.get(getattr(measurement, "floor", None))
        if floor:
            programs.append(floor)
        values = {program.name: [] for program in programs}
        for run in range(1, measurement.runs + 1):
            for program in programs:
                self._progress(measurement, run, program)
                values[program.name].append(
                    self._run_once(measurement, run, program, problems, values[program.name]))
        return {
            "name": measurement.name,
            "title": measurement.title,
            "runs": measurement.runs,
            "duration_s": round(time.monotonic() - begin, 1),
            "load_average": round(load, 2),
            "notes": list(measurement.notes),
            "problems": problems,
            "failed": [name for name, runs in values.items() if not any(runs)],
            "figures": [self._figure(figure, values, floor) for figure in measurement.figures],
        }

    def _run_once(self, measurement, run, program, problems, before):
        """The run's values by figure; empty if it failed."""
        if len(before) >= _failures_max and not any(before[-_failures_max:]):
            return {}
        folder = os.path.join(self._folder, measurement.name, f"{run:03}-{program.name}")
        context = Context(self._sandbox, self._load, folder, problems, f"run {run}, {program.name}")
        try:
            values = measurement.measure(program, context)
        except MeasurementError as error:
            context.note_problem(str(error))
            return {}
        return {name: value for name, value in values.items() if value is not None}

    def _figure(self, figure, values, floor):
        columns = {name: [run.get(figure.name) for run in runs] for name, runs in values.items()}
        first, *others = self._programs
        base = columns[first.name]
        above = {}
        if floor:
            above = {each.name: difference(columns[each.name], columns[floor.name]) for each in self._programs}
        return {
            "name": figure.name,
            "label": figure.label,
            "unit": figure.unit,
            "is_constant": figure.is_constant,
            "programs": {name: summary(column) for name, column in columns.items()},
            "ratios": {other.name: ratio(columns[other.name], base) for other in others},
            "above_floor": above,
        }

"""attack.py: what the extension's memory comes to when whoever can reach the
agents' port means harm, while it holds as much as it may for an APM Server that
is away.
"""
import dataclasses
import json
import os
import sys

from . import process_facts
from .children import Child, MeasurementError
from .figures import Figure
from .http_connection import free_port
from .intake import request_of
from .lambda_stand_in import LambdaStandIn, Loop

# By kind, see attacker.py: connections. More than the 256 that are let in make
# no difference but for the time.
kinds = {"headers": 250, "bodies": 64, "mib_bodies": 64, "bombs": 250, "cut_bombs": 250, "small_bombs": 250}
_init_s, _step_s = 10, 90
_sample_s = 0.004
_fill_posts = 80  # of 256 KB: 20 MB, more than twice what is held in memory

_attacker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "attacker.py")


class Attack:
    figures = (
        Figure("own_before_kib", "own memory, all held that may be", "KiB"),
        Figure("own_peak_kib", "its greatest under attack", "KiB"),
        Figure("above_bound_kib", "of that above the bound of 8 MiB", "KiB"),
        Figure("honest_ms", "an agent's post meanwhile", "ms"),
        Figure("accepted", "answered 202", ""),
        Figure("refused", "refused", ""),
    )
    notes = ("own memory: anonymous pages, looked at each 4 ms",
             "the APM Server is away; what memory has no room for goes to the disk")

    def __init__(self, kind, runs):
        self.name = f"attack.{kind}"
        self.title = f"{kinds[kind]} connections at once: {kind.replace('_', ' ')}"
        self.runs = runs
        self._kind = kind

    def measure(self, program, context):
        environment = {**program.environment,
                       "ELASTIC_APM_LAMBDA_APM_SERVER": f"http://127.0.0.1:{free_port()}"}
        # A memory of which the bound of 8 MiB is an eighth.
        environment.setdefault("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        with LambdaStandIn(Loop()) as stand_in:
            stand_in.start(dataclasses.replace(program, environment=environment), context.log_path())
            stand_in.wait_for_next(1, _init_s)
            stand_in.send_invoke(3 * _step_s)
            request_path = context.file("request")
            with open(request_path, "wb") as file:
                file.write(request_of(640, False)[0])
            self._run(stand_in, context, [context.load], [request_path, str(_fill_posts), "4"])
            before = self._own_kib(stand_in)
            told, peak = self._run(stand_in, context, [sys.executable, _attacker], [self._kind, str(kinds[self._kind])])
        statuses = told["statuses"]
        accepted = statuses.get("202", 0)
        return {
            "own_before_kib": before,
            "own_peak_kib": peak,
            "above_bound_kib": peak - 8 * 1024,
            "honest_ms": told["honest_ms"],
            "accepted": accepted,
            "refused": sum(statuses.values()) - accepted,
        }

    @staticmethod
    def _own_kib(stand_in):
        return process_facts.anonymous_kib(stand_in.child.pid)

    def _run(self, stand_in, context, command, arguments):
        """(what the command told, the greatest own memory while it ran)"""
        log = context.log_path()
        child = Child([*command, str(stand_in.agent_port), *arguments], dict(os.environ), log)
        peak = 0

        def has_ended():
            nonlocal peak
            peak = max(peak, self._own_kib(stand_in))
            return child.has_ended()
        try:
            if not stand_in.serve_until(has_ended, _step_s, _sample_s):
                raise MeasurementError(f"{command[-1]} took more than {_step_s} s")
            if child.exit_status != 0:
                raise MeasurementError(f"{command[-1]} failed; {child.output()}")
        finally:
            child.kill()
        with open(log, encoding="ascii") as file:
            return json.load(file), peak

"""idle.py: what an extension uses while it has nothing to do and is not frozen.
Three copies wait at once, in the three places where one can wait.
"""
import contextlib
import dataclasses

from . import process_facts
from .figures import Figure
from .lambda_stand_in import LambdaStandIn, Loop

_step_s = 10
_settle_s = 1
_idle_s = 10
# Longer than the measurement: the deadline must not come in it.
_deadline_s = 60


@dataclasses.dataclass
class _Waiter:
    name: str
    stand_in: LambdaStandIn


def _get_ready(stand_in):
    """After registration: nothing has been invoked yet."""
    stand_in.wait_for_next(1, _step_s)


def _end_an_invocation(stand_in):
    """After an invocation: connections and timers may be left."""
    stand_in.wait_for_next(1, _step_s)
    stand_in.send_invoke(_deadline_s)
    stand_in.send_agent_data(_step_s)


def _begin_an_invocation(stand_in):
    """In an invocation: a function that works for long, a deadline ahead."""
    stand_in.wait_for_next(1, _step_s)
    stand_in.send_invoke(_deadline_s)


_places = {
    "ready": ("before the first invocation", _get_ready),
    "after": ("after an invocation", _end_an_invocation),
    "during": ("in an invocation, no signal yet", _begin_an_invocation),
}


def _figures():
    for place, (label, _) in _places.items():
        yield Figure(f"{place}_cpu_ms", f"{label}: CPU", "ms")
        yield Figure(f"{place}_wake_ups", "  wake-ups", "")
        yield Figure(f"{place}_requests", "  requests made", "")


class Idle:
    name = "idle"
    title = f"CPU used in {_idle_s} s while the extension waits, not frozen"
    figures = tuple(_figures())
    notes = (
        "three copies of the extension wait at the same time; nobody sends them anything",
        "CPU: the kernel's count in nanoseconds; 0 means that it did not run at all",
        "wake-ups: how often one of its threads ran and went to wait again",
    )

    def __init__(self, runs):
        self.runs = runs

    def measure(self, program, context):
        loop = Loop()
        with contextlib.ExitStack() as ends:
            waiters = []
            for place, (_, bring_there) in _places.items():
                stand_in = ends.enter_context(LambdaStandIn(loop))
                stand_in.start(program, context.log_path())
                bring_there(stand_in)
                waiters.append(_Waiter(place, stand_in))
            loop.serve_for(_settle_s)
            before = {each.name: self._sample(each) for each in waiters}
            loop.serve_for(_idle_s)
            values = {}
            for each in waiters:
                for name, value in self._sample(each).items():
                    values[f"{each.name}_{name}"] = value - before[each.name][name]
            return values

    @staticmethod
    def _sample(waiter):
        stand_in = waiter.stand_in
        stand_in.check()
        pid = stand_in.child.pid
        return {
            "cpu_ms": process_facts.processor_time_ms(pid),
            "wake_ups": process_facts.wake_ups(pid)[0],
            "requests": stand_in.requests,
        }

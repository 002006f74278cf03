"""cold_start_limited.py: cold starts as Lambda has them: with a part of a core,
and with an executable that was not read yet.
"""
import os

from .children import MeasurementError
from .cold_start import ColdStart
from .figures import Figure
from .quota import Quota


class ColdStartQuota(ColdStart):
    figures = (
        Figure("wall_ms", "wall time", "ms"),
        Figure("cpu_ms", "CPU until then", "ms"),
    )
    notes = ("a control group limits the program alone, from exec on, in periods of 20 ms; "
             "the bench's answers are not limited",)

    def __init__(self, percent, runs):
        super().__init__(runs)
        self.name = f"cold_start.cpu_{percent}_percent"
        self.title = f"the same, with {percent} % of a core"
        self._percent = percent

    def measure(self, program, context):
        with Quota(self._percent) as quota:
            measured = self._measure_once(program, context, quota.inside)
        return {figure.name: measured[figure.name] for figure in self.figures}


class ColdStartUncached(ColdStart):
    name = "cold_start.uncached"
    title = "the same, the executable not in the page cache"
    figures = (
        Figure("wall_ms", "wall time", "ms"),
        Figure("cpu_ms", "CPU until then", "ms"),
        Figure("major_faults", "page faults, major", ""),
    )
    notes = ("the kernel is asked to forget the file; what it costs to read it again depends on the disk, and on "
             "what keeps it in memory below this machine",)

    def measure(self, program, context):
        self._forget(program.path)
        measured = self._measure_once(program, context)
        return {figure.name: measured[figure.name] for figure in self.figures}

    @staticmethod
    def _forget(path):
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)  # dirty pages stay
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        except OSError as error:
            raise MeasurementError(f"{path} stays in the page cache: {error.strerror}") from None
        finally:
            os.close(file)

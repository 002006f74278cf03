"""quota.py: a control group in which a program gets a part of one core, as a
function with little memory does. Either version of control groups will do;
it takes the right to make one, so usually root.
"""
import contextlib
import os

from .children import MeasurementError

# With the kernel's usual 100 ms, most of what an extension does would fit into
# one slice or wait for nearly 100 ms. Lambda's is believed to be 20 ms; the
# figures that an extension has there fit to that.
_period_us = 20_000


def _own_group(prefix):
    """The path of this process' group in the hierarchy whose line begins so."""
    with open("/proc/self/cgroup", encoding="ascii") as lines:
        for line in lines:
            number, controllers, path = line.rstrip("\n").split(":", 2)
            if prefix == "0::" and number == "0" or prefix in controllers.split(","):
                return path.lstrip("/")
    return None


def _candidates():
    """(parent of the new group, this process' own group to come back to, whether
    it is version 2)."""
    second = "/sys/fs/cgroup"
    if os.path.exists(f"{second}/cgroup.controllers"):
        yield second, os.path.join(second, _own_group("0::") or ""), True
    first = "/sys/fs/cgroup/cpu"
    if os.path.exists(f"{first}/cpu.cfs_quota_us"):
        yield first, os.path.join(first, _own_group("cpu") or ""), False


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


class Quota:
    """Use as a context."""

    def __init__(self, percent):
        self._percent = percent
        self._group = self._own = None

    def __enter__(self):
        reasons = []
        for parent, own, is_second in _candidates():
            group = os.path.join(parent, f"apm-bench-{os.getpid()}")
            try:
                os.mkdir(group)
                self._group, self._own = group, own
                self._set_limit(group, is_second)
                return self
            except OSError as error:
                reasons.append(f"{group}: {error.strerror}")
                self._remove()
        raise MeasurementError("no control group can limit the CPU here; "
                               + ("; ".join(reasons) or "there is no cpu controller"))

    def __exit__(self, *_):
        self._remove()

    def _set_limit(self, group, is_second):
        quota_us = _period_us * self._percent // 100
        if is_second:
            _write(f"{group}/cpu.max", f"{quota_us} {_period_us}")
        else:
            _write(f"{group}/cpu.cfs_period_us", str(_period_us))
            _write(f"{group}/cpu.cfs_quota_us", str(quota_us))

    def _remove(self):
        if self._group:
            with contextlib.suppress(OSError):
                os.rmdir(self._group)
        self._group = None

    @property
    def tasks_file(self):
        return f"{self._group}/cgroup.procs"

    @contextlib.contextmanager
    def inside(self):
        """What is started meanwhile is in the group, from before its exec on;
        this process is only passing through."""
        _write(self.tasks_file, str(os.getpid()))
        try:
            yield
        finally:
            _write(f"{self._own}/cgroup.procs", str(os.getpid()))

    def starter(self, program, folder):
        """The path of a script that becomes the program within the group; it
        bears its name, since that is what an extension registers with."""
        os.makedirs(os.path.join(folder, "limited"), exist_ok=True)
        path = os.path.join(folder, "limited", os.path.basename(program.path))
        _write(path, f"#!/bin/sh\necho $$ >'{self.tasks_file}'\nexec '{program.path}'\n")
        os.chmod(path, 0o755)
        return path

"""children.py: programs that the bench starts. Each is the leader of a process
group, writes to a file instead of a pipe, is waited for with a limit, and is
killed with its group at the bench's end, whatever happens: a guard, a process
of its own, sees to it should the bench itself be killed.
"""
import atexit
import os
import select
import shutil
import signal
import sys
import time

_running = []
_guard = None

# How much of a child's output an error message quotes.
_quoted_bytes = 2000


class MeasurementError(Exception):
    """Something could not be measured; the text says what and why."""


class Child:
    """A started program. `start_ns` (CLOCK_REALTIME, as the kernel's stamps of
    arrival) is taken just before it exists."""

    def __init__(self, arguments, environment, log_path):
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log_path, write, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        self.name = os.path.basename(arguments[0])
        self.log_path = log_path
        self.exit_status = None
        self.start_ns = time.time_ns()
        try:
            # Not fork: a copy of this interpreter's page tables would be part
            # of the child's CPU time. Nothing of ours is inherited: Python
            # opens everything close-on-exec.
            self.pid = os.posix_spawn(
                arguments[0], arguments, environment, file_actions=actions,
                setpgroup=0, setsigmask=[],
                setsigdef=[signal.SIGPIPE, signal.SIGINT])
        except OSError as error:
            raise MeasurementError(f"{arguments[0]} does not start: {error.strerror}") from None
        _running.append(self)
        tell_guard(f"start {self.pid}")

    def has_ended(self):
        if self.exit_status is None:
            look_only = os.WEXITED | os.WNOHANG | os.WNOWAIT
            if os.waitid(os.P_PID, self.pid, look_only) is not None:
                self._reap()
        return self.exit_status is not None

    def wait(self, timeout_s):
        """The exit status, negative for a signal. Kills it after timeout_s."""
        descriptor = os.pidfd_open(self.pid)
        try:
            ended, _, _ = select.select([descriptor], [], [], timeout_s)
        finally:
            os.close(descriptor)
        if not ended:
            self.kill()
            raise MeasurementError(f"{self.name} took more than {timeout_s:.0f} s and was killed; {self.output()}")
        self.has_ended()
        return self.exit_status

    def kill(self):
        """Ends it and its group; does nothing the second time."""
        if self.exit_status is None:
            self._reap()

    def output(self):
        """The last of what it wrote, for an error message."""
        with open(self.log_path, "rb") as log:
            log.seek(max(0, os.path.getsize(self.log_path) - _quoted_bytes))
            text = log.read().decode(errors="replace").strip()
        return f"its output:\n{text}" if text else "it wrote nothing"

    def _reap(self):
        # The group first, while the leader, dead or alive, still keeps its
        # number from being another's.
        kill_group(self.pid)
        self.exit_status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        tell_guard(f"end {self.pid}")
        _running.remove(self)


def kill_group(leader):
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def kill_all():
    for child in list(_running):
        child.kill()


def end_cleanly():
    """Makes signals end the bench as an exception does: children are killed,
    temporary files removed. Starts the guard."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    atexit.register(kill_all)
    _start_guard()


def remove_at_end(folder):
    """The guard's part; the bench itself has its own ways."""
    tell_guard(f"remove {folder}")


def tell_guard(text):
    if _guard is not None:
        try:
            os.write(_guard, text.encode() + b"\n")
        except OSError:
            pass  # somebody killed it; there is nothing to be done without it


def _start_guard():
    global _guard
    ours, _guard = os.pipe()  # closed in all children: only the bench writes
    if os.fork() != 0:
        os.close(ours)
        return
    try:
        os.setsid()  # Ctrl-C is for the bench
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.close(_guard)
        nothing = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        _watch(ours)
    finally:
        os._exit(0)


def _watch(pipe):
    groups, folders = set(), set()
    with open(pipe, encoding="utf-8") as lines:
        for line in lines:
            what, _, name = line.rstrip("\n").partition(" ")
            if what == "start":
                groups.add(int(name))
            elif what == "end":
                groups.discard(int(name))
            else:
                folders.add(name)
    for group in groups:
        kill_group(group)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)

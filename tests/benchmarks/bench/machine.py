"""machine.py: on what, and of what, the figures are."""
import hashlib
import os
import platform
import subprocess


def _first(path, name):
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                key, _, value = line.partition(":")
                if key.strip() == name:
                    return value.strip()
    except OSError:
        pass
    return None


def describe_machine():
    flags = _first("/proc/cpuinfo", "flags") or ""
    memory = _first("/proc/meminfo", "MemTotal")
    return {
        "cpu": _first("/proc/cpuinfo", "model name") or platform.machine(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_kib": int(memory.split()[0]) if memory else None,
        "kernel": platform.release(),
        "is_virtual": "hypervisor" in flags.split(),
        "python": platform.python_version(),
    }


def load_average():
    """Runnable processes on average over the last minute."""
    return os.getloadavg()[0]


def describe_commit(repository):
    """The checked-out commit; is_dirty: there are changes besides it."""
    def git(*arguments):
        done = subprocess.run(["git", "-C", repository, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=True)
        return done.stdout.strip()
    try:
        return {"id": git("rev-parse", "HEAD"), "is_dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return {"id": None, "is_dirty": None}


def describe_program(program):
    with open(program.path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {"name": program.name, "path": program.path, "sha256": digest,
            "file_bytes": os.path.getsize(program.path), "environment": program.environment}

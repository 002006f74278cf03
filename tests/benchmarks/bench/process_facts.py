"""process_facts.py: what the kernel knows of a process. All of it costs the
process itself nothing.
"""
import os
import struct
import time


def processor_time_ms(pid):
    """CPU time of all threads since the process exists, exec included."""
    # Source: clock_getcpuclockid(3) of glibc: the number of a process' clock.
    cpuclock_sched = 2
    return time.clock_gettime_ns((~pid << 3) | cpuclock_sched) / 1e6


def _fields(path):
    """"Name: value unit" lines as a dict of the values."""
    with open(path, encoding="ascii", errors="replace") as lines:
        pairs = (line.split(":", 1) for line in lines if ":" in line)
        return {name: rest.split() for name, rest in pairs}


def memory(pid):
    """Threads, and memory in KiB: resident; of it anonymous, that is the
    process' own and no file's (what else is private depends on who runs the
    same file); peak, which the kernel only counts to some pages for each core."""
    status = _fields(f"/proc/{pid}/status")
    sums = _fields(f"/proc/{pid}/smaps_rollup")
    resident_kib = int(sums["Rss"][0])
    return {
        "threads": int(status["Threads"][0]),
        "resident_kib": resident_kib,
        "anonymous_kib": int(sums["Anonymous"][0]),
        "peak_kib": max(int(status["VmHWM"][0]), resident_kib),
    }


def anonymous_kib(pid):
    """The process' own memory; nearly exact, but a tenth of the cost of
    `memory`."""
    return int(_fields(f"/proc/{pid}/status")["RssAnon"][0])


def page_faults(pid):
    """(minor, major) so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        # The second field is the name in parentheses and may hold blanks.
        # Source: proc(5): minflt is the 10th field, majflt the 12th.
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[10 - 3]), int(fields[12 - 3])


def shared_libraries(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
        paths = {line.split(None, 5)[5].strip() for line in maps if ".so" in line}
    return len([path for path in paths if path.startswith("/")])


def wake_ups(pid):
    """How often its threads gave up the processor by themselves, that is went
    to wait again, and how often the scheduler gave it to one of them."""
    waits = slices = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        folder = f"/proc/{pid}/task/{thread}"
        waits += int(_fields(f"{folder}/status")["voluntary_ctxt_switches"][0])
        with open(f"{folder}/schedstat", encoding="ascii") as text:
            # Source: Documentation/scheduler/sched-stats.rst: ns run, ns
            # waited for a processor, time slices.
            slices += int(text.read().split()[2])
    return waits, slices


def loaded_bytes(path):
    """Bytes of an ELF file that are mapped when it runs: its size without
    debug information. None for a script."""
    with open(path, "rb") as file:
        head = file.read(64)
        if head[:6] != b"\x7fELF\x02\x01":  # 64 bits, little-endian
            return None
        # Source: elf(5): e_phoff at 32, e_phentsize and e_phnum at 54.
        table_at, = struct.unpack_from("<Q", head, 32)
        entry_bytes, entries = struct.unpack_from("<HH", head, 54)
        file.seek(table_at)
        table = file.read(entry_bytes * entries)
    pt_load = 1
    sizes = (struct.unpack_from("<I28xQ", table, at) for at in range(0, len(table), entry_bytes))
    return sum(size for kind, size in sizes if kind == pt_load)

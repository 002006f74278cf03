"""test_bench.py: that tools/bench counts right. The extensions here are scripts
that do something known: burn CPU, wake up now and then, fail. Needs nothing
built. Run by ctest, or: python3 tests/benchmarks/test_bench.py
"""
import os
import select
import socket
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bench import children, cold_start, figures, http_connection, idle, runner, table  # noqa: E402

# Registers, runs {start}, asks for its next event, runs {wait} while it waits,
# serves an agent after an INVOKE.
_extension = """\
#!{python}
import http.client, os, socket, sys, threading, time
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
def ask(method, path, body=None):
    api.request(method, path, body)
    answer = api.getresponse()
    return answer.read()
def burn(seconds):
    while time.process_time() < seconds: pass
ask("POST", "/2020-01-01/extension/register", "{{}}")
{start}
threading.Thread(target=lambda: ({wait}), daemon=True).start()
agents = socket.create_server(("127.0.0.1", int(os.environ["ELASTIC_APM_DATA_RECEIVER_SERVER_PORT"])))
ask("GET", "/2020-01-01/extension/event/next")
agent, _ = agents.accept()
agent.recv(65536)
agent.sendall(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 0\\r\\n\\r\\n")
ask("GET", "/2020-01-01/extension/event/next")
"""


class WithExtension(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(children.kill_all)
        self.folder = folder.name
        self.enterContext(mock.patch.dict(os.environ, TMPDIR=self.folder))

    def program(self, start="pass", wait="None"):
        path = os.path.join(self.folder, "extension")
        with open(path, "w", encoding="utf-8") as file:
            file.write(_extension.format(python=sys.executable, start=start, wait=wait))
        os.chmod(path, 0o755)
        return runner.Program("extension", path, {})

    def measure(self, measurement, program):
        each_run = runner.Runner([program], "no sandbox", os.path.join(self.folder, "runs"), lambda *_: None)
        return each_run.run(measurement)

    def value(self, result, name):
        self.assertEqual(result["problems"], [])
        return next(each for each in result["figures"] if each["name"] == name)["programs"]["extension"]["median"]


class ColdStartTest(WithExtension):
    def test_waiting_counts_as_wall_time_and_work_as_both(self):
        with mock.patch.object(cold_start, "_settle_s", 0.01):
            result = self.measure(cold_start.ColdStart(1), self.program("time.sleep(0.1); burn(0.15)"))
        self.assertGreaterEqual(self.value(result, "cpu_ms"), 150)
        self.assertGreaterEqual(self.value(result, "wall_ms"), self.value(result, "cpu_ms") * 0.5 + 100)
        # The main thread; the other one has ended.
        self.assertEqual(self.value(result, "threads"), 1)
        self.assertIsNone(self.value(result, "file_loaded_kib"))  # a script is no ELF file

    def test_an_extension_that_ends_is_a_failure_with_its_output(self):
        result = self.measure(cold_start.ColdStart(5), self.program("print('no licence'); sys.exit(3)"))
        self.assertEqual(result["failed"], ["extension"])
        self.assertEqual(len(result["problems"]), 2)  # then it is given up
        self.assertIn("status 3", result["problems"][0])
        self.assertIn("no licence", result["problems"][0])

    def test_an_extension_that_never_asks_does_not_hang_the_bench(self):
        with mock.patch.object(cold_start, "_init_s", 0.2):
            result = self.measure(cold_start.ColdStart(1), self.program("time.sleep(1000)"))
        self.assertIn("did not ask for event 1", result["problems"][0])

    def test_a_reported_error_is_told(self):
        report = "ask('POST', '/2020-01-01/extension/init/error', '{}'); time.sleep(1000)"
        result = self.measure(cold_start.ColdStart(1), self.program(report))
        self.assertIn("init/error", result["problems"][0])

    def test_a_program_that_can_not_start_is_told(self):
        program = self.program()
        os.chmod(program.path, 0o644)
        self.assertIn("Permission denied", self.measure(cold_start.ColdStart(1), program)["problems"][0])


@mock.patch.object(idle, "_settle_s", 0.2)
@mock.patch.object(idle, "_idle_s", 1)
class IdleTest(WithExtension):
    def test_one_that_waits_uses_nothing(self):
        result = self.measure(idle.Idle(1), self.program())
        for place in ("ready", "after", "during"):
            self.assertEqual(self.value(result, f"{place}_cpu_ms"), 0)
            self.assertEqual(self.value(result, f"{place}_wake_ups"), 0)

    def test_a_second_thread_that_wakes_up_is_seen(self):
        result = self.measure(idle.Idle(1), self.program(wait="[time.sleep(0.05) for _ in iter(int, 1)]"))
        for place in ("ready", "after", "during"):
            self.assertGreater(self.value(result, f"{place}_cpu_ms"), 0)
            # 20 in a second; a busy machine may lose some.
            self.assertGreater(self.value(result, f"{place}_wake_ups"), 5)
            self.assertLess(self.value(result, f"{place}_wake_ups"), 25)


class ChildTest(WithExtension):
    def test_the_whole_group_is_killed(self):
        log = os.path.join(self.folder, "log")
        child = children.Child(["/bin/sh", "-c", "sleep 1000 & echo $!; wait"], dict(os.environ), log)
        with self.assertRaisesRegex(children.MeasurementError, "more than 0 s"):
            child.wait(0.3)
        with open(log, encoding="ascii") as file:
            left_behind = int(file.read())
        # It is init's to reap now. A busy machine may take its time to end it.
        try:
            descriptor = os.pidfd_open(left_behind)
        except ProcessLookupError:
            return
        self.addCleanup(os.close, descriptor)
        self.assertTrue(select.select([descriptor], [], [], 10)[0], "it is still there")


class HttpTest(unittest.TestCase):
    def requests_in(self, *parts):
        found = []
        ours, theirs = socket.socketpair()
        with ours, theirs:
            connection = http_connection.Connection(
                ours, lambda request: found.append((request.method, request.path)))
            for part in parts:
                theirs.send(part)
                self.assertTrue(connection.read())
            theirs.close()
            self.assertFalse(connection.read())
        return found

    def test_requests_are_found_however_they_are_cut(self):
        plain = b"PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
        chunked = b"POST /b HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n4;x=y\r\nabcd\r\n0\r\n\r\n"
        bare = b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n"
        stream = plain + chunked + bare
        expected = [("PUT", "/a"), ("POST", "/b"), ("GET", "/c")]
        self.assertEqual(self.requests_in(stream), expected)
        self.assertEqual(self.requests_in(*(stream[at:at + 1] for at in range(len(stream)))), expected)


class RunnerTest(unittest.TestCase):
    programs = [runner.Program(name, "/bin/" + name, {}) for name in ("extension", "other")]

    class Fake:
        name, title, notes, runs = "fake.one", "a fake", ("a note",), 3
        figures = (figures.Figure("time_ms", "time", "ms"), figures.Figure("size", "size", "", is_constant=True))

        def __init__(self):
            self.order = []

        def measure(self, program, context):
            self.order.append(program.name)
            if len(self.order) == 4:
                raise children.MeasurementError("the fourth fails")
            return {"time_ms": len(self.order) * (1 if program.name == "extension" else 2.5), "size": 7}

    def run_fake(self):
        fake = self.Fake()
        with tempfile.TemporaryDirectory() as folder:
            return fake, runner.Runner(self.programs, "", folder, lambda *_: None).run(fake)

    def test_programs_take_turns_and_ratios_are_other_by_ours(self):
        fake, result = self.run_fake()
        self.assertEqual(fake.order, ["extension", "other"] * 3)
        time = result["figures"][0]
        self.assertEqual(time["programs"]["extension"]["values"], [1, 3, 5])
        self.assertEqual(time["programs"]["other"]["values"], [5, None, 15])
        self.assertEqual(time["ratios"]["other"]["values"], [5, None, 3])
        self.assertEqual(result["problems"], ["run 2, other: the fourth fails"])
        self.assertEqual(result["failed"], [])

    def test_the_table_is_aligned(self):
        _, measurement = self.run_fake()
        machine = {"cpu": "a CPU", "cores": 2, "is_virtual": False, "architecture": "x", "kernel": "6"}
        text = table.table({
            "machine": machine, "commit": {"id": None, "is_dirty": None},
            "load_average_before": 1.5, "load_average_after": 0,
            "programs": [{"name": each.name, "path": each.path, "sha256": "0", "environment": {}}
                         for each in self.programs],
            "measurements": [measurement, measurement]})
        lines = text.splitlines()
        time = next(line for line in lines if line.startswith("  time"))
        heading = next(line for line in lines if "median" in line)
        self.assertEqual(len(time), len(heading))
        self.assertTrue(time.endswith("4.00          3.00 .. 5.00"), time)
        self.assertEqual(text.count("a note"), 1)
        self.assertEqual(text.count("PROBLEM"), 2)
        self.assertIn("do not trust", text)

    def test_the_floor_takes_its_turn_where_asked(self):
        fake = self.Fake()
        floors = {"start": runner.Program("floor", "/bin/floor", {})}
        with tempfile.TemporaryDirectory() as folder:
            without = runner.Runner(self.programs[:1], "", folder, lambda *_: None, floors).run(self.Fake())
        self.assertEqual(without["figures"][0]["above_floor"], {})
        fake.floor = "start"
        with tempfile.TemporaryDirectory() as folder:
            result = runner.Runner(self.programs[:1], "", folder, lambda *_: None, floors).run(fake)
        self.assertEqual(fake.order, ["extension", "floor"] * 3)
        # 1, 3, 5 of the extension; 5, none, 15 of the other.
        self.assertEqual(result["figures"][0]["above_floor"]["extension"]["values"], [-4, None, -10])
        self.assertEqual(result["figures"][0]["ratios"], {})

    def test_a_name_selects_those_below_it(self):
        names = [each.name for each in runner.all_measurements(runner.full) if runner.is_selected(each, ["held"])]
        self.assertEqual(len(names), 5)
        self.assertTrue(runner.is_selected(self.Fake(), []))
        self.assertFalse(runner.is_selected(self.Fake(), ["fak"]))


class FiguresTest(unittest.TestCase):
    def test_percentiles_are_values_that_were_measured(self):
        hundred = list(range(1, 101))
        self.assertEqual(figures.percentile(hundred, 90), 90)
        self.assertEqual(figures.percentile(hundred, 99), 99)
        self.assertEqual(figures.percentile([5], 99), 5)
        self.assertEqual(figures.percentile([2, 1], 50), 1)

    def test_runs_without_a_value_are_left_out(self):
        self.assertEqual(figures.summary([3, None, 1]), {"values": [3, None, 1], "median": 2, "min": 1, "max": 3})
        self.assertIsNone(figures.summary([None])["median"])

    def test_ratios_are_made_run_by_run(self):
        self.assertEqual(figures.ratio([2, 9, 4], [1, 3, 4])["values"], [2, 3, 1])
        self.assertEqual(figures.ratio([2, None, 4], [0, 3, None])["values"], [None, None, None])


if __name__ == "__main__":
    unittest.main()

"""intake.py: what the extension can take of agents, and what it costs: a load
within one invocation, all of it to be delivered.
"""
import gzip
import json
import os
import random

from . import process_facts
from .children import Child, MeasurementError
from .figures import Figure
from .lambda_stand_in import LambdaStandIn, Loop

# By kind: lines a post, posts, whether they are compressed.
kinds = {
    "small_plain": (10, 5000, False),
    "small_gzip": (10, 5000, True),
    "large_plain": (640, 200, False),
    "large_gzip": (640, 200, True),
}
_line_bytes = 400
_connections = 8
_mark = b'{"span":{"name":"SELECT FROM orders"'
_init_s, _load_s = 10, 60
_metadata = b'{"metadata":{"service":{"name":"orders-api","agent":{"name":"bench","version":"1.0.0"}}}}\n'


def _span(source, trace):
    """A line as agents send them: what tells spans apart are ids and times."""
    line = (_mark + b',"type":"db","subtype":"postgresql","action":"query","id":"%016x","transaction_id":"%s",'
            b'"parent_id":"%s","trace_id":"%s%s","timestamp":%d,"duration":%.3f,"outcome":"success","context":{"db":'
            b'{"instance":"orders","type":"sql","statement":"SELECT * FROM orders WHERE customer = $1' % (
                source.getrandbits(64), trace, trace, trace, trace, 1_700_000_000_000_000 + source.getrandbits(32),
                source.random() * 10))
    return line + b" " * (_line_bytes - len(line) - 7) + b'"}}}}\n'


def request_of(lines, is_gzip):
    """(the HTTP request, bytes of its lines unpacked)"""
    source = random.Random(1)
    trace = b"%016x" % source.getrandbits(64)
    body = _metadata + b"".join(_span(source, trace) for _ in range(lines))
    content = gzip.compress(body, 6) if is_gzip else body
    head = (b"POST /intake/v2/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\n"
            + (b"Content-Encoding: gzip\r\n" if is_gzip else b"") + b"Content-Length: %d\r\n\r\n" % len(content))
    return head + content, len(body)


class Intake:
    figures = (
        Figure("rate_mb_s", "taken from the agents, unpacked", "MB/s"),
        Figure("cpu_s_per_mb", "CPU per MB delivered", "s"),
        Figure("lost_percent", "lines lost", "%"),
        Figure("refused", "posts not answered 202", ""),
        Figure("peak_kib", "peak memory", "KiB"),
    )
    notes = ("8 connections, each waits for its answer; load, extension and stand-in share the machine's cores, so "
             "the rate is theirs together and not what the extension could take",
             "CPU until all is delivered, gzip for the server included; lines are spans that differ in ids and times, "
             "and compress as agents' do: 6 times in a small post, 16 times in a large one")

    def __init__(self, kind, runs):
        lines, posts, is_gzip = kinds[kind]
        self.name = f"intake.{kind}"
        self.title = (f"{posts} posts of {lines} lines of {_line_bytes} bytes, {'gzip' if is_gzip else 'plain'}, "
                      "in one invocation")
        self.runs = runs
        self._lines, self._posts = lines, posts
        self._request, self._body_bytes = request_of(lines, is_gzip)

    def measure(self, program, context):
        bodies = []
        request_path = context.file("request")
        with open(request_path, "wb") as file:
            file.write(self._request)
        with LambdaStandIn(Loop()) as stand_in:
            stand_in.on_intake = lambda request: bodies.append((request.is_gzip, request.body))
            stand_in.start(program, context.log_path())
            stand_in.wait_for_next(1, _init_s)
            pid = stand_in.child.pid
            begin_ms = process_facts.processor_time_ms(pid)
            stand_in.send_invoke(2 * _load_s)
            told = self._run_load(stand_in, context, request_path)
            stand_in.send_agent_data(_load_s)
            cpu_s = (process_facts.processor_time_ms(pid) - begin_ms) / 1e3
            peak_kib = process_facts.memory(pid)["peak_kib"]
        delivered = sum((gzip.decompress(body) if is_gzip else body).count(_mark) for is_gzip, body in bodies)
        sent = self._lines * self._posts
        if not delivered:
            raise MeasurementError("nothing was delivered")
        mb = self._body_bytes * self._posts / 1e6
        return {
            "rate_mb_s": mb / told["seconds"],
            "cpu_s_per_mb": cpu_s / (mb * delivered / sent),
            "lost_percent": 100 * (sent - delivered) / sent,
            "refused": told["refused"],
            "peak_kib": peak_kib,
        }

    def _run_load(self, stand_in, context, request_path):
        log = context.log_path()
        load = Child([context.load, str(stand_in.agent_port), request_path, str(self._posts), str(_connections)],
                     dict(os.environ), log)
        try:
            if not stand_in.serve_until(load.has_ended, _load_s):
                raise MeasurementError(f"the load took more than {_load_s} s")
            if load.exit_status != 0:
                raise MeasurementError(f"the load failed; {load.output()}")
        finally:
            load.kill()
        with open(log, encoding="ascii") as file:
            return json.load(file)

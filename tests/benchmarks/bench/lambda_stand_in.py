"""lambda_stand_in.py: the least of Lambda and of an APM Server that an extension
needs to start and to wait: it answers registration and subscriptions at once,
keeps the request for the next event until told, and accepts all data. For
everything else there is lambda-sandbox; this one is here because the sandbox
freezes who waits, and because each of its microseconds would be counted in a
cold start.
"""
import os
import selectors
import socket
import time

from .children import Child, MeasurementError
from .http_connection import Connection, free_port, listen

_request_id = "8e9ee0f4-2a0c-4a5e-8f2b-000000000001"
_slice_s = 0.05
_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:orders-api"

# One transaction, as an agent sends it.
_agent_body = b"""\
{"metadata":{"service":{"name":"orders-api","agent":{"name":"bench","version":"1.0.0"}}}}
{"transaction":{"id":"0123456789abcdef","trace_id":"0123456789abcdef0123456789abcdef",\
"type":"request","duration":1.5,"span_count":{"started":0},"faas":{"execution":"%s"}}}
""" % _request_id.encode()


class Loop:
    """Serves any number of stand-ins from one thread."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()

    def watch(self, source, on_readable):
        self._selector.register(source, selectors.EVENT_READ, on_readable)

    def forget(self, source):
        self._selector.unregister(source)

    def serve_until(self, is_done, timeout_s):
        """False if it has not come true in time."""
        until = time.monotonic() + timeout_s
        while not is_done():
            left_s = until - time.monotonic()
            if left_s <= 0:
                return False
            for key, _ in self._selector.select(left_s):
                key.data()
        return True

    def serve_for(self, seconds):
        self.serve_until(lambda: False, seconds)


class LambdaStandIn:
    """One extension and its Lambda. Use as a context: it ends the extension."""

    def __init__(self, loop):
        self._loop = loop
        self._sources = []
        self._api = listen()
        self._server = listen()
        self._agent_port = free_port()
        self._watch(self._api, lambda: self._accept(self._api, self._api_request))
        self._watch(self._server, lambda: self._accept(self._server, self._server_request))
        self._waiting = None    # the connection of the unanswered event/next
        self.child = None
        self.requests = 0       # all that came
        self.next_arrivals_ns = []
        self.answering_ms = 0   # from requests' arrival until they were answered
        self.on_next = lambda: None
        self.on_api_request = lambda name: None  # before it is answered
        self.on_intake = lambda request: None
        self.complaint = ""     # what the extension reported, or asked wrongly

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child:
            self.child.kill()
        for source in self._sources:
            self._loop.forget(source)
            source.close()

    def start(self, program, log_path, command=None):
        """`command`: what to start instead, such as the program in a tool."""
        self.child = Child(command or [program.path], self._environment(program), log_path)

    def wait_for_next(self, count, timeout_s):
        """Until the extension has asked for its next event so many times."""
        def is_over():
            return len(self.next_arrivals_ns) >= count or self.complaint
        until = time.monotonic() + timeout_s
        # In slices, to see an extension that has ended; each waits in the
        # kernel, so that slicing costs the measurement nothing.
        while not self._loop.serve_until(is_over, _slice_s):
            self.check()
            if time.monotonic() > until:
                raise MeasurementError(
                    f"it did not ask for event {count} within {timeout_s:.0f} s; {self.child.output()}")
        self.check()

    def serve_until(self, is_done, timeout_s, slice_s=_slice_s):
        """Serves, and looks now and then; False if it has not come true."""
        until = time.monotonic() + timeout_s
        while not is_done():
            self.check()
            if time.monotonic() > until:
                return False
            self._loop.serve_for(slice_s)
        return True

    def check(self):
        """Fails if the extension has ended, or has complained."""
        if self.child.has_ended():
            raise MeasurementError(f"it ended with status {self.child.exit_status}; {self.child.output()}")
        if self.complaint:
            raise MeasurementError(f"{self.complaint}; {self.child.output()}")

    def send_invoke(self, deadline_s):
        self._waiting.answer(200, {
            "eventType": "INVOKE",
            "deadlineMs": int((time.time() + deadline_s) * 1000),
            "requestId": _request_id,
            "invokedFunctionArn": _function_arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1-0;Parent=0;Sampled=0"},
        })
        self._waiting = None

    def send_agent_data(self, timeout_s):
        """What an agent does at the end of an invocation: its data, with the
        flush signal."""
        try:
            with socket.create_connection(("127.0.0.1", self._agent_port), timeout_s) as agent:
                agent.sendall(b"POST /intake/v2/events?flushed=true HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                              b"Content-Type: application/x-ndjson\r\nConnection: close\r\n"
                              b"Content-Length: %d\r\n\r\n" % len(_agent_body) + _agent_body)
                self.wait_for_next(len(self.next_arrivals_ns) + 1, timeout_s)
                answer = agent.recv(1 << 16)
        except OSError as error:
            raise MeasurementError(f"its agent port does not work: {error}") from None
        if not answer.startswith(b"HTTP/1.1 202"):
            raise MeasurementError(f"it answered the agent with {answer[:60]!r}")

    @property
    def agent_port(self):
        return self._agent_port

    def _watch(self, source, on_readable):
        self._sources.append(source)
        self._loop.watch(source, on_readable)

    def _accept(self, listener, on_request):
        connection = Connection(listener.accept()[0], on_request)
        self._watch(connection.socket, lambda: connection.read() or self._drop(connection))

    def _drop(self, connection):
        self._loop.forget(connection.socket)
        self._sources.remove(connection.socket)
        connection.socket.close()

    def _api_request(self, request):
        self.requests += 1
        _, _, path = request.path.partition("/")
        self.on_api_request(path.rpartition("/")[2])
        if path.endswith("/extension/event/next"):
            self.next_arrivals_ns.append(request.arrived_ns)
            self.on_next()
            self._waiting = request.connection
            return
        if path.endswith("/extension/register"):
            request.connection.answer(200, {
                "functionName": "orders-api", "functionVersion": "$LATEST",
                "handler": "app.handler", "accountId": "123456789012",
            }, ["Lambda-Extension-Identifier: 11111111-2222-3333-4444-555555555555"])
        elif path in ("2022-07-01/telemetry", "2020-08-15/logs"):
            request.connection.answer(200, "OK")
        elif path.endswith(("/extension/init/error", "/extension/exit/error")):
            request.connection.answer(202, {"status": "OK"})
            self.complaint = f"it reported an error: {request.method} {request.path}"
        else:
            request.connection.answer(404)
            self.complaint = f"it asked for what Lambda does not have: {request.method} {request.path}"
        self.answering_ms += (time.time_ns() - request.arrived_ns) / 1e6

    def _server_request(self, request):
        self.requests += 1
        if request.path.startswith("/intake/"):
            request.connection.answer(202)
            self.on_intake(request)
        else:
            request.connection.answer(200, {"version": "8.15.0"})

    def _environment(self, program):
        """As lambda-sandbox's, which is as Lambda's."""
        api = "127.0.0.1:%d" % self._api.getsockname()[1]
        return {
            "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
            "TZ": ":UTC",
            "LANG": "C.UTF-8",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIABENCH",
            "AWS_SECRET_ACCESS_KEY": "bench-secret",
            "AWS_SESSION_TOKEN": "bench-token",
            "AWS_LAMBDA_FUNCTION_NAME": "orders-api",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_RUNTIME_API": api,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "TMPDIR": os.environ["TMPDIR"],
            "ELASTIC_APM_LAMBDA_APM_SERVER": "http://127.0.0.1:%d" % self._server.getsockname()[1],
            "ELASTIC_APM_DATA_RECEIVER_SERVER_PORT": str(self._agent_port),
            **program.environment,
        }

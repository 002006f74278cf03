"""http_connection.py: the server's side of HTTP/1.1, as much as an extension
needs: requests with Content-Length or chunked, one after the other, on a
connection that stays open. Standard library's http.server is not used: it wants
a thread for each connection and costs ten times as much per request, which
would be part of what is measured.
"""
import dataclasses
import json
import socket
import struct
import time

# Not in Python's socket module. Source: asm-generic/socket.h.
_so_timestampns = getattr(socket, "SO_TIMESTAMPNS", 35)
_stamp = struct.Struct("@ll")

_reasons = {200: "OK", 202: "Accepted", 404: "Not Found"}


@dataclasses.dataclass
class Request:
    method: str
    path: str
    arrived_ns: int  # the kernel's stamp of its last part, CLOCK_REALTIME
    is_gzip: bool
    body: bytes      # of a chunked request as it came, chunks' heads and all
    connection: "Connection"


class Connection:
    def __init__(self, accepted, on_request):
        self.socket = accepted
        self.socket.setblocking(False)
        self._on_request = on_request
        self._received = bytearray()

    def read(self):
        """Takes what has come; False at its end."""
        try:
            data, control, _, _ = self.socket.recvmsg(1 << 16, 64)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        arrived_ns = time.time_ns()
        for level, kind, content in control:
            if level == socket.SOL_SOCKET and kind == _so_timestampns:
                seconds, nanoseconds = _stamp.unpack(content[:_stamp.size])
                arrived_ns = seconds * 1_000_000_000 + nanoseconds
        self._received += data
        while self._take_request(arrived_ns):
            pass
        return True

    def answer(self, status, body=None, headers=()):
        content = b"" if body is None else json.dumps(body).encode()
        head = [f"HTTP/1.1 {status} {_reasons[status]}",
                "Content-Type: application/json",
                f"Content-Length: {len(content)}", *headers, "", ""]
        try:
            self.socket.send("\r\n".join(head).encode() + content)
        except OSError:
            pass  # the peer is gone: its exit status will tell

    def _take_request(self, arrived_ns):
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return False
        lines = self._received[:head_end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body_at = head_end + 4
        if headers.get("transfer-encoding", "").lower() == "chunked":
            end = self._chunked_end(body_at)
        else:
            end = body_at + int(headers.get("content-length", 0))
        if end is None or end > len(self._received):
            return False
        body = bytes(self._received[body_at:end])
        del self._received[:end]
        method, path, _ = lines[0].split(" ", 2)
        self._on_request(Request(method, path, arrived_ns, headers.get("content-encoding") == "gzip", body, self))
        return True

    def _chunked_end(self, at):
        """Where the request ends, None if that has not come yet. Trailers are
        not known here: no extension sends them."""
        while True:
            line_end = self._received.find(b"\r\n", at)
            if line_end < 0:
                return None
            size = int(bytes(self._received[at:line_end]).split(b";")[0], 16)
            at = line_end + 2 + size + 2
            if size == 0:
                return at


def listen():
    """A listener on a free port of loopback. Connections inherit its options:
    the kernel stamps arrivals, answers leave at once."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, _so_timestampns, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

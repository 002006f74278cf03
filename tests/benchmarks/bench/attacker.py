"""attacker.py: connections to the agents' port that mean harm, as a program of
its own, and one honest agent beside them.

  python3 attacker.py PORT KIND CONNECTIONS

Each connection sends all but its last byte; once all have, they finish together,
or break off. Prints as JSON how long the honest post took that was sent before
that, and the answers by status.
"""
import collections
import gzip
import json
import selectors
import socket
import struct
import sys
import time

_metadata = b'{"metadata":{"service":{"name":"orders-api","agent":{"name":"bench","version":"1.0.0"}}}}\n'
_mib = 1 << 20
# What a peer may keep us waiting for; a request's time is 15 s.
_patience_s = 40
_linger_off = struct.pack("ii", 1, 0)


def _post(body, headers=b""):
    return (b"POST /intake/v2/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\n"
            + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def _lines(size):
    line = b'{"span":{"id":"%s"}}\n' % (b"x" * 1000)
    return _metadata + line * (size // len(line))


def _bomb(size):
    return _post(gzip.compress(_metadata + b'{"span":{"id":"' + b" " * size + b'"}}\n', 9),
                 b"Content-Encoding: gzip\r\n")


# By kind: what each connection sends.
kinds = {
    "headers": lambda: b"GET / HTTP/1.1\r\nX: " + b"x" * 60_000,
    "bodies": lambda: _post(_lines(3 * _mib)),
    "mib_bodies": lambda: _post(_lines(_mib)),
    "bombs": lambda: _bomb(7 * _mib),
    "cut_bombs": lambda: _bomb(7 * _mib),
    "small_bombs": lambda: _bomb(60_000),
}


def _send_together(left, until, stall_s=1):
    """As much of what is `left` for each connection as it takes; ends where
    none takes any more."""
    selector = selectors.DefaultSelector()
    for connection in left:
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_WRITE)
    stall = time.monotonic() + stall_s
    while any(left.values()) and time.monotonic() < min(until, stall):
        for key, _ in selector.select(0.2):
            connection = key.fileobj
            try:
                sent = connection.send(left[connection][:1 << 18])
            except BlockingIOError:
                continue
            except OSError:
                sent = len(left[connection])
            stall = time.monotonic() + stall_s
            left[connection] = left[connection][sent:]
            if not left[connection]:
                selector.unregister(connection)


def _honest_ms(port):
    body = _metadata + b'{"transaction":{"id":"0123456789abcdef"}}\n'
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), _patience_s) as agent:
        agent.sendall(_post(body))
        answer = agent.recv(4096)
    if not answer.startswith(b"HTTP/1.1 202"):
        return None
    return (time.monotonic() - begin) * 1e3


def _answers(connections):
    statuses = collections.Counter()
    until = time.monotonic() + _patience_s
    for connection in connections:
        connection.settimeout(max(0.01, until - time.monotonic()))
        try:
            statuses[connection.recv(4096)[9:12].decode() or "closed"] += 1
        except OSError:
            statuses["none"] += 1
    return statuses


def main(port, kind, count):
    content = kinds[kind]()
    until = time.monotonic() + _patience_s
    connections = [socket.create_connection(("127.0.0.1", port), _patience_s) for _ in range(count)]
    left = {connection: memoryview(content)[:-1] for connection in connections}
    _send_together(left, until)
    honest_ms = _honest_ms(port)
    if kind.startswith("cut_"):
        for connection in connections:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _linger_off)
            connection.close()
        statuses = {}
        _honest_ms(port)  # answered after these have been looked at
    else:
        # What is left, and the last byte: a view from where it stopped.
        left = {connection: memoryview(content)[len(content) - 1 - len(rest):] for connection, rest in left.items()}
        _send_together(left, until, _patience_s)
        statuses = _answers(connections) if kind != "headers" else {}
    print(json.dumps({"honest_ms": honest_ms, "statuses": dict(statuses)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

"""load.py: a load of agents' posts, as a program of its own: some connections,
each with its next post as soon as the last one is answered.

  python3 load.py PORT FILE POSTS CONNECTIONS

FILE holds the whole request. Prints as JSON how long it took and how many
answers were other than 202.
"""
import json
import selectors
import socket
import sys
import time


def main(port, path, posts, connections):
    with open(path, "rb") as file:
        request = file.read()
    selector = selectors.DefaultSelector()
    left = posts
    refused = 0
    begin = time.monotonic()
    for _ in range(min(connections, posts)):
        connection = socket.create_connection(("127.0.0.1", port), 30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        connection.sendall(request)
        left -= 1
    while selector.get_map():
        for key, _ in selector.select(30):
            # An answer is short, and there is never more than one.
            refused += not key.fileobj.recv(4096).startswith(b"HTTP/1.1 202")
            if left > 0:
                left -= 1
                key.fileobj.sendall(request)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()
    print(json.dumps({"seconds": time.monotonic() - begin, "refused": refused}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

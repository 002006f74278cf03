"""with_name_server.py: runs a command in a network of its own, that is a loopback
interface and a DNS server which knows one name.

  unshare --net python3 with_name_server.py NAME ADDRESS COMMAND...

As root, since it takes port 53 of 127.0.0.1. Exit status: the command's; 1 if
nobody asked for the name.
"""
import fcntl
import socket
import struct
import subprocess
import sys
import threading

type_a = 1


def bring_loopback_up():
    # Source: netdevice(7).
    siocsifflags, iff_up = 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sH14x", b"lo", iff_up))


def answer_to(query, name, address):
    """RFC 1035: the question again, and the address if it was asked for. Any
    other name does not exist."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
        at += 1 + query[at]
    question = query[12:at + 5]
    is_known = ".".join(labels) == name
    with_address = is_known and struct.unpack_from(">H", query, at + 1)[0] == type_a
    flags = 0x8580 if is_known else 0x8583  # an authority's answer; NXDOMAIN
    head = query[:2] + struct.pack(">HHHHH", flags, 1, int(with_address), 0, 0)
    record = struct.pack(">HHHIH", 0xc00c, type_a, 1, 60, 4) + socket.inet_aton(address)
    return head + question + (record if with_address else b""), is_known


def main(name, address, *command):
    bring_loopback_up()
    asked = threading.Event()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve():
        while True:
            query, peer = server.recvfrom(512)
            answer, is_known = answer_to(query, name, address)
            server.sendto(answer, peer)
            if is_known:
                asked.set()

    threading.Thread(target=serve, daemon=True).start()
    status = subprocess.run(command, check=False).returncode
    if status == 0 and not asked.is_set():
        print(f"nobody asked for {name}")
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

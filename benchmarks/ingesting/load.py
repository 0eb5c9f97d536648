"""Send signed deliveries over many connections and tell how fast they were answered.

    python -m benchmarks.ingesting.load PORT --bodies FILE --seconds 10 --warm-up 2 --connections 64

One thread, raw sockets and epoll, so that a single core asks far more than any server answers.
FILE holds one delivery a line: its event, its signature and its body, parted by tabs. Each
request is a delivery of its own, by its id. Prints one JSON object.
"""

import argparse
import json
import random
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Final

BLOCK: Final = 1 << 16
PATIENCE_SECONDS: Final = 15  # GitHub's own is 10

Parts = tuple[bytes, bytes]
"""A request before and after its id."""


@dataclass
class Told:
    """What was measured after the warm-up."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    answered: int = 0
    """All, those of the warm-up too."""


class Client:
    """One connection that asks again as soon as it is answered."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)
        self._unsent = memoryview(b"")
        self._answer = b""
        self.asked_at = 0.0

    def ask(self, request: bytes) -> bool:
        """Begin to send a request; False while something of it is left."""
        self.asked_at = time.perf_counter()
        self._unsent = memoryview(request)
        return self.send()

    def send(self) -> bool:
        """Send what the system takes; False while something is left."""
        while self._unsent:
            try:
                self._unsent = self._unsent[self.socket.send(self._unsent) :]
            except BlockingIOError:
                return False
        return True

    @property
    def sending(self) -> bool:
        return bool(self._unsent)

    def receive(self) -> int:
        """Return the status once the answer is whole, else 0."""
        block = self.socket.recv(BLOCK)
        if not block:
            msg = "the server closed a connection"
            raise ConnectionError(msg)
        self._answer += block
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or not _is_whole(head.lower(), body):
            return 0
        status, self._answer = int(head[9:12]), b""
        return status


def _is_whole(head: bytes, body: bytes) -> bool:
    _, length, rest = head.partition(b"content-length:")
    if length:
        return len(body) >= int(rest.partition(b"\r\n")[0])
    return b"chunked" not in head or body.endswith(b"0\r\n\r\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--bodies", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--warm-up", type=float, required=True)
    parser.add_argument("--connections", type=int, required=True)
    options = parser.parse_args(arguments)
    requests = [_parts(line) for line in options.bodies.read_bytes().splitlines()]
    told, seconds = pour(
        [Client(options.port) for _ in range(options.connections)],
        requests,
        seconds=options.seconds,
        warm_up=options.warm_up,
    )
    print(json.dumps(_summary(told, seconds)))
    return 0


def _parts(line: bytes) -> Parts:
    event, signature, body = line.split(b"\t")
    head = (
        b"POST /github HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
        b"User-Agent: GitHub-Hookshot/044aadd\r\nContent-Type: application/json\r\n"
        b"X-GitHub-Hook-ID: 1\r\nX-GitHub-Hook-Installation-Target-Type: repository\r\n"
        b"X-GitHub-Event: " + event + b"\r\nX-Hub-Signature-256: " + signature + b"\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\nX-GitHub-Delivery: "
    )
    return head, b"\r\n\r\n" + body


def pour(
    clients: Sequence[Client], requests: Sequence[Parts], *, seconds: float, warm_up: float
) -> tuple[Told, float]:
    """Let all clients ask until the time is over; return what was told, and in how long."""
    told, epoll = Told(), select.epoll()
    next_request = (b"%b%b%b" % (head, _id(), body) for head, body in cycle(requests))
    by_file = {client.socket.fileno(): client for client in clients}
    for file, client in by_file.items():
        sent = client.ask(next(next_request))
        epoll.register(file, select.EPOLLIN if sent else select.EPOLLOUT)
    start = time.perf_counter() + warm_up
    end = start + seconds
    while (now := time.perf_counter()) < end:
        ready = epoll.poll(PATIENCE_SECONDS)
        if not ready:
            msg = f"no answer within {PATIENCE_SECONDS} s"
            raise TimeoutError(msg)
        for file, _ in ready:
            client = by_file[file]
            if client.sending:
                if client.send():
                    epoll.modify(file, select.EPOLLIN)
            elif status := client.receive():
                told.answered += 1
                if now >= start:
                    told.seconds.append(time.perf_counter() - client.asked_at)
                    told.statuses[status] += 1
                if not client.ask(next(next_request)):
                    epoll.modify(file, select.EPOLLOUT)
    return told, now - start


def _id() -> bytes:
    """Return an id that looks like GitHub's and, as theirs, has no order."""
    digits = b"%032x" % random.getrandbits(128)
    return b"-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _summary(told: Told, seconds: float) -> dict[str, object]:
    ordered = sorted(told.seconds) or [0.0]
    return {
        "requests": len(told.seconds),
        "answered": told.answered,
        "seconds": seconds,
        "statuses": dict(told.statuses),
        "p50_ms": 1e3 * ordered[len(ordered) // 2],
        "p99_ms": 1e3 * ordered[len(ordered) * 99 // 100],
    }


if __name__ == "__main__":
    sys.exit(main())

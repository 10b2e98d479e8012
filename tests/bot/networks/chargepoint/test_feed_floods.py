"""A server that means harm: what it sends is refused in bounded memory, and the feed goes on."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from bot.networks.chargepoint.events import Event
from bot.networks.chargepoint.feed import Feed, Pace
from bot.networks.chargepoint.xmpp import LARGEST, Account
from chalicelib.clock import SystemClock
from tests.waiting import within

DOMAIN = "feed.example"
PATIENT = Pace(
    ping_every=60, answer_within=60, session_within=60, retry_first=0.05, retry_most=0.1
)
BRISK = Pace(ping_every=1, answer_within=1, session_within=1, retry_first=0.05, retry_most=0.1)
MEGABYTE = 1024  # in ru_maxrss
STREAM = (
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    f"id='1' from='{DOMAIN}' version='1.0'>"
)
MESSAGE = f"<message from='cpfeed@{DOMAIN}'><body>"
BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20 if n else "ha" * 20}">' for n in range(12))
FILE = "<!ENTITY e11 SYSTEM 'file:///etc/passwd'>"


@contextmanager
def sending(start: str, more: bytes) -> Iterator[tuple[int, list[int]]]:
    """A server that says this to everyone, then `more` without end; the bytes that each took."""
    taken: list[int] = []

    def serve(there: socket.socket) -> None:
        sent = 0
        with suppress(OSError), there:
            there.recv(4096)
            there.sendall(start.encode())
            while more:
                sent += there.send(more)
            there.recv(4096)
        taken.append(sent)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], taken


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (f"<!DOCTYPE x [{BOMB}]>{STREAM}{MESSAGE}&e11;</body></message>", b""),
        (f"<!DOCTYPE x [{FILE}]>{STREAM}{MESSAGE}&e11;</body></message>", b""),
        (f"{STREAM}{MESSAGE}", b"x" * 100_000),
        (STREAM, b"<a>" * 30_000),
    ],
    ids=["a bomb", "a file", "a message without end", "elements without end"],
)  # fmt: skip
def test_a_server_that_means_harm(start: str, more: bytes) -> None:
    """Entities are not expanded, what has no end is cut off, and the next attempt is made."""
    taken = harm(start, more, PATIENT)
    assert max(taken) < 20 * LARGEST  # most of it only got into the system's buffers


def test_messages_without_end() -> None:
    """However many come, each is read and forgotten; who answers no ping is hung up on."""
    harm(STREAM, f"{MESSAGE}hello</body></message>".encode() * 1000, BRISK)


def harm(start: str, more: bytes, pace: Pace) -> list[int]:
    """Two attempts at such a server; the bytes that each took."""
    events: list[Event] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with sending(start, more) as (port, taken):
        account = Account("127.0.0.1", port, "key", "password", "none", DOMAIN)
        feed = Feed(account, SystemClock(), events.append, lambda: None, pace=pace)
        feed.start()
        within(30, lambda: len(taken) >= 2)
        feed.stop()
        feed.check()
    assert events == []
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400 * MEGABYTE
    return taken

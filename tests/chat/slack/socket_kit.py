"""What the tests of Socket Mode share: a workspace with a socket, and our end in a hurry."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.slack.socket import Pace, SlackSocket
from chalicelib.concierge import Concierge
from chalicelib.wiring.slack import desk_of
from practice.slack.socket import Sockets
from tests.waiting import within

APP_TOKEN = "xapp-made-up"
HURRY = Pace(
    open_within=0.6,
    ping_every=0.2,
    answer_within=0.4,
    retry_first=0.05,
    retry_most=0.2,
    retry_refused=0.4,
    linger=0.6,
    glance=0.02,
)


def socket_to(concierge: Concierge, api_url: str, token: str = APP_TOKEN) -> SlackSocket:
    handler, desk = CommandHandler(concierge, SlackMarkup()), desk_of(concierge)
    return SlackSocket(token, api_url, handler, HURRY, desk=desk)


@contextmanager
def listening(socket: SlackSocket, *, at_once: bool = True) -> Iterator[SlackSocket]:
    """It takes its turns until this is left; `at_once`: it is open before this begins."""

    def work() -> None:
        while not socket.rung.is_set():
            socket.rung.wait(socket.turn())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        if at_once:
            within(5, lambda: socket.opened)
        yield socket
    finally:
        socket.rung.set()
        thread.join(5)
        assert not thread.is_alive()


def settled(sockets: Sockets, count: int) -> None:
    """So many connections, and no more."""
    within(5, lambda: len(sockets.lines) == count)

"""What the stands of the smaller chat platforms share: a stand-in at one end of the street."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar
from wsgiref.types import WSGIEnvironment

from chalicelib import wiring
from chalicelib.chat.text.wording import Markup
from chalicelib.concierge import Concierge
from chalicelib.settings import Settings
from practice.common.chat_peer import Peer, Shown
from practice.common.wsgi import Response
from tests.contracts.chat_stage import Seen, Street


class PeerServer(Protocol):
    """A stand-in that remembers in a `Peer`."""

    peer: Peer


class ChatServer(PeerServer, Protocol):
    """One where people type."""

    def say(self, name: str, text: str) -> Any:
        """In the channel, to all."""


S = TypeVar("S", bound=PeerServer)
C = TypeVar("C", bound=ChatServer)


class Watched(Generic[S]):
    """What people see of such a server."""

    server: S
    _after = 0

    @property
    def violations(self) -> list[str]:
        return self.server.peer.violations

    def typed_mention(self, name: str) -> str:
        return f"@{name}"

    def seen(self) -> list[Seen]:
        shown = self.server.peer.shown[self._after :]
        self._after += len(shown)
        return [Seen(one.to, self.read(one), one.pings) for one in shown]

    def read(self, message: Shown) -> str:
        """As a person reads it."""
        return message.text

    def warn(self, text: str) -> None:
        """Nothing that people type is alive there, unless a stand says so."""

    def limited(self) -> int:
        return self.server.peer.limited


class PeerStand(Watched[C]):
    """Such a server that calls our door."""

    platform: str
    markup: Markup
    command = "/ev "

    def __init__(
        self,
        server: C,
        street: Street,
        settings: Settings,
        answer: Callable[[WSGIEnvironment], Response],
    ) -> None:
        self.server = server
        self.street = street
        self.settings = settings
        self.messenger = wiring.messengers_of(settings)[self.platform]
        street.serve(answer)

    def open(self, concierge: Concierge) -> None:
        self.street.open(wiring.open_endpoints(self.settings, concierge))

    def say(self, name: str, text: str) -> None:
        self.server.say(name, f"{self.command}{text}")

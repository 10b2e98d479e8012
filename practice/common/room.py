"""The channel of the practice site on one platform: who is there, and what they do there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from wsgiref.types import WSGIEnvironment

from .chat_peer import AppRude, Peer
from .people import Driver
from .posts import Message, NoSuchButton, Post
from .wsgi import Response

HOST = "127.0.0.1"


class CantFill(Exception):
    """There is no such form, field, choice, Home tab or shortcut."""


class Room(ABC):
    """One on a platform without forms, a Home tab, shortcuts and boards: others say more."""

    platform: str
    takes_direct: bool  # whether the app hears of direct messages
    channel: str  # its address
    people: Sequence[Driver]
    environ: Mapping[str, str]  # the settings that lead the bot here
    has_home = False

    @property
    @abstractmethod
    def violations(self) -> list[str]:
        """What the app did that the platform forbids, in words."""

    @abstractmethod
    def address(self, driver: Driver) -> str:
        """A person's address, `platform:tenant:id`."""

    def open(self) -> bool:
        """The bot is up: do what an admin would do now. False when it was refused."""
        return True

    def web(self, path: str, environ: WSGIEnvironment) -> Response | None:  # noqa: ARG002 — nothing is
        """Answer a request to the platform; None: it is for somebody else."""
        return None

    @abstractmethod
    def say(self, driver: str, text: str, *, direct: bool = False) -> Post:
        """A driver types in the channel, or to the app alone: what they see of it at once."""

    @abstractmethod
    def press(self, driver: str, n: int, action: str) -> Post:
        """A driver presses a button of post `n`. Raises NoSuchMessage or NoSuchButton."""

    def message(self, ref: str) -> Message | None:  # noqa: ARG002 — nothing can be edited
        """A message of the app, by what the platform calls it."""
        return None

    def delete(self, ref: str) -> None:  # noqa: B027 — nobody can
        """Somebody deletes it."""

    def form(self, driver: str) -> dict[str, Any] | None:  # noqa: ARG002 — nobody has one
        """The form that a driver has before them."""
        return None

    def fill(self, driver: str, values: Mapping[str, Any]) -> Post:  # noqa: ARG002 — as above
        """They fill it in and send it: `form` is what they have before them then. Raises
        CantFill.
        """
        raise CantFill(f"{driver} has no form open: {self.platform} says what to type")

    def close_form(self, driver: str) -> None:  # noqa: B027 — there is none
        """They leave it."""

    def home(self, driver: str, *, opens: bool) -> dict[str, Any] | None:  # noqa: ARG002 — nobody has one
        """A driver opens their Home tab, or only looks at it. Raises CantFill."""
        raise CantFill(f"{self.platform} has no Home tab: `/ev status` shows the same")

    def press_home(self, driver: str, action: str) -> Post:
        """They press a button there. Raises NoSuchButton and CantFill."""
        raise NoSuchButton(f"{driver} sees no button {action!r}")

    def shortcut(self, driver: str, name: str) -> Post:  # noqa: ARG002 — as above
        """They choose a shortcut of the app. Raises CantFill."""
        raise CantFill(f"{self.platform} has no shortcuts")


class PeerRoom(Room):
    """One on a platform whose stand-in remembers in a `Peer`."""

    def __init__(self, peer: Peer, people: Sequence[Driver], environ: Mapping[str, str]) -> None:
        self.peer = peer
        self.people = people
        self.environ = environ

    @property
    def violations(self) -> list[str]:
        return self.peer.violations

    def kindly(self, driver: str, what: str, ask: Callable[[], Post], failed: str) -> Post:
        """What the app says to that; where it is rude, what the platform tells the driver."""
        try:
            return ask()
        except AppRude as rude:
            self.peer.record_violation(f"{what} by {driver}: {rude}")
            return self.peer.notice(driver, failed)

"""What a replay needs of a car park, be it real processes (`practice.world`) or one process."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from chalicelib.core.model import Site
from practice.carpark import CarPark
from practice.common.posts import Post


class Now(Protocol):
    """The time on the site's clock."""

    def now(self) -> datetime: ...


class Chat(Protocol):
    """Where people type and press buttons."""

    def say(self, driver: str, text: str) -> Post:
        """Somebody types: the answer, as they see it; it has `error` if there was none."""

    def press(self, driver: str, n: int, action: str) -> Post:
        """Somebody presses a button of post `n`. Raises NoSuchMessage or NoSuchButton."""


class Scene(Protocol):
    """A car park with its site."""

    @property
    def clock(self) -> Now: ...

    @property
    def carpark(self) -> CarPark: ...

    @property
    def slack(self) -> Chat: ...

    def site(self) -> Site:
        """The site as it is stored now."""

    def line(self) -> list[str]:
        """The names in line, in order, suspended and called ones included."""

"""Who subscribed to which events of which stations, as the ChargePoint stand-in knows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Subscription:
    """There is no way to end one (API guide: registerFeeds)."""

    id: int
    events: frozenset[str]
    stations: frozenset[str]


class Subscriptions:
    """Safe to use from several threads. `refreshed` are the ids of updateFeed, in order."""

    def __init__(self) -> None:
        self.refreshed: list[int] = []
        self._all: list[Subscription] = []
        self._lock = Lock()

    def add(self, events: Iterable[str], stations: Iterable[str]) -> int:
        """The id of a new subscription: six digits."""
        with self._lock:
            number = 900_017 + len(self._all)
            self._all.append(Subscription(number, frozenset(events), frozenset(stations)))
            return number

    def refresh(self, number: str) -> bool:
        """False when there is none of that id."""
        with self._lock:
            known = [one.id for one in self._all if str(one.id) == number]
            self.refreshed += known
            return bool(known)

    def forget(self) -> None:
        """The service loses them all."""
        with self._lock:
            self._all.clear()

    def count(self, event: str = "", station: str = "") -> int:
        """How many there are, or how many want this event of this station."""
        with self._lock:
            return sum(
                not event or (event in one.events and station in one.stations) for one in self._all
            )

"""Who plugged in where, as the event feed tells it: `getLoad` often withholds the driver."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Status
from chalicelib.values import dataclass, replace

from .events import START, STOP, Event

Place = tuple[str, str]  # station id, port number

FRESH = timedelta(minutes=2)  # how long an id waits for the look that sees its car
MOST = 5000  # ports remembered


@dataclass(frozen=True, slots=True)
class _Arrival:
    """`seen`: a look found the port in use since; `credential` is what it said then."""

    user: str
    at: datetime
    seen: bool = False
    credential: str = ""


class Arrivals:
    """A short memory of ids, joined to looks by (station, port): session ids don't match.

    Safe to use from several threads. The network's own word always wins.
    """

    def __init__(self) -> None:
        self._known: dict[Place, _Arrival] = {}
        self._lock = threading.Lock()

    def note(self, event: Event, now: datetime) -> None:
        """Remember what an event says; doubles and those overtaken by a later one don't count."""
        place, at = (event.station, event.port), min(event.at, now)
        with self._lock:
            old = self._known.get(place)
            if event.name == STOP and old is not None and at > old.at:
                del self._known[place]
            elif event.name == START and (old is None or at > old.at):
                self._known.pop(place, None)
                if event.user:
                    self._known[place] = _Arrival(event.user, at)
                if len(self._known) > MOST:
                    self._known.pop(next(iter(self._known)))

    def just_come(self, look: Observed) -> dict[Place, datetime]:
        """When the cars of this look came, of those that the feed has just told of."""
        with self._lock:
            return {
                (port.station, port.number): arrival.at
                for port in look.ports
                if (arrival := self._known.get((port.station, port.number))) is not None
                and look.at - arrival.at <= FRESH
                and not _is_over(arrival, port, look.at)
            }

    def fill(self, look: Observed) -> Observed:
        """The look, with drivers that only the feed has told of."""
        with self._lock:
            return replace(look, ports=tuple(self._fill(port, look.at) for port in look.ports))

    def _fill(self, port: PortSeen, at: datetime) -> PortSeen:
        place = port.station, port.number
        arrival = self._known.get(place)
        if arrival is None:
            return port
        if _is_over(arrival, port, at):
            del self._known[place]
            return port
        if port.status is not Status.INUSE or port.user:
            return port
        credential = arrival.credential or port.credential
        self._known[place] = replace(arrival, seen=True, credential=credential)
        return replace(port, user=arrival.user)


def _is_over(arrival: _Arrival, port: PortSeen, at: datetime) -> bool:
    """Its car has left, never came, or was somebody else's.

    A port may look free for a moment after the event: the network's calls lag behind.
    """
    if not arrival.seen and at - arrival.at > FRESH:
        return True
    if arrival.seen and port.status is Status.AVAILABLE:
        return True
    other_user = bool(port.user) and port.user != arrival.user
    both = bool(arrival.credential and port.credential)
    return other_user or (both and arrival.credential != port.credential)

"""What the network itself has counted: a session's true start, its energy, and its end.

The looks say what is on a port now; `getChargingSessionData` is the network's book of it. It
costs a call, may lag behind, and plans may not allow it: so it is asked seldom, and no look
fails for want of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass as ordinary, field
from datetime import datetime, timedelta

from chalicelib.core.inputs import Observed, PortSeen, SessionEnded
from chalicelib.core.model import Site, Status
from chalicelib.values import dataclass, replace

from .translate import Place, Session

EVERY = timedelta(minutes=5)  # between two questions of one kind
GIVE_UP = timedelta(hours=2)  # after this an end that isn't booked never will be
SLACK = timedelta(minutes=5)  # between our clock and the network's
DARK = frozenset({Status.UNREACHABLE, Status.UNKNOWN})


@dataclass(frozen=True, slots=True)
class _Open:
    """A car on a port: since when looks have seen it, and what the book says of its session."""

    seen: datetime
    session: str = ""
    since: datetime | None = None
    asked: bool = False

    @property
    def began(self) -> datetime:
        """No later than that."""
        return self.since or self.seen


@dataclass(frozen=True, slots=True)
class _Gone:
    """A car that has left: its end isn't in the book yet."""

    place: Place
    car: _Open
    at: datetime

    def is_in(self, session: Session) -> bool:
        """Whether this is its session: by id, else by the time on the port."""
        if session.place != self.place or session.until is None:
            return False
        if self.car.session and session.id:
            return self.car.session == session.id
        began = session.since or session.until
        return session.until >= self.car.seen - SLACK and began <= self.at + SLACK


@ordinary(slots=True)
class Book:
    """What we know of the sessions at one site. Looks at a site come one after the other."""

    open: dict[Place, _Open] | None = None
    gone: list[_Gone] = field(default_factory=list)
    running_at: datetime | None = None  # when we asked for those that run …
    finished_at: datetime | None = None  # … and for those that are over
    quiet_until: datetime | None = None  # after a question that got no answer

    def follow(self, site: Site, look: Observed, come: Mapping[Place, datetime]) -> None:
        """Note who is on the ports, and who has left since the last look; `come`: when those
        came of whom the feed has just told.

        After a restart the site's own stays tell who was there.
        """
        before = self.open if self.open is not None else _remembered(site)
        self.open = {}
        for port in look.ports:
            place, car = (port.station, port.number), before.get((port.station, port.number))
            if port.status in DARK and car is not None:
                self.open[place] = car
                continue
            if car is not None and not _is_on(car, port):
                self.gone.append(_Gone(place, car, look.at))
                car = None
            if port.status is Status.INUSE:
                car = car or _Open(look.at, since=come.get(place))
                self.open[place] = replace(car, session=port.session or car.session)
        self.gone = [one for one in self.gone if look.at - one.at < GIVE_UP]

    def wants_running(self, now: datetime) -> bool:
        """Whether it is time to ask for the sessions that run: a car is new, or it is a while. Of
        one that the feed told of we know the start: its driver waits for this look, and not for
        the book, which the next one asks.
        """
        cars = (self.open or {}).values()
        new = [car for car in cars if not car.asked]
        if self._is_quiet(now):
            return False
        if any(car.since is None for car in new):
            return True
        is_waited_for = any(car.seen == now for car in new)
        return not is_waited_for and (bool(new) or (bool(cars) and _is_due(self.running_at, now)))

    def wants_finished(self, now: datetime) -> datetime | None:
        """Since when to ask for those that are over; None: not now.

        Whether the network goes by a session's start or its end isn't known: the start is early
        enough for both.
        """
        fresh = any(one.at == now for one in self.gone)
        if not self.gone or self._is_quiet(now) or not (fresh or _is_due(self.finished_at, now)):
            return None
        return min(one.car.began for one in self.gone) - SLACK

    def take_running(self, sessions: Iterable[Session], look: Observed) -> Observed:
        """The look with what the book says of the cars on the ports."""
        self.running_at = look.at
        found = {one.place: one for one in sessions if one.until is None}
        cars = self.open or {}
        ports = [
            _filled(port, found.get((port.station, port.number)), look.at) for port in look.ports
        ]
        told = {(port.station, port.number): port for port in ports}
        for place, car in cars.items():
            since, session = told[place].since or car.since, told[place].session or car.session
            cars[place] = replace(car, session=session, since=since, asked=True)
        return replace(look, ports=tuple(ports))

    def take_finished(self, sessions: Iterable[Session], look: Observed) -> Observed:
        """The look with the sessions of those who have left."""
        self.finished_at = look.at
        ended = []
        for session in sessions:
            owner = next((one for one in self.gone if one.is_in(session)), None)
            if owner is not None and session.until is not None:
                self.gone.remove(owner)
                ended.append(_ended(session, session.until))
        return replace(look, ended=tuple(ended))

    def be_quiet(self, now: datetime) -> None:
        """The network doesn't answer: a look shouldn't wait for that each time."""
        self.quiet_until = now + EVERY

    def _is_quiet(self, now: datetime) -> bool:
        return self.quiet_until is not None and now < self.quiet_until

    def recall(self, look: Observed) -> Observed:
        """The look with the starts and ids that the book told of before; energy it can't know."""
        cars = self.open or {}
        return replace(look, ports=tuple(_known(port, cars) for port in look.ports))


def _remembered(site: Site) -> dict[Place, _Open]:
    """The stays as they were saved."""
    found: dict[Place, _Open] = {}
    for port in site.ports.values():
        station, _, number = port.id.rpartition("/")
        if port.stay is not None:
            found[station, number] = _Open(port.stay.since)
    return found


def _is_on(car: _Open, port: PortSeen) -> bool:
    other = bool(car.session and port.session and car.session != port.session)
    return port.status is Status.INUSE and not other


def _is_due(asked: datetime | None, now: datetime) -> bool:
    return asked is None or now - asked >= EVERY


def _filled(port: PortSeen, session: Session | None, at: datetime) -> PortSeen:
    """A port with its running session; what the look itself says is newer, and wins."""
    if session is None or port.status is not Status.INUSE:
        return port
    if port.session and session.id and port.session != session.id:
        return port
    return replace(
        port,
        session=port.session or session.id,
        user=port.user or session.user,
        credential=port.credential or session.credential,
        energy_kwh=session.energy_kwh,
        since=min(session.since, at) if session.since is not None else None,
    )


def _known(port: PortSeen, cars: dict[Place, _Open]) -> PortSeen:
    car = cars.get((port.station, port.number))
    if car is None or port.status is not Status.INUSE:
        return port
    return replace(port, session=port.session or car.session, since=port.since or car.since)


def _ended(session: Session, until: datetime) -> SessionEnded:
    return SessionEnded(
        *session.place,
        session.id,
        until,
        session.since,
        session.energy_kwh,
        session.user,
        session.credential,
    )

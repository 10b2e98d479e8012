"""The make-believe car park: cars, cables and kilowatts, on a clock of its own.

What the people and the building do to it comes in here; what a charging network would
say about it is asked with `ports()`. Safe to use from several threads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from chalicelib.core.model import Status
from chalicelib.edges import Clock

from .common.people import GROUP, Driver, make_ports

Place = tuple[str, str]  # station, port number
MOST_SESSIONS = 5000  # of those that are over
LONGEST_LIMIT = 365 * 24 * 60  # minutes
RATED_KW = 6.6  # of a port


class CarParkError(Exception):
    """That can't be done in this car park."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit that the building set on a port. `percent` is None for one given in kW."""

    kw: float
    percent: float | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Car:
    """`energy_kwh` and `charging`, the time that power flowed, are counted up to `counted_at`."""

    session: int
    driver: Driver | None
    since: datetime
    counted_at: datetime
    full: bool = False
    draws_kw: float | None = None  # None: as much as the port gives
    energy_kwh: float = 0.0
    charging: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Session:
    """One charging session, running or over, as a charging network's books have it."""

    id: int
    station: str
    number: str
    driver: Driver | None
    since: datetime
    until: datetime | None
    energy_kwh: float
    charging: timedelta


@dataclass(frozen=True, slots=True)
class PortNow:
    """One port at one moment. The ids are what the network would tell of the driver."""

    station: str
    number: str
    status: Status
    driver: Driver | None
    user_id: str
    credential_id: str
    session: int  # 0: none
    load_kw: float
    cap: Cap | None


@dataclass(frozen=True, slots=True)
class _Order:
    """What the building asked for, until it has reached the stations."""

    due: datetime
    places: tuple[Place, ...]
    percent: float | None
    kw: float | None
    until: datetime | None


Watcher = Callable[[str, PortNow], None]


class CarPark:
    """Ports in order, what is plugged into them, and what the building allows.

    `watchers` are told of each "plug", "unplug" (with the port as it was just before),
    "dark" and "seen", on the thread of whoever does it.

    `shed_delay` and `clear_delay` are how long an order takes to reach the stations:
    minutes on the real network. `omit_users` and `omit_credentials` blank what the
    network says of the drivers, as it does for card payers and the unconnected.
    `groups` are numbers and names of station groups; one that is not in `members` has
    all stations.
    """

    def __init__(
        self,
        clock: Clock,
        places: Sequence[Place] = make_ports(),
        *,
        ramp: timedelta = timedelta(seconds=30),
    ) -> None:
        self.groups = {GROUP: "Practice lot", GROUP + 1: "All lots"}
        self.members: dict[int, frozenset[str]] = {}
        self.rated_kw = RATED_KW
        self.shed_delay = self.clear_delay = timedelta(0)
        self.omit_users = self.omit_credentials = False
        self.watchers: list[Watcher] = []
        self._clock = clock
        self._ramp = ramp
        self._places = tuple(places)
        self._cars: dict[Place, _Car] = {}
        self._caps: dict[Place, Cap] = {}
        self._dark: set[Place] = set()
        self._orders: list[_Order] = []
        self._sessions = 800_000_000
        self._over: deque[Session] = deque(maxlen=MOST_SESSIONS)
        self._lock = RLock()

    @property
    def now(self) -> datetime:
        """The time on the car park's clock."""
        return self._clock.now()

    def plug(self, station: str, port: str, driver: Driver | None) -> int:
        """A car is plugged in; the id of its session. None is a stranger without ids."""
        with self._lock:
            place = self._place(station, port)
            if place in self._cars:
                raise CarParkError(f"{_words(place)} is in use: unplug that car first")
            now = self._settle()
            self._sessions += 1
            self._cars[place] = _Car(self._sessions, driver, now, now)
            seen = self._seen(place, now)
        self._tell("plug", seen)
        return seen.session

    def unplug(self, station: str, port: str) -> None:
        """The car leaves."""
        with self._lock:
            place = self._taken(station, port)
            now = self._settle()
            seen = self._seen(place, now)
            self._over.append(_session(place, self._cars.pop(place), now))
        self._tell("unplug", seen)

    def full(self, station: str, port: str) -> None:
        """The car stays plugged in and draws nothing any more."""
        with self._lock:
            place = self._taken(station, port)
            self._settle()
            self._cars[place] = replace(self._cars[place], full=True)

    def power(self, station: str, port: str, kw: float | None) -> None:
        """What the car draws from now on, if nothing limits it; None: all that the port gives."""
        with self._lock:
            place = self._taken(station, port)
            self._settle()
            draws = _number("kw", kw, 1000)
            self._cars[place] = replace(self._cars[place], draws_kw=draws, full=False)

    def energy_of(self, station: str, port: str) -> float:
        """How many kWh the car has taken here by now."""
        with self._lock:
            place = self._taken(station, port)
            self._settle()
            return self._cars[place].energy_kwh

    def unreachable(self, station: str, port: str) -> None:
        """The network loses sight of the port; whatever is plugged in stays."""
        self._turn(station, port, dark=True)

    def reachable(self, station: str, port: str) -> None:
        """The network sees the port again."""
        self._turn(station, port, dark=False)

    def shed(
        self,
        percent: Any = None,
        allowed_kw: Any = None,
        *,
        places: Iterable[Place] | None = None,
        minutes: int = 0,
    ) -> None:
        """Limit each of `places` (default: all) to kW, or by percent; neither clears.

        As on ChargePoint, a percentage is taken of what flows when the order arrives, so
        an idle port is held at zero; `minutes` 0 means until further notice. Orders for
        a port arrive in the order in which they were given.
        """
        if percent is not None and allowed_kw is not None:
            raise CarParkError("a limit is in percent or in kW, not both")
        percent = _number("percent", percent, 100)
        kw = _number("allowed_kw", allowed_kw, 1000)
        if percent == 0:
            raise CarParkError("a limit by 0 percent is none: leave it out to clear")
        if not 0 <= minutes <= LONGEST_LIMIT:
            raise CarParkError(f"a limit lasts 0 to {LONGEST_LIMIT} minutes")
        with self._lock:
            chosen = self._places if places is None else tuple(self._place(*p) for p in places)
            clears = percent is None and kw is None
            own = self._clock.now() + (self.clear_delay if clears else self.shed_delay)
            before = (
                order.due for order in self._orders if not set(chosen).isdisjoint(order.places)
            )
            due = max([own, *before])
            until = due + timedelta(minutes=minutes) if minutes else None
            self._orders.append(_Order(due, chosen, percent, kw, until))

    def ports(self) -> list[PortNow]:
        """Every port now, in order."""
        with self._lock:
            now = self._settle()
            return [self._seen(place, now) for place in self._places]

    def load_kw(self) -> float:
        """What all cars draw now."""
        return sum(port.load_kw for port in self.ports())

    def sessions(self) -> list[Session]:
        """Every session, by id, those that run now included."""
        with self._lock:
            self._settle()
            running = [_session(place, car, None) for place, car in self._cars.items()]
            return sorted([*self._over, *running], key=lambda one: one.id)

    def units(self, places: Iterable[Place]) -> set[str]:
        """In which units, "kW" or "%", these are limited once all orders have arrived."""
        with self._lock:
            self._settle()
            chosen = set(places)
            last = {place: cap.percent for place, cap in self._caps.items() if place in chosen}
            for order in self._orders:
                for place in chosen.intersection(order.places):
                    last.pop(place, None)
                    if order.percent is not None or order.kw is not None:
                        last[place] = order.percent
            return {"kW" if percent is None else "%" for percent in last.values()}

    def state(self) -> list[dict[str, Any]]:
        """`ports()` for the page: `driver` is a name or None, power in kW, a cap in one unit."""
        return [
            {
                "station": port.station,
                "port": port.number,
                "status": port.status.value,
                "driver": port.driver.name if port.driver else None,
                "load_kw": port.load_kw,
                "allowed_kw": port.cap.kw if port.cap and port.cap.percent is None else None,
                "percent": port.cap.percent if port.cap else None,
            }
            for port in self.ports()
        ]

    def _turn(self, station: str, port: str, *, dark: bool) -> None:
        with self._lock:
            place = self._place(station, port)
            (self._dark.add if dark else self._dark.discard)(place)
            seen = self._seen(place, self._clock.now())
        self._tell("dark" if dark else "seen", seen)

    def _tell(self, what: str, port: PortNow) -> None:
        for watcher in self.watchers:
            watcher(what, port)

    def _place(self, station: str, port: str) -> Place:
        place = (station, str(port))
        if place not in self._places:
            raise CarParkError(f"there is no {_words(place)} here")
        return place

    def _taken(self, station: str, port: str) -> Place:
        place = self._place(station, port)
        if place not in self._cars:
            raise CarParkError(f"nothing is plugged into {_words(place)}")
        return place

    def _settle(self) -> datetime:
        """Let every order take effect that has arrived, and every limit end that is over, each at
        its own time: what flowed before is counted before anything changes.
        """
        now = self._clock.now()
        while (at := self._next_change()) is not None and at <= now:
            self._count(at)
            arrived = [order for order in self._orders if order.due <= at]
            self._orders = [order for order in self._orders if order.due > at]
            for order in arrived:
                self._obey(order)
            self._caps = {p: c for p, c in self._caps.items() if c.until is None or c.until > at}
        self._count(now)
        return now

    def _next_change(self) -> datetime | None:
        ends = (cap.until for cap in self._caps.values() if cap.until is not None)
        return min((*(order.due for order in self._orders), *ends), default=None)

    def _count(self, until: datetime) -> None:
        """Add what flows into each car up to then."""
        for place, car in self._cars.items():
            if until > car.counted_at:
                self._cars[place] = self._counted(place, car, until)

    def _counted(self, place: Place, car: _Car, until: datetime) -> _Car:
        """While a car gets going its power rises evenly, then it stays: two trapezoids."""
        at, energy, charging = car.counted_at, car.energy_kwh, car.charging
        going = min(max(car.since + self._ramp, at), until)
        for end in (going, until):
            load = self._load(place, at) + self._load(place, end)
            energy += load / 2 * ((end - at) / timedelta(hours=1))
            charging += end - at if load else timedelta(0)
            at = end
        return replace(car, counted_at=until, energy_kwh=energy, charging=charging)

    def _obey(self, order: _Order) -> None:
        for place in order.places:
            if order.kw is not None:
                self._caps[place] = Cap(order.kw, None, order.until)
            elif order.percent is not None:
                kept = self._load(place, order.due) * (100 - order.percent) / 100
                self._caps[place] = Cap(kept, order.percent, order.until)
            else:
                self._caps.pop(place, None)

    def _load(self, place: Place, now: datetime) -> float:
        """What flows: cars differ a little, and take a moment to get going."""
        car = self._cars.get(place)
        if car is None or car.full:
            return 0.0
        wish = self.rated_kw - car.session % 7 * 0.011
        if car.draws_kw is not None:
            wish = min(wish, car.draws_kw)
        if now - car.since < self._ramp:
            wish *= max(0.0, (now - car.since) / self._ramp)
        cap = self._caps.get(place)
        return round(min(wish, cap.kw) if cap else wish, 3)

    def _seen(self, place: Place, now: datetime) -> PortNow:
        car = self._cars.get(place)
        driver = car.driver if car else None
        status = Status.INUSE if car else Status.AVAILABLE
        return PortNow(
            *place,
            status=Status.UNREACHABLE if place in self._dark else status,
            driver=driver,
            user_id=driver.user_id if driver and not self.omit_users else "",
            credential_id=driver.credential_id if driver and not self.omit_credentials else "",
            session=car.session if car else 0,
            load_kw=self._load(place, now),
            cap=self._caps.get(place),
        )


def _session(place: Place, car: _Car, until: datetime | None) -> Session:
    return Session(car.session, *place, car.driver, car.since, until, car.energy_kwh, car.charging)


def _words(place: Place) -> str:
    return f"port {place[1]} of station {place[0]}"


def _number(name: str, value: Any, most: float) -> float | None:
    """A number from a page or a request, or None. Raises CarParkError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise CarParkError(f"{name} is a number from 0 to {most:g}")
    return value

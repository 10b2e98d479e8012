"""What a board, a Home tab or a screen in the lobby shows of a site: one value for all of them.

Facts only, as they stand at a moment; `chat/text/board.py` and others give them words. It is
for everybody's eyes: of a car that is past its end it says so only once the channel was asked.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b

from chalicelib.core.answers import Expected
from chalicelib.core.draft import Draft
from chalicelib.core.model import Entry, Person, Port, Rung, Standing, Status, Stay, Turn
from chalicelib.values import dataclass, replace

from . import charging, foresight

COARSE = 2  # steps of power in a kW: less isn't worth an edit
FIVE = 300  # seconds: nobody foresees a time more exactly
NOTHING = Expected()
NOBODY = Person("")

Named = tuple[str, ...]  # name, handle, the handles of all who are called so


class Doing(StrEnum):
    """What a port does."""

    FREE = "free"
    CALLED = "called"  # free, and somebody's turn
    IN_USE = "in use"
    DARK = "out of reach"
    UNKNOWN = "unknown"
    SHUT = "shut"  # no car, and nobody is called there


@dataclass(frozen=True, slots=True)
class PortView:
    """One port. `driver` is whose car is there, None if nobody knows; `called` who may come."""

    id: str
    label: str
    doing: Doing
    driver: str | None = None
    since: datetime | None = None
    kw: float | None = None  # None: not told
    done_at: datetime | None = None  # when the car should be done, to five minutes; never past
    is_full: bool = False
    is_overdue: bool = False  # past its end, and the channel was asked
    called: str | None = None
    is_coming: bool = False
    called_until: datetime | None = None  # never past
    is_idle: bool = False  # called, and nobody has come for a while though people wait (rule 8)
    closed: bool = False
    broken: bool = False
    blocked: bool = False
    cap: tuple[float | None, int | None] | None = None  # kW or per cent; None: no limit
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place in line, in the order in which people would be called."""

    driver: str
    standing: Standing
    until: datetime | None = None  # the end of a break
    on_port: str | None = None  # plugged in where the power is off
    expected: Expected = NOTHING


@dataclass(frozen=True, slots=True)
class View:
    """A site as everybody may see it at `at`."""

    at: datetime
    ports: tuple[PortView, ...]
    line: tuple[PlaceView, ...]  # without the called
    unseen_since: datetime | None = None  # the chargers can't be seen
    cap_by: str | None = None  # an admin's limit of the power …
    cap_kw: float | None = None  # … for each port
    names: tuple[Named, ...] = ()  # of those who are shown

    @property
    def digest(self) -> str:
        """The same as long as it is so: who is where, who waits, what can be used."""
        ports = tuple(replace(one, kw=None, done_at=None) for one in self.ports)
        line = tuple(replace(one, expected=NOTHING) for one in self.line)
        return short((ports, line, self.unseen_since, self.cap_by, self.cap_kw, self.names))

    @property
    def figures(self) -> str:
        """The same as long as power, but for a little more or less, and foreseen times are."""
        ports = tuple((coarse(one.kw), one.done_at) for one in self.ports)
        return short((ports, tuple(one.expected for one in self.line)))

    @property
    def good_until(self) -> datetime | None:
        """From when on a time that is shown would be past; None: none is shown."""
        times = [one.done_at for one in self.ports]
        times += [one.called_until for one in self.ports]
        for place in self.line:
            times += [place.until, place.expected.at, place.expected.not_before]
        return min((at for at in times if at is not None and at > self.at), default=None)


def short(shown: object) -> str:
    return blake2b(repr(shown).encode("utf-8", "replace"), digest_size=9).hexdigest()


def view(d: Draft) -> View:
    """The site as it stands."""
    ends = dict(foresight.ends(d))
    expected = foresight.all_expected(d)
    order = d.cap_order
    ports = tuple(port_view(d, one, ends.get(one.id)) for one in d.ports.values())
    line = tuple(
        place_view(d, one, expected.get(one.driver, NOTHING))
        for one in d.in_calling_order()
        if one.turn is None
    )
    cap_by = order.by if order is not None else None
    shown = [cap_by, *(one.driver for one in line)]
    shown += [driver for one in ports for driver in (one.driver, one.called)]
    return View(
        d.now,
        ports,
        line,
        d.looked_at if d.blind else None,
        cap_by,
        order.allowed_kw if order is not None else None,
        names_of(d, [driver for driver in shown if driver]),
    )


def names_of(d: Draft, drivers: list[str]) -> tuple[Named, ...]:
    """What those are called, and by what they are told apart from others of that name."""
    namesakes = defaultdict(list)
    for person in d.people.values():
        namesakes[person.name.casefold()].append(person.handle)
    known = [d.people.get(driver, NOBODY) for driver in drivers]
    return tuple((one.name, one.handle, *sorted(namesakes[one.name.casefold()])) for one in known)


def port_view(d: Draft, port: Port, ends: datetime | None) -> PortView:
    holder = d.holder(port.id)
    turn = holder.turn if holder is not None else None
    stay = port.stay if port.status is Status.INUSE else None
    until = turn.deadline if turn is not None and not d.policy.classic else None
    station = port.id.rpartition("/")[0]
    alarms = (d.alarms.get(port.id, ""), d.alarms.get(f"{station}/", ""))
    return PortView(
        port.id,
        port.label,
        doing(port, holder),
        stay.driver if stay is not None else None,
        stay.since if stay is not None else None,
        round(port.load_kw, 1) if port.load_kw is not None and stay is not None else None,
        in_fives(ends) if ends is not None else None,
        stay is not None and stay.full_told,
        stay is not None and is_overdue(d, stay),
        holder.driver if holder is not None else None,
        turn is not None and turn.coming,
        until if until is not None and until > d.now else None,
        is_idle(d, port, turn),
        port.closed,
        port.broken,
        port.blocked,
        (port.allowed_kw, port.percent) if port.capped else None,
        ", ".join(filter(None, alarms)),
    )


def is_idle(d: Draft, port: Port, turn: Turn | None) -> bool:
    if turn is None or port.status is not Status.AVAILABLE:
        return False
    return turn.idle_told and not turn.coming and d.is_awaited


def doing(port: Port, holder: Entry | None) -> Doing:
    match port.status:
        case Status.INUSE:
            return Doing.IN_USE
        case Status.UNREACHABLE:
            return Doing.DARK
        case Status.AVAILABLE if holder is not None:
            return Doing.CALLED
        case Status.AVAILABLE:
            return Doing.SHUT if port.is_shut else Doing.FREE
        case _:
            return Doing.UNKNOWN


def is_overdue(d: Draft, stay: Stay) -> bool:
    """Past its end, and the channel was asked (rules 16 and 31): before, it is a private matter."""
    return stay.ladder.rung >= Rung.ASKED and charging.end_of(d, stay).at <= d.now


def coarse(kw: float | None) -> float | None:
    return round(kw * COARSE) / COARSE if kw is not None else None


def in_fives(at: datetime) -> datetime:
    """To five minutes, ahead."""
    return datetime.fromtimestamp(-(-at.timestamp() // FIVE) * FIVE, UTC)


def place_view(d: Draft, entry: Entry, expected: Expected) -> PlaceView:
    mine = d.charging_at(entry.driver)
    ahead = entry.until if entry.until is not None and entry.until > d.now else None
    return PlaceView(
        entry.driver,
        entry.standing,
        ahead if entry.is_suspended else None,
        mine.id if mine is not None else None,
        expected,
    )

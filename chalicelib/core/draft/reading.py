"""What the rules ask a site in the making."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from chalicelib.core import away, hours, names
from chalicelib.core.model import (
    NO_HABITS,
    NO_PREFERENCES,
    DayOf,
    Entry,
    Habits,
    Port,
    Preferences,
    Standing,
    Status,
    Stay,
    Turn,
)
from chalicelib.core.order import calling_order

from .fields import Fields

WAITING = Standing.WAITING


class Line:
    """A line, looked through once for all who ask about it."""

    def __init__(self, queue: tuple[Entry, ...]) -> None:
        self.queue = queue
        self.apart = [entry for entry in queue if entry.standing is not WAITING]
        self.called = [(entry, entry.turn) for entry in self.apart if entry.turn is not None]
        self.holders = {turn.port: entry for entry, turn in reversed(self.called)}


class Reading(Fields):
    """The questions: none of them changes anything."""

    _line: Line | None = None

    @property
    def line(self) -> Line:
        """The line as it stands now."""
        line = self._line
        if line is None or line.queue is not self.queue:
            self._line = line = Line(self.queue)
        return line

    def entry(self, driver: str) -> Entry | None:
        """The driver's entry, called or suspended ones included."""
        for entry in self.queue:
            if entry.driver == driver:
                return entry
        return None

    def place(self, driver: str) -> int:
        """The driver's number in line, as `list` counts: the called are not counted."""
        place = 1
        for entry in self.in_calling_order():
            if entry.driver == driver:
                break
            place += entry.turn is None
        return place

    def those(self, standing: Standing) -> list[Entry]:
        """The entries of one standing, in the order of the line."""
        among = self.queue if standing is WAITING else self.line.apart
        return [entry for entry in among if entry.standing is standing]

    def called(self) -> list[tuple[Entry, Turn]]:
        """The entries that hold a turn, in the order of the line."""
        return self.line.called

    def holder(self, port_id: str) -> Entry | None:
        """Who is called to this port."""
        return self.line.holders.get(port_id)

    def turn(self, driver: str) -> Turn | None:
        """The turn that the driver holds."""
        entry = self.entry(driver)
        return entry.turn if entry is not None else None

    def turn_port(self, driver: str) -> str | None:
        """The port that the driver is called to."""
        turn = self.turn(driver)
        return turn.port if turn is not None else None

    def may_have(self, entry: Entry, port: Port) -> bool:
        """May be called to this port: nobody is, from one without power to another (rule 21),
        nor to one that their car can't use (rule 36), nor to their own.
        """
        if entry.standing is not WAITING:
            return False
        if port.stay is not None and port.stay.driver == entry.driver:
            return False
        if port.id in self.habits(entry.driver).cannot_use:
            return False
        return not (port.is_off and self.charging_at(entry.driver))

    def habits(self, driver: str) -> Habits:
        """What the site remembers of a driver."""
        person = self.people.get(driver)
        return person.habits or NO_HABITS if person is not None else NO_HABITS

    def preferences(self, driver: str) -> Preferences:
        """How a driver wants to be told and called."""
        person = self.people.get(driver)
        return person.preferences or NO_PREFERENCES if person is not None else NO_PREFERENCES

    def wants_quiet(self, driver: str) -> bool:
        """No courtesies now: by their setting, or in their quiet hours."""
        wanted = self.preferences(driver)
        return wanted.quiet or away.quiet_until(self, wanted, self.now) is not None

    def today(self, driver: str) -> DayOf:
        """What this working day has been for a driver so far."""
        known, day = self.habits(driver).today, hours.today(self, self.now)
        return known if known is not None and known.day == day else DayOf(day)

    def in_calling_order(self) -> Sequence[Entry]:
        """The line as it would be called (rule 37)."""
        return calling_order(self)

    def waiting(self) -> list[Entry]:
        """Those who may be called, in the order in which they would be."""
        return [entry for entry in self.in_calling_order() if entry.standing is WAITING]

    def first_eligible(self, port: Port | None = None) -> Entry | None:
        """Who would be called now: to this port, or at all."""
        for entry in self.in_calling_order():
            if entry.is_waiting if port is None else self.may_have(entry, port):
                return entry
        return None

    @property
    def is_awaited(self) -> bool:
        """Somebody could be called."""
        return len(self.line.apart) < len(self.queue)

    def is_wanted(self, port: Port) -> bool:
        """Somebody could be called to this port: a car that stays keeps them waiting."""
        if port.closed or port.broken:
            return False
        for entry in self.queue:  # noqa: SIM110 — nearly always the first, and asked often
            if self.may_have(entry, port):
                return True
        return False

    def lacks_power(self, port: Port) -> bool:
        """A car there isn't charging, and whose it is may stand in line (rule 21)."""
        return port.lacks_power(self.policy.standby_kw)

    @cached_property
    def speaks(self) -> bool:
        """The channel may be spoken to now (rule 25)."""
        return hours.speaks(self, self.now)

    def port_named(self, name: str) -> Port | None:
        """The port by its label or id, as people type it."""
        for port in self.ports.values():
            if name in (port.label, port.id):
                return port
        return None

    def stay(self, stay_id: int) -> tuple[Port, Stay] | None:
        """The stay, if its car is still there."""
        for port in self.ports.values():
            if port.stay is not None and port.stay.id == stay_id:
                return port, port.stay
        return None

    def charging_at(self, driver: str) -> Port | None:
        """The port that this driver's car is on."""
        for port in self.ports.values():
            if port.stay is not None and port.stay.driver == driver:
                return port
        return None

    def stays_of(self, driver: str) -> list[tuple[Port, Stay]]:
        """The driver's cars that are on ports: a family may have two."""
        ports = self.ports.values()
        return [(p, p.stay) for p in ports if p.stay is not None and p.stay.driver == driver]

    def is_free(self, port: Port) -> bool:
        """AVAILABLE on two looks far enough apart, or by a person's word (rule 2); by that not
        while power flows all the same (rule 38).
        """
        if port.ghost is not None and port.ghost.flowed:
            return False
        return self.is_open(port) and (port.vouched or (self.sees and self.is_confirmed(port)))

    def is_open(self, port: Port) -> bool:
        """A car could be plugged in there."""
        return port.status is Status.AVAILABLE and not port.is_shut

    def is_confirmed(self, port: Port) -> bool:
        """Two looks, far enough apart, saw the port as it is."""
        if port.since is None or port.seen_at is None:
            return False
        return port.seen_at - port.since >= self.policy.confirm

    def free_ports(self) -> Iterator[Port]:
        """Free and unspoken for, in fresh sight or by a person's word."""
        for port in self.ports.values():
            if port.id not in self.line.holders and (self.is_free(port) or self.is_released(port)):
                yield port

    def is_released(self, port: Port) -> bool:
        """The car there is done, and its driver lets the next one unplug it (rule 35).

        Done: it is full, or has the need that its driver said. Not while they mean to move,
        nor in the minutes more that they were given.
        """
        stay = port.stay
        if stay is None or stay.driver is None or port.status is not Status.INUSE:
            return False
        done = stay.full_told or stay.met_at is not None
        if not done or stay.moving_at is not None or port.closed or port.blocked or port.broken:
            return False
        ladder = stay.ladder
        if ladder.extended and ladder.limit is not None:
            until = ladder.at + (ladder.limit - ladder.counted) / ladder.rate
            if until > self.now:
                return False
        return self.sees and self.habits(stay.driver).may_unplug is True

    @property
    def sees(self) -> bool:
        """The last good look is fresh; at a manual site people's hands are the look."""
        if self.stations.is_manual:
            return True
        return (
            not self.blind
            and self.looked_at is not None
            and self.now - self.looked_at < self.policy.blind
        )

    def person_named(self, who: str) -> str | None:
        """A person by address, or by `@name` as the site knows them, if only one is meant."""
        found = self.people_named(who)
        return found[0] if len(found) == 1 else None

    def people_named(self, who: str) -> list[str]:
        """Everybody who may be meant: by an address that is one, or by name."""
        if who in self.people or who.rpartition(":")[0] in self.tenants:
            return [who]
        return names.called(self.people, who)

    @property
    def tenants(self) -> set[str]:
        """Where this site's people come from: `platform:tenant`."""
        return {channel.rpartition(":")[0] for channel in self.channels}

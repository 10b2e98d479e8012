"""Who comes to work by car: how they are, their day, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from practice.carpark import Place

from .behaviour import Dice, Manners, Person, Visit

TAPER = (0.85, 0.88, 0.91, 0.94, 0.97, 1.0)  # of a fill: from here on the power falls …
LEAST_POWER = 0.1  # … evenly down to this share
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ways(Manners):
    """Besides, shares of people: who reacts at all to what they are told, who says what they
    need when asked, who of those that don't react may be unplugged, who stands in line and is
    gone, whose cable doesn't reach every second port. `heed_each_note`: who doesn't react to one
    note may react to the next.
    """

    heed: float = 0.8
    miss: float = 0.1
    say: float = 1.0
    unplug_ok: float = 0.0
    ghosts: float = 0.0
    heed_each_note: bool = False
    cap_noon: bool = False  # the building halves the power from eleven to two
    cant_use: float = 0.0
    say_unusable: bool = True  # who can't use a port says so when called there; else they pass
    say_moving: bool = True  # who makes room says so before
    heads_up: bool = False  # who heard lately that a port will soon be theirs misses no call


@dataclass(frozen=True, slots=True)
class WorkDay(Visit):
    """One car on one day: its driver needs `need_kwh` of the `fill_kwh` it could take, by `by`,
    doesn't wait for a port any more after `home`, and drives home at `leaves`.
    """

    day: int = 0
    fill_kwh: float = 0.0
    need_kwh: float = 0.0
    by: datetime = NEVER
    leaves: datetime = NEVER


class Told(NamedTuple):
    """A time at which a port should be free for somebody, and when they heard that."""

    heard: datetime
    at: datetime


@dataclass(slots=True)
class Result:
    """What became of one visit. Minutes, and times of day on the wall."""

    day: int
    driver: str
    arrived: datetime
    need_kwh: float
    by: datetime
    plugged_at: datetime | None = None
    met_at: datetime | None = None
    waited: timedelta | None = None  # None: never had to, or in vain
    left_at: datetime | None = None
    moved: bool = False  # got up before going home
    unplugged: bool = False  # by whoever came next
    calls: int = 0
    told: list[Told] = field(default_factory=list)
    called: list[datetime] = field(default_factory=list)
    promised_at: datetime | None = None  # first told that they will have it by their time …
    warned_at: datetime | None = None  # … and that it is in danger
    hardly_at: datetime | None = None  # first told that they will hardly be called
    port: Place | None = None

    @property
    def is_met(self) -> bool:
        return self.met_at is not None and self.met_at <= self.by


@dataclass(slots=True)
class Commuter(Person):
    """`result` is of the visit under way."""

    result: Result | None = None
    may_wait: bool = True  # for "more minutes", once
    may_unplug: bool = False  # the car at the port that they are called to
    ready_until: datetime | None = None  # for a call that they were told of


def commuter(person: Person) -> Commuter:
    if not isinstance(person, Commuter):
        raise TypeError(person)
    return person


def today(person: Person) -> WorkDay:
    if not isinstance(person.visit, WorkDay):
        raise TypeError(person.visit)
    return person.visit


def work_days(person: Person) -> list[WorkDay]:
    return [visit for visit in person.visits if isinstance(visit, WorkDay)]


def result_of(person: Person) -> Result:
    result = commuter(person).result
    if result is None:
        raise AssertionError(f"{person.name} isn't there")
    return result


def cable_reaches(person: Person, place: Place, share: float) -> bool:
    """Of so many drivers the cable doesn't reach every second port: the same ones every day."""
    return place[1] == "1" or Dice(f"cable {person.name}").fixed("short") >= share


def visit_draw(person: Person, what: str) -> float:
    """The same each time it is asked in a visit."""
    return person.visit.dice.fixed(what)


def power_share(filled: float) -> float:
    """How much of its power a car takes that has so much of its fill."""
    if filled < TAPER[0]:
        return 1.0
    step = max(at for at in TAPER if at <= filled)
    left = (1 - step) / (1 - TAPER[0])
    return LEAST_POWER + (1 - LEAST_POWER) * left

"""Who the drivers are, and what the site remembers of them."""

from __future__ import annotations

from datetime import date, datetime, time

from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class DayOf:
    """What one working day has been for one driver so far."""

    day: date
    kwh: float = 0.0
    met: bool = False  # their need was met once
    asked: bool = False  # rules 28 and 35: how much, and may the next one unplug you
    passed: int = 0  # rule 37: times passed over
    called: bool = False  # to a port
    told: int = 0  # rule 41: private messages of our own accord


@dataclass(frozen=True, slots=True)
class Habits:
    """What the site remembers of one driver's stays and wishes."""

    fills: tuple[float, ...] = ()  # kWh of the last ten stays
    may_unplug: bool | None = None  # rule 35; None: never said
    cannot_use: tuple[str, ...] = ()  # rule 36: ports that their car can't use
    shut_out: bool = False  # rule 37: got nothing at their last visit
    today: DayOf | None = None


NO_HABITS = Habits()


@dataclass(frozen=True, slots=True)
class Preferences:
    """How one driver wants to be told, and when they can be called (rule 41)."""

    calls_in: str = ""  # the channel where they are called aloud; "": directly
    quiet: bool = False  # no courtesies
    hours: tuple[time, time] | None = None  # no courtesies and no calls, on the site's clock
    twelve: bool = False  # times as `3:04 pm`
    heeds_status: bool = False  # no calls while their status says that they are in a meeting
    busy_until: datetime | None = None  # in a meeting, by their own word …
    status_until: datetime | None = None  # … or as their status says


NO_PREFERENCES = Preferences()


@dataclass(frozen=True, slots=True)
class Person:
    """A driver as the site knows them.

    `name` is what they chose to be shown as, `handle` what they are mentioned by; `ids` are
    what the charging network calls them (userID, credentialID).
    """

    name: str = ""
    ids: tuple[str, ...] = ()
    handle: str = ""
    habits: Habits | None = None
    preferences: Preferences | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Another address of a person, or a visitor's only one: joined by a code."""

    person: str  # whose it is: the address that everything else knows them by
    until: datetime | None = None  # a visitor's ends
    chosen: bool = False  # they want to be told here


@dataclass(frozen=True, slots=True)
class Code:
    """Whoever sends it from a number joins that number to a person, once."""

    code: str
    person: str  # "": a visitor, whom the number itself will stand for
    until: datetime  # it can be used
    name: str = ""  # a visitor's
    stays: datetime | None = None  # … who is known until then
    wrong: int = 0  # codes that were guessed while this one was good


@dataclass(frozen=True, slots=True)
class Guesses:
    """Wrong codes from one number."""

    count: int
    since: datetime


HOME = "/home"  # after a person's address: their Home tab, where their platform has one


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's Home tab, which they have opened lately."""

    opened_at: datetime
    shown_at: datetime  # drawn, or on its way
    picture: int  # what it looked like then (`rules.homes`)
    others: tuple[str, ...] = ()  # ids of other sites that they could look at

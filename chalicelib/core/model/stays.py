"""A car on a port, and how far its reminders have come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import IntEnum

from chalicelib.energy.needs import Need
from chalicelib.energy.stays import Taken
from chalicelib.values import dataclass

from .line import Promise


class Rung(IntEnum):
    """How far the reminders of one stay have come today: each includes those before it."""

    SILENT = 0
    NOTICED = 1  # the driver knows that the time is nearly up
    OVER = 2  # … that it is up, or that the car looks full
    AWAITED = 3  # … and that somebody waits
    ASKED = 4  # the channel was asked
    REPORTED = 5  # the admins were told


@dataclass(frozen=True, slots=True)
class Ladder:
    """The charging time of one stay today, and the rung that its reminders stand on.

    Charging time counts at `rate` (1, less while capped) since `at`, on top of `counted`.
    """

    day: date
    at: datetime
    counted: timedelta = timedelta(0)
    rate: float = 1.0
    limit: timedelta | None = None  # "20 more minutes" go so far; None: not asked for
    rung: Rung = Rung.SILENT
    told_at: datetime | None = None  # when it came to that rung
    reminded_at: datetime | None = None  # the last private word that somebody waits …
    over_at: datetime | None = None  # … which may have been the one that it is over
    extended: bool = False
    moved: bool = False  # "done, moving" was said …
    quiet_until: datetime | None = None  # … so nothing more is, until then
    post: int | None = None  # in which the channel was asked
    reminders: int = 0  # private ones that followed the word that somebody waits


@dataclass(frozen=True, slots=True)
class Stay:
    """One car on one port, from plug to unplug. Blank ids: the network did not say."""

    id: int
    since: datetime
    ladder: Ladder
    driver: str | None = None
    user: str = ""
    credential: str = ""
    session: str = ""  # the network's id of the charging session
    disowned: bool = False  # rule 38: not the car of whom its ids name
    asked: bool = False  # rule 14: the called were asked who it is
    drew: bool = False  # power has flowed
    peak_kw: float = 0.0  # the most that it drew
    idle_since: datetime | None = None  # no power since, and no limit explains it
    low_since: datetime | None = None  # under a tenth of the peak since, and no limit explains it
    flows_since: datetime | None = None  # power at each look since
    full_told: bool = False  # the car was said to look full
    again: bool = False  # … and that was taken back, once
    no_power_told: bool = False
    ended_at: datetime | None = None
    taken: Taken | None = None  # rule 29; None: by hand, no look has told
    idled: timedelta = timedelta(0)  # seen to draw nothing
    need: Need | None = None  # rule 28: as said
    raised: bool = False  # … more than before, while somebody waited: once
    met_at: datetime | None = None  # rule 31: the said need was met then
    usual_asked: bool = False  # … and its driver was asked whether the usual is enough
    told_end: datetime | None = None  # when they were told that they'd have their need
    moving_at: datetime | None = None  # rule 34: its driver means to move then
    promise: Promise | None = None
    waited: timedelta | None = None  # in line before; None: they didn't stand there

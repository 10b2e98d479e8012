"""Where cars plug in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.values import dataclass

from .stays import Stay


class Status(StrEnum):
    """A port's state in ChargePoint's own words (`getStationStatus`)."""

    AVAILABLE = "AVAILABLE"
    INUSE = "INUSE"
    UNREACHABLE = "UNREACHABLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Ghost:
    """A charging session that the network still shows, and that nobody stands by (rule 38)."""

    user: str = ""
    credential: str = ""
    session: str = ""
    flows_since: datetime | None = None  # it drew power in the last look
    flowed: bool = False  # … or in the one before an admin freed the port: nobody is called yet


@dataclass(frozen=True, slots=True)
class Port:
    """Where one car plugs in. `id` is `stationID/portNumber`, `label` what people say."""

    id: str
    label: str
    status: Status = Status.UNKNOWN
    since: datetime | None = None  # first look that saw this status
    seen_at: datetime | None = None  # latest look that saw it
    vouched: bool = False  # a person's hand says that it is free
    closed: bool = False  # by an admin
    blocked: bool = False  # rule 12: not called until used or reopened
    broken: bool = False  # rule 39: not called until reopened
    dry: tuple[int, ...] = ()  # rule 39: the last stays, if they drew nothing
    ghost: Ghost | None = None
    idle_told: bool = False  # rule 8, with nobody in line: once a stretch
    load_kw: float | None = None
    capped: bool = False  # rule 21: the network limits it …
    allowed_kw: float | None = None  # … to so much, or
    percent: int | None = None  # … by so many per cent
    stay: Stay | None = None
    last_stay: Stay | None = None
    freed: bool = False  # a car left, and the channel doesn't know yet
    post: int | None = None  # the channel post of this stretch (rule 15)

    @property
    def is_shut(self) -> bool:
        """Nobody is called there, whatever the looks show."""
        return self.closed or self.blocked or self.broken

    @property
    def is_off(self) -> bool:
        """The cap lets no power flow at all."""
        return self.capped and (self.percent == 100 or not (self.allowed_kw or self.percent))

    def lacks_power(self, standby_kw: float) -> bool:
        """A car here isn't charging (rule 21): no power may flow, and none does (rule 30)."""
        return self.is_off and (self.load_kw or 0) < standby_kw


@dataclass(frozen=True, slots=True)
class Stations:
    """Where the ports come from: one group, a list of stations, or people's hands."""

    group: int | None = None
    ids: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()

    @property
    def is_manual(self) -> bool:
        """No charging network watches this site."""
        return bool(self.manual)


@dataclass(frozen=True, slots=True)
class Sensor:
    """What watches a bay by itself: which port, and the last that it said."""

    port: str  # its id
    at: datetime | None = None
    said: str = ""
    alarm_at: datetime | None = None  # the last alarm that was passed on


@dataclass(frozen=True, slots=True)
class CapOrder:
    """A limit that an admin asked for here (rule 22); `allowed_kw` is per port."""

    by: str
    at: datetime
    allowed_kw: float

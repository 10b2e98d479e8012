"""What the charging network shows and grants."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.core.effects import AccessProblem
from chalicelib.core.model import Stations, Status
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class PortSeen:
    """One port in one look. Power in kW; None means that the network didn't say.

    `user` and `credential` are the network's ids of the occupant, `session` its id of the
    charging session: "" when withheld. `energy_kwh` is what the network itself counted in this
    session so far, `since` when it says that the session began.
    """

    station: str
    number: str
    status: Status
    load_kw: float | None = None
    user: str = ""
    credential: str = ""
    capped: bool | None = None  # shedState
    allowed_kw: float | None = None
    percent_shed: int | None = None
    session: str = ""
    energy_kwh: float | None = None
    since: datetime | None = None

    @property
    def id(self) -> str:
        """`stationID/portNumber`, the core's key of a port."""
        return f"{self.station}/{self.number}"


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A charging session that is over, as the network's own books have it. Blank: not said."""

    station: str
    number: str
    session: str
    ended_at: datetime
    since: datetime | None = None
    energy_kwh: float | None = None
    user: str = ""
    credential: str = ""

    @property
    def port(self) -> str:
        """`stationID/portNumber`, the core's key of a port."""
        return f"{self.station}/{self.number}"


@dataclass(frozen=True, slots=True)
class Observed:
    """A look at all ports of the site, taken at `at`. A known port that is missing is UNKNOWN.

    `ended` are sessions whose end the network has told of since the last look, each once or
    more often; the books may be minutes behind the ports.
    """

    at: datetime
    ports: tuple[PortSeen, ...]
    ended: tuple[SessionEnded, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of the charging network. `number` "" means the whole station."""

    station: str
    number: str
    kind: str  # the network's word, such as "GFCI Trip"
    at: datetime


@dataclass(frozen=True, slots=True)
class Alarmed:
    """All alarms that stand at the site now."""

    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class Hindered:
    """Nobody can look at the chargers, and waiting alone won't change it."""

    why: AccessProblem


@dataclass(frozen=True, slots=True)
class Granted:
    """The operator grants the site these stations, instead of those that it had."""

    stations: Stations


class SensorEvent(StrEnum):
    """What a sensor at a bay says."""

    OCCUPIED = "occupied"
    FREE = "free"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Sensed:
    """A sensor speaks: what it has seen, and when."""

    sensor: str
    event: SensorEvent
    at: datetime

"""What the core is given: wishes of people, looks at the chargers, ticks, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from .model import Status


@dataclass(frozen=True, slots=True)
class Add:
    """`add`: stand last in line."""


@dataclass(frozen=True, slots=True)
class Remove:
    """`remove`: leave the line."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """`suspend`: keep my place, let others pass: for a while, or until a time of today.

    `at` is naive, on the site's clock. Neither: until `resume`.
    """

    length: timedelta | None = None
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """`resume`: I can be called again."""


@dataclass(frozen=True, slots=True)
class Next:
    """`next`: pass the turn on, or say who is next."""


@dataclass(frozen=True, slots=True)
class ShowLine:
    """`list`: the whole line and every port."""


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """`status`: every port, and where I stand."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """`help`, nothing, or a word we don't know (`unknown`; `nearest` is our guess)."""

    unknown: str = ""
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class OnMyWay:
    """The button: I am coming to the port of this turn."""

    turn: int


@dataclass(frozen=True, slots=True)
class Pass:
    """The button: give this turn to the next in line, keep my place."""

    turn: int


@dataclass(frozen=True, slots=True)
class Leave:
    """The button: give this turn away and leave the line."""

    turn: int


Wish = (
    Add
    | Remove
    | Suspend
    | Resume
    | Next
    | ShowLine
    | ShowStatus
    | ShowHelp
    | OnMyWay
    | Pass
    | Leave
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A person asked for something, in chat.

    `request` names the request for replay protection ("" = none). `reply_to` is an
    address for the answer; None hands the answer back to the caller instead.
    """

    driver: str
    wish: Wish
    name: str = ""
    request: str = ""
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class PortSeen:
    """One port in one look. Power in kW; None means that the network didn't say.

    `user` and `credential` are the network's ids of the occupant, "" when withheld.
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

    @property
    def id(self) -> str:
        """`stationID/portNumber`, the core's key of a port."""
        return f"{self.station}/{self.number}"


@dataclass(frozen=True, slots=True)
class Observed:
    """A look at all ports of the site, taken at `at`. A known port that is missing is UNKNOWN."""

    at: datetime
    ports: tuple[PortSeen, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A deliverer takes effect `id`; nobody else may before `until`."""

    id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """Effect `id` has arrived; `ref` is the message, for later edits ("" = none)."""

    id: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Effect `id` could not be sent for now; try again at `until`."""

    id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """Effect `id` will never arrive (`reason` is the platform's word)."""

    id: int
    reason: str


Input = Asked | Observed | Tick | Claimed | Delivered | Postponed | Undeliverable

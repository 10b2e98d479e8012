"""What the core wants said or done. Values only: `chat/wording.py` gives them words.

`ports` are named by their ids (`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# --- answers: to the person who asked, in the reply -------------------------------


class Refusal(StrEnum):
    """Why a driver's wish cannot be. Each has its own words."""

    CHARGING = "charging"  # add: your car is on a port
    NOT_IN_LINE = "not in line"
    NOT_SUSPENDED = "not suspended"
    NOT_CALLED = "not called"  # a button of a turn that is over
    ALREADY_COMING = "already coming"  # on my way, a second time
    PAST = "past"  # suspend until a time that has gone
    TOO_SOON = "too soon"  # next: the called driver still has time


@dataclass(frozen=True, slots=True)
class Added:
    """You stand in line now. Public."""

    driver: str
    place: int
    port: str | None = None  # called to it at once


@dataclass(frozen=True, slots=True)
class YourPlace:
    """You were in line already: your place, unchanged."""

    driver: str
    place: int
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """You can be called again."""

    driver: str
    place: int
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """You are out of the line; `port` is the one you were called to."""

    driver: str
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Suspended:
    """Your place is kept, others pass."""

    driver: str
    until: datetime | None
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Noted that you are on your way to the port."""

    driver: str
    port: str
    turn: int
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """You gave the turn away and keep your place."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class MovedOn:
    """Somebody passed `driver`'s turn on. Public."""

    driver: str
    by: str
    port: str


@dataclass(frozen=True, slots=True)
class WhoIsNext:
    """Who will be called first; None: nobody waits."""

    driver: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """The whole line and every port, as the site stands."""

    driver: str


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port, and where the driver stands."""

    driver: str


@dataclass(frozen=True, slots=True)
class Help:
    """How to talk to the concierge; `unknown` is the word we didn't know."""

    unknown: str = ""
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same request came twice; it was done once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked for cannot be; nothing was changed."""

    driver: str
    why: Refusal
    port: str | None = None
    at: datetime | None = None  # from when it could be
    other: str | None = None  # whose turn it is


Answer = (
    Added | YourPlace | Resumed | Removed | Suspended | Coming | Passed | MovedOn
    | WhoIsNext | Line | Ports | Help | Repeated | Refused
)  # fmt: skip
PUBLIC = (Added, MovedOn)  # answers that the whole channel sees


# --- messages: through the outbox --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Called:
    """To the driver: it's your turn. `deadline` is filled in as the message is claimed."""

    driver: str
    port: str
    turn: int
    window: timedelta
    deadline: datetime | None = None
    instead_of: str | None = None  # the port that `taken_by` plugged into
    taken_by: str | None = None


@dataclass(frozen=True, slots=True)
class NextUp:
    """To the driver: you're next."""

    driver: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """To the driver: nobody came, the turn went on; the place is kept, suspended."""

    driver: str
    port: str


class Withdrawal(StrEnum):
    """Why a turn was taken back, through nobody's fault."""

    DARK = "dark"  # the port is out of reach
    TAKEN = "taken"  # somebody else plugged in


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """To the driver: your turn is off, your place is kept."""

    driver: str
    port: str
    why: Withdrawal
    by: str | None = None


@dataclass(frozen=True, slots=True)
class TurnPassed:
    """To the driver: `by` passed your turn on; your place is kept."""

    driver: str
    port: str
    by: str


@dataclass(frozen=True, slots=True)
class SuspensionOver:
    """To the driver: you can be called again."""

    driver: str
    place: int


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """To the driver: you are charging, so you are out of the line."""

    driver: str
    port: str


class News(StrEnum):
    """What the one channel post of a free port says (rule 15)."""

    FREE = "free"
    CALLED = "called"
    COMING = "coming"
    CHARGING = "charging"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class PortPost:
    """To the channel: a port is free, and what became of it. Later ones edit the first."""

    post: int
    port: str
    news: News
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class SightLost:
    """To the channel: the chargers can't be seen since `since`."""

    since: datetime


@dataclass(frozen=True, slots=True)
class SightBack:
    """To the channel: the chargers are seen again."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """To the admins: a message to `to` was refused for good."""

    to: str
    reason: str


Message = (
    Called | NextUp | Lapsed | Withdrawn | TurnPassed | SuspensionOver | PluggedIn
    | PortPost | SightLost | SightBack | Undelivered
)  # fmt: skip

# --- wishes of the core to the listener ---------------------------------------------


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Look at the chargers again at `at`; not saved, the next start looks anyway."""

    at: datetime


Effect = Answer | Message

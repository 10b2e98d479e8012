"""To a driver: their turn, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.values import dataclass


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
    unplug: str | None = None  # rule 35: whose car there is done, and may be unplugged
    aloud: bool = False  # rule 41: in the channel, by mention


@dataclass(frozen=True, slots=True)
class CallOver:
    """In the place of a driver's call that is over, so that it offers nothing any more.

    `port`: it is over because they have plugged in there, and should have their need at `end`.
    """

    driver: str
    turn: int
    port: str | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextUp:
    """To the driver: you're next. `post`: see `OfPlace`."""

    driver: str
    post: int = 0


@dataclass(frozen=True, slots=True)
class Lapsed:
    """To the driver: nobody came, the turn went on; the place is kept, suspended. `misses`: the
    how manieth of the day (rule 40).

    `taken`: a car nobody knows is on the port, and the driver didn't say whether it's theirs.
    """

    driver: str
    port: str
    taken: bool = False
    misses: int = 1


class Withdrawal(StrEnum):
    """Why a turn was taken back, through nobody's fault."""

    DARK = "dark"  # the port is out of reach
    TAKEN = "taken"  # somebody else plugged in
    CLOSED = "closed"  # an admin closed the port
    RESET = "reset"  # an admin emptied the line
    STATIONS = "stations"  # the operator granted others
    NIGHT = "night"  # the day is over
    YESTERDAY = "yesterday"  # … and has long been: nobody ran us at its end
    BROKEN = "broken"  # somebody says that the port doesn't work
    KEPT = "kept"  # rule 35: its car may not be unplugged any more …
    NOT_DONE = "not done"  # … or isn't done after all


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
class IsItYou:
    """To a called driver: somebody unknown plugged in; you? (rule 14)"""

    driver: str
    port: str
    stay: int


@dataclass(frozen=True, slots=True)
class NoPower:
    """To the driver: you're plugged in where the power is off, so your place is kept.

    `until`: you aren't called elsewhere before then; None: from now on you may be.
    """

    driver: str
    port: str
    place: int
    until: datetime | None


TurnMessage = (
    Called | CallOver | NextUp | Lapsed | Withdrawn | TurnPassed | SuspensionOver | IsItYou
    | NoPower
)  # fmt: skip

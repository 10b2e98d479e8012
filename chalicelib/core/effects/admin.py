"""What others did in a driver's name, and what admins should know."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.core.answers import Deed
from chalicelib.energy.needs import Need
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class AdminMoved:
    """To the driver: an admin changed your place (0: out of the line). `back`: by taking an act
    back.
    """

    driver: str
    by: str
    place: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class DoneForYou:
    """To the driver: an admin did something in their name. `gone`: the car that they were said
    to have there isn't there any more.
    """

    driver: str
    by: str
    deed: Deed
    port: str | None = None
    until: datetime | None = None
    need: Need | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class GivenTo:
    """To the driver: `by` gave you their place; with it, perhaps, a running turn."""

    driver: str
    by: str
    place: int
    port: str | None = None
    turn: int = 0
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class BayBlocked:
    """To the port's last occupant and the admins (`admin`): `by` found the bay blocked."""

    port: str
    by: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class StillThere:
    """To the admins: asking did not help."""

    port: str
    driver: str | None


@dataclass(frozen=True, slots=True)
class Disowned:
    """To the admins: the driver says that the car on the port isn't theirs any more."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class PortBroken:
    """To the admins: `by` says that the port doesn't work, in their own words."""

    port: str
    by: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class DrewNothing:
    """To the admins: so many cars in a row drew nothing at this port."""

    port: str
    cars: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """To the admins: a called driver takes no messages; the turn went on, the place is kept."""

    driver: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """To the admins: the network finds something broken; `port` None: the whole station."""

    station: str
    port: str | None
    kind: str


class AccessProblem(StrEnum):
    """Why nobody can look at the chargers, where only the operator can change it."""

    NO_ACCESS = "no access"  # the network refuses the key, the password or the region
    DENIED = "denied"  # the plan or the rights don't allow it, or the stations are unknown
    NO_LISTENER = "no listener"


@dataclass(frozen=True, slots=True)
class Unwatched:
    """To the admins: nobody can look at the chargers until somebody does something."""

    why: AccessProblem


@dataclass(frozen=True, slots=True)
class Undelivered:
    """To the admins: a message to `to` was refused for good."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class HasLeft:
    """To the admins: the driver's account is closed, so they are out of the line."""

    driver: str


@dataclass(frozen=True, slots=True)
class SetupTest:
    """To an admin and to the channels: `by` wants to see whether we can write there."""

    by: str


@dataclass(frozen=True, slots=True)
class FirstHint:
    """To a driver who stands in line for the first time, once."""

    driver: str


AdminMessage = (
    AdminMoved | DoneForYou | GivenTo | BayBlocked | StillThere | Disowned | PortBroken
    | DrewNothing | Unreachable | AlarmRaised | Unwatched | Undelivered | HasLeft | SetupTest
    | FirstHint
)  # fmt: skip

"""What the core answers to whoever asked, in the reply. Values only, as in `effects`.

`ports` are named by their ids (`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Refusal(StrEnum):
    """Why a driver's wish cannot be. Each has its own words."""

    CHARGING = "charging"  # add: your car is on a port
    NOT_IN_LINE = "not in line"
    NOT_SUSPENDED = "not suspended"
    NOT_CALLED = "not called"  # a button of a turn that is over
    ALREADY_COMING = "already coming"  # on my way, a second time
    PAST = "past"  # suspend until a time that has gone
    TOO_SOON = "too soon"  # next: the called driver still has time
    CLOSED = "closed"  # add: the line isn't open yet, or for today
    WHICH_PORT = "which port"  # in, out: say which
    NO_SUCH_PORT = "no such port"
    LOOKS_FREE = "looks free"  # in: I see no car there
    LOOKS_USED = "looks used"  # out: I see a car there
    OTHERS_CAR = "other's car"  # in: somebody else's
    NOBODY_THERE = "nobody there"  # a button of a stay that is over
    TIME_LEFT = "time left"  # 20 more minutes, while there are more anyway
    ONCE_ONLY = "once only"  # 20 more minutes, again
    NOTHING_TO_REMEMBER = "nothing to remember"
    NOT_ADMIN = "not admin"
    WHO = "who"  # an admin named somebody I don't know
    LAST_ADMIN = "last admin"
    CAPS_OFF = "caps off"  # cap: facilities haven't agreed
    WHAT_CAP = "what cap"  # cap: neither kW nor percent nor off
    NOT_OUR_CAP = "not our cap"  # cap off: it wasn't set here
    OPERATORS = "operator's"  # set: not from chat
    NO_SUCH_SETTING = "no such setting"
    WHICH_PLACE = "which place"  # move: not a number
    NO_ADMIN = "no admin"  # revoke: they are none
    NOTHING_TO_UNDO = "nothing to undo"


@dataclass(frozen=True, slots=True)
class Added:
    """You stand in line now. Public."""

    driver: str
    place: int
    port: str | None = None  # called to it at once
    free_at: datetime | None = None  # as in `Line`


@dataclass(frozen=True, slots=True)
class YourPlace:
    """You were in line already: your place, unchanged."""

    driver: str
    place: int
    port: str | None = None
    free_at: datetime | None = None  # as in `Line`


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
class Blocked:
    """The bay is blocked: noted, and you keep your place."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class ItsMe:
    """Your car is on the port; you are out of the line. `offer`: remember the id?"""

    driver: str
    port: str
    stay: int
    offer: bool


@dataclass(frozen=True, slots=True)
class NotMe:
    """Not your car: you keep your place."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """The id of this stay is yours from now on."""

    driver: str


@dataclass(frozen=True, slots=True)
class HandOut:
    """`driver` says that the port is free. Public."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class MoreTime:
    """Twenty more minutes."""

    driver: str
    port: str
    stay: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Moving:
    """Thank you for moving."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class Why:
    """What happened to my place, from the trail."""

    driver: str


@dataclass(frozen=True, slots=True)
class AskReset:
    """Reset empties the line; really?"""

    by: str
    waiting: int


@dataclass(frozen=True, slots=True)
class AdminHelp:
    """What admins can do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`admin show`: the site's settings, people and ports."""

    by: str


class Deed(StrEnum):
    """What an admin did."""

    RESET = "reset"
    ADD = "add"
    REMOVE = "remove"
    MOVE = "move"
    LINK = "link"
    CLOSE = "close"
    OPEN = "open"
    SET = "set"
    GRANT = "grant"
    REVOKE = "revoke"
    UNDO = "undo"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Did:
    """An admin did something. Public. `detail`: the place, the setting, the count, the deed."""

    by: str
    deed: Deed
    who: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WhoIsNext:
    """Who will be called first; None: nobody waits."""

    driver: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """The whole line and every port, as the site stands.

    `free_at`: when a port should become free next; None: that can't be said.
    """

    driver: str
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port, and where the driver stands."""

    driver: str
    free_at: datetime | None = None  # as in `Line`


@dataclass(frozen=True, slots=True)
class Help:
    """How to talk to the concierge; `unknown` is the word we didn't know."""

    unknown: str = ""
    nearest: str = ""
    admin: bool = False  # an admin asks: there is more


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
    Added | YourPlace | Resumed | Removed | Suspended | Coming | Passed | MovedOn | Blocked
    | ItsMe | NotMe | Remembered | HandOut | MoreTime | Moving | Why | AskReset | AdminHelp
    | Shown | Did | WhoIsNext | Line | Ports | Help | Repeated | Refused
)  # fmt: skip
PUBLIC = (Added, MovedOn, HandOut, Did)  # answers that the whole channel sees

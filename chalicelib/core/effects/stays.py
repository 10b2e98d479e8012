"""To a driver whose car is on a port, and to who is next there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """Asked once in a stay (rules 28 and 35): how much today, and may the next one unplug you?"""

    stay: int
    usual: float | None = None  # kWh; None: not known yet
    how_much: bool = True
    unplug: bool = False


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """To the driver: you are charging, so you are out of the line; when your need should be met."""

    driver: str
    port: str
    question: Question | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class HowMuch:
    """To the driver on the port: somebody waits now, so how much do you need?"""

    driver: str
    port: str
    question: Question


@dataclass(frozen=True, slots=True)
class UnpluggedBy:
    """To the driver whose car was done: `by` has the port now, as you had allowed."""

    driver: str
    port: str
    by: str | None


@dataclass(frozen=True, slots=True)
class MeansToMove:
    """To the next in line: `who` means to move at about `at`; None: not yet, after all.

    `called`: they were called to unplug the car, and that call is off by this.
    """

    driver: str
    who: str
    port: str
    at: datetime | None
    at_once: bool = False  # they are on their way to it now
    called: bool = False
    post: int = 0  # see `OfPlace`


class Nudge(StrEnum):
    """Why a driver who is charging is written to (rules 16, 18, 19)."""

    NOTICE = "notice"  # half an hour left
    OVER = "over"  # time is up
    WAITING = "waiting"  # someone is waiting now
    FULL = "full"  # no power any more
    NO_POWER = "no power"  # no power yet
    CHARGING = "charging"  # power again: not full after all
    MET = "met"  # you have what you need (rule 31)
    USUAL = "usual"  # you have what you usually take


@dataclass(frozen=True, slots=True)
class Nudged:
    """To the driver on the port. `waiting`: how many wait; `capped`: minutes count less;
    `ends`: when the time is up, or was.
    """

    driver: str
    port: str
    stay: int
    why: Nudge
    waiting: int = 0
    capped: bool = False
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class CountedUnplugged:
    """To the driver: your car counts as unplugged since `at`, because the port shows another
    (`shows`: whose, "" somebody's), or because `says` says so.
    """

    driver: str
    port: str
    at: datetime
    shows: str = ""
    says: str | None = None


StayMessage = PluggedIn | HowMuch | UnpluggedBy | MeansToMove | Nudged | CountedUnplugged

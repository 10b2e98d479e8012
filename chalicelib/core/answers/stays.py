"""Answers about a car on a port."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.values import dataclass


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
    """Thank you for moving. `again`: that was believed once, and the reminders go on."""

    driver: str
    port: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class MovesAt:
    """Noted when you mean to move; the next in line (`told`) knows."""

    driver: str
    port: str
    stay: int
    at: datetime
    told: str | None


@dataclass(frozen=True, slots=True)
class StaysYet:
    """Noted that you won't move yet; the next in line hears it (`told`), or is called to
    unplug the car (`next_up`).
    """

    driver: str
    port: str
    told: str | None
    next_up: str | None = None


@dataclass(frozen=True, slots=True)
class UnplugNoted:
    """Whether the next one may unplug you when you are done; `holder` is called to your port."""

    driver: str
    ok: bool
    holder: str | None = None


class Nudging(StrEnum):
    """What came of a `nudge`."""

    SENT = "sent"
    NOT_YET = "not yet"  # their time isn't up before `at`
    MOVING = "moving"  # they mean to move by `at`
    LATELY = "lately"  # they were reminded; again from `at` on
    STRANGER = "stranger"  # nobody knows whose car it is
    UNSEEN = "unseen"  # the chargers can't be seen
    NOBODY = "nobody"  # nobody could be called there now


@dataclass(frozen=True, slots=True)
class NudgeTaken:
    """Somebody in line asked to remind whoever is on the port."""

    driver: str
    port: str
    how: Nudging
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoLongerMine:
    """The car on the port isn't the driver's any more."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class SaidBroken:
    """`driver` says that the port doesn't work; nobody is called there. Public."""

    driver: str
    port: str
    words: str = ""


StayAnswer = (
    HandOut | MoreTime | Moving | MovesAt | StaysYet | UnplugNoted | NudgeTaken
    | NoLongerMine | SaidBroken
)  # fmt: skip

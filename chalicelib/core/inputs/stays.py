"""Wishes about a car on a port."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.hours import ClockTime
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class In:
    """`in [PORT]`: my car is on the port (its label or id; "" = the one you'd think)."""

    port: str = ""


@dataclass(frozen=True, slots=True)
class Out:
    """`out [PORT]`: the port is free."""

    port: str = ""


@dataclass(frozen=True, slots=True)
class ThatsMe:
    """The button: this stay's car is mine."""

    stay: int


@dataclass(frozen=True, slots=True)
class NotMine:
    """`not me`, or the button: this stay's car is not mine. No stay: the one on my turn's port."""

    stay: int | None = None


@dataclass(frozen=True, slots=True)
class RememberMe:
    """`remember`, or the button: the id of this stay is mine, always. No stay: mine."""

    stay: int | None = None


@dataclass(frozen=True, slots=True)
class MoreMinutes:
    """`more [PORT]`, or the button: twenty more minutes. No stay, no port: mine.

    `length`: somebody asked for just so much.
    """

    stay: int | None = None
    port: str = ""
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DoneMoving:
    """`moving [PORT]`, or the button: I'm on my way to move the car. No stay, no port: mine."""

    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class MovingAt:
    """`moving at 11:30`, `moving in 10`, or the button (`length`): I mean to move my car then."""

    at: ClockTime | None = None
    length: timedelta | None = None
    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class NotYet:
    """*Not yet*, or `not moving`: I said that I'd move, and won't yet."""

    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class NotMyCar:
    """`not my car`, or the button: the car that counts as mine isn't any more."""

    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """`broken PORT [words]`: the port doesn't work ("" = the one I'm called to or plugged in at)."""

    port: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class NudgePort:
    """`nudge PORT`: remind whoever is there that people wait."""

    port: str


@dataclass(frozen=True, slots=True)
class MayUnplug:
    """`unplug yes`, `unplug no`, or the buttons: may the next one unplug me when I'm done?"""

    ok: bool

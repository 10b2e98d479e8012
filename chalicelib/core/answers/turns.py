"""Answers of who is called to a port, or was."""

from __future__ import annotations

from datetime import datetime

from chalicelib.values import dataclass


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
class PortBarred:
    """You aren't called to that port again (`ok`: you are again)."""

    driver: str
    port: str
    ok: bool
    none_left: bool = False  # there is no other port at this site


TurnAnswer = Coming | Passed | MovedOn | Blocked | ItsMe | NotMe | Remembered | PortBarred

"""Answers about somebody's place in the line."""

from __future__ import annotations

from datetime import datetime

from chalicelib.values import dataclass

from .foresight import Expected, Odds


@dataclass(frozen=True, slots=True)
class Added:
    """You stand in line now. Public."""

    driver: str
    place: int
    port: str | None = None  # called to it at once
    expected: Expected | None = None
    odds: Odds | None = None  # of a need with a time
    at_most: float | None = None  # as in `NeedNoted`
    away_until: datetime | None = None  # rule 41: not called before


@dataclass(frozen=True, slots=True)
class YourPlace:
    """You were in line already: your place, unchanged."""

    driver: str
    place: int
    port: str | None = None
    expected: Expected | None = None
    odds: Odds | None = None  # of a need with a time
    at_most: float | None = None  # as in `NeedNoted`
    away_until: datetime | None = None  # rule 41: not called before


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
class Gave:
    """`driver` gave their place in line to `to`. Public."""

    driver: str
    to: str
    place: int
    port: str | None = None


@dataclass(frozen=True, slots=True)
class WhoIsNext:
    """Who will be called first; None: nobody waits."""

    driver: str | None


LineAnswer = Added | YourPlace | Resumed | Removed | Suspended | Gave | WhoIsNext

"""To a driver: what is to be expected, and what became of a promise (rules 32 and 33)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.core.answers import Expected
from chalicelib.energy.needs import Need
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class Foreseen:
    """To the driver, once: it will hardly be today, or not before then."""

    driver: str
    expected: Expected


class PromiseNews(StrEnum):
    """What became of a need with a time (rule 33)."""

    MADE = "made"
    IN_DANGER = "in danger"
    HOLDS = "holds"  # again
    BROKEN = "broken"


class Danger(StrEnum):
    """Why a promise is in danger."""

    SLOW = "slow"  # less power flows than was thought
    CAPPED = "capped"
    LATE = "late"  # ports turn over later than was thought
    FULL_EARLY = "full"


@dataclass(frozen=True, slots=True)
class Promised:
    """To the driver: your need by your time, and what became of it."""

    driver: str
    news: PromiseNews
    need: Need
    by: datetime
    why: Danger | None = None
    post: int = 0  # see `OfPlace`


ForesightMessage = Foreseen | Promised

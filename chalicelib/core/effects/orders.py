"""What is no message: orders for the charging network, entries of the log, another look."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.core.card import Span
from chalicelib.core.stays import FinishedStay
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class LimitPower:
    """Let each port give at most so much for so long (minutes; 0: until lifted)."""

    by: str
    allowed_kw: float
    minutes: int


@dataclass(frozen=True, slots=True)
class LiftLimit:
    """End the limit that was set here."""

    by: str


NetworkOrder = LimitPower | LiftLimit


@dataclass(frozen=True, slots=True)
class KeepStay:
    """A car has left: keep what is known of its stay for so long."""

    stay: FinishedStay
    keep: timedelta


@dataclass(frozen=True, slots=True)
class ForgetStays:
    """Let nobody know any more which stays were this driver's."""

    driver: str


@dataclass(frozen=True, slots=True)
class MakeReport:
    """Read the log, and give in what it says: `Reported` is the receipt."""

    span: Span


LogOrder = KeepStay | ForgetStays | MakeReport


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Look at the chargers again at `at`; not saved, the next start looks anyway."""

    at: datetime

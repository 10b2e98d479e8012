"""What became of a message (receipts)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.card import ReportCard
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class Claimed:
    """A deliverer takes effect `id`; nobody else may before `until`."""

    id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """Effect `id` has arrived; `ref` is the message, for later edits ("" = none)."""

    id: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Effect `id` could not be sent for now; try again at `until`.

    `everywhere`: it isn't this address, but all of the same server or workspace.
    """

    id: int
    until: datetime
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """Effect `id` will never arrive (`reason` is the platform's word); `gone`: nor will anything
    else there, for the account is closed.
    """

    id: int
    reason: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Silenced:
    """An address takes no messages (`reason`), or takes them again ("")."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What the log of stays says, as order `id` asked: the receipt for it."""

    id: int
    card: ReportCard

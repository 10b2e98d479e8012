"""Wishes about what somebody needs of a stay (rule 28)."""

from __future__ import annotations

from chalicelib.core.hours import ClockTime
from chalicelib.energy.needs import Need
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class SayNeed:
    """`need 12 kWh by 16:00`: what I need of this stay in all. A time alone: my usual by then."""

    need: Need | None = None
    by: ClockTime | None = None
    port: str = ""  # of two cars, this one


@dataclass(frozen=True, slots=True)
class PickNeed:
    """The button under "How much today?": so many kWh for this stay; None: until full."""

    stay: int
    kwh: float | None


@dataclass(frozen=True, slots=True)
class NoNeed:
    """`need none`: what I said I need is taken back."""

    port: str = ""


@dataclass(frozen=True, slots=True)
class ShowNeed:
    """`need`: what I said I need, and how much of it I have."""

    port: str = ""

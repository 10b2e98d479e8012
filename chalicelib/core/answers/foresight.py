"""What is expected: when somebody is called, and whether a need is met (rules 28, 32 and 33)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.energy.needs import Need
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class Expected:
    """When somebody in line should be called (rule 32). At most one of these is said.

    `at`: at about then. `not_before`: then at the earliest. `hardly`: not today, as it looks, or
    not `by` the time that they said.
    `behind`: no time, since this driver's time was up at `up_at` and the car is still there.
    """

    at: datetime | None = None
    not_before: datetime | None = None
    hardly: bool = False
    behind: str | None = None
    up_at: datetime | None = None
    by: datetime | None = None


class Odds(StrEnum):
    """What can be said of a need with a time (rule 33)."""

    PROMISED = "promised"
    LIKELY = "likely"
    HARDLY = "hardly"


@dataclass(frozen=True, slots=True)
class NeedNoted:
    """What you need of this stay, how much of it you have, and when you should have it.

    `need` None: nothing is said; `usual`: what you usually take. `about`: no power data, so
    the energy is reckoned. `at_most`: by that time a port can't give more than so many kWh;
    `until`: the time is up before they would have it.
    """

    driver: str
    need: Need | None
    usual: float | None = None
    kwh: float | None = None  # None: not on a port
    about: bool = False
    met: bool = False
    done_at: datetime | None = None
    odds: Odds | None = None
    at_most: float | None = None
    changed: bool = False
    port: str | None = None  # of somebody's two cars, the one on this port
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Whenever:
    """When you'd be called; `in_line`: you stand there, else if you stood there now."""

    driver: str
    expected: Expected
    in_line: bool
    free: bool = False  # a port is free for you


ForesightAnswer = NeedNoted | Whenever

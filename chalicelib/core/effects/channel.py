"""To the channel: what all should know."""

from __future__ import annotations

from datetime import datetime

from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class StandsIdle:
    """To the channel: a free port is not used; `driver` was called to it until `deadline`."""

    port: str
    driver: str | None
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class LineCleared:
    """To the channel: the day is over; these were still in line. `late`: yesterday is over, and
    nobody ran us at its end.
    """

    drivers: tuple[str, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class PowerLimited:
    """To the channel: which ports may give what share (0 to 1) of their power; none: all again."""

    caps: tuple[tuple[str, float], ...]
    everywhere: bool


@dataclass(frozen=True, slots=True)
class CapRefused:
    """To the channel: the network won't do what `by` asked for; `reason` is its word."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class SightLost:
    """To the channel: the chargers can't be seen since `since`."""

    since: datetime


@dataclass(frozen=True, slots=True)
class SightBack:
    """To the channel: the chargers are seen again."""


ChannelMessage = StandsIdle | LineCleared | PowerLimited | CapRefused | SightLost | SightBack

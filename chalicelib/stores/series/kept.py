"""How long readings are kept."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.values import dataclass

BESIDE = "-energy"  # after the name of the sites' file or table


@dataclass(frozen=True, slots=True)
class Kept:
    """Readings themselves, and the slots that they were drawn together in."""

    readings: timedelta = timedelta(hours=48)
    slots: timedelta = timedelta(days=730)


KEPT = Kept()

"""`/practice/meter`: what flows, and what the meter does wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .building import Building
from .sender import Faults, Sender

MOST_AMPS, MOST_SKEW = 1000.0, 86_400.0


class MeterControl:
    """The building, and its meter where it sends anything."""

    def __init__(self, building: Building, sender: Sender | None = None) -> None:
        self._building = building
        self._faults = sender.faults if sender is not None else Faults()
        self._sender = sender

    def state(self) -> dict[str, Any]:
        """What the meter shows, and its faults."""
        faults = self._faults
        return self._building.state() | {
            "sends": self._sender is not None,
            "refused": self._sender.refused if self._sender is not None else "",
            "stalled": faults.stalled,
            "nulls": faults.nulls,
            "skew_seconds": faults.skew_seconds,
        }

    def set(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """`amps` (three, or null for what the house draws), `stalled`, `nulls`, `skew_seconds`,
        `reset`; the state then. Raises ValueError, having set nothing.
        """
        known = ("amps", "stalled", "nulls", "skew_seconds", "reset")
        strange = sorted(set(body) - set(known))
        if strange:
            raise ValueError(f"unknown: {', '.join(strange)}; known: {', '.join(known)}")
        amps = body.get("amps")
        if amps is not None and not are_amps(amps):
            raise ValueError(f"amps are three numbers from 0 to {MOST_AMPS:g}, or null")
        for name in ("stalled", "nulls", "reset"):
            if not isinstance(body.get(name, False), bool):
                raise ValueError(f"{name} is true or false")
        skew = body.get("skew_seconds", 0)
        if not is_number(skew) or abs(skew) > MOST_SKEW:
            raise ValueError(f"skew_seconds is a number up to {MOST_SKEW:g} either way")
        self._set(body)
        return self.state()

    def _set(self, body: Mapping[str, Any]) -> None:
        if "amps" in body:
            self._building.force(body["amps"])
        for name in ("stalled", "nulls", "skew_seconds"):
            if name in body:
                setattr(self._faults, name, body[name])
        if body.get("reset"):
            self._building.reset()


def are_amps(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and all(is_number(one) and 0 <= one <= MOST_AMPS for one in value)
    )


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

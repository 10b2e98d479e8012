"""What the make-believe network does wrong today, by name: for `/practice/network`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .carpark import CarPark
from .chargepoint.event_feed import Publisher
from .chargepoint.service import StandIn

SHARE, SECONDS, TIMES = 1, 60, 1000
REFUSED = "InvalidSecurity"  # the fault of a wrong key


@dataclass(frozen=True, slots=True)
class Knob:
    """`most` is the largest number that it takes; None: it is on or off."""

    get: Callable[[], Any]
    set: Callable[[Any], object]
    most: float | None = None


class Faults:
    """SOAP's and the feed's, where there is one."""

    def __init__(self, carpark: CarPark, network: StandIn, feed: Publisher | None) -> None:
        mood = network.mood
        self._all = {
            "slow_seconds": of(mood, "slow_seconds", SECONDS),
            "refused": Knob(lambda: mood.fault == REFUSED, lambda on: _refuse(network, on=on)),
            "rubbish": of(mood, "html"),
            "busy_times": of(mood, "busy_times", TIMES),
            "stalled": of(mood, "stalled"),
            "omit_users": of(carpark, "omit_users"),
            "omit_credentials": of(carpark, "omit_credentials"),
        }
        if feed is not None:
            self._all |= {
                "events_dropped": of(feed.mood, "drop", SHARE),
                "events_doubled": of(feed.mood, "duplicate", SHARE),
                "events_overtaken": of(feed.mood, "overtake", SHARE),
                "events_late_seconds": of(feed.mood, "delay_seconds", SECONDS),
                "events_omit_users": of(feed.mood, "omit_users"),
                "events_stalled": of(feed, "stalled"),
            }

    def state(self) -> dict[str, Any]:
        """How each stands."""
        return {name: knob.get() for name, knob in self._all.items()}

    def turn(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Set these, and leave the others; all of them then. Raises ValueError, having set none."""
        for name, value in wanted.items():
            if name not in self._all:
                raise ValueError(f"no {name} here, but: {', '.join(self._all)}")
            _check(name, value, self._all[name].most)
        for name, value in wanted.items():
            self._all[name].set(value)
        return self.state()


def of(thing: object, name: str, most: float | None = None) -> Knob:
    """An attribute."""
    return Knob(lambda: getattr(thing, name), lambda value: setattr(thing, name, value), most)


def _refuse(network: StandIn, *, on: bool) -> None:
    network.mood.fault = REFUSED if on else ""


def _check(name: str, value: Any, most: float | None) -> None:
    if most is None:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false")
    elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{name} is a number from 0 to {most:g}")

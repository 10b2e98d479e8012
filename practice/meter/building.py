"""A building whose people come in the morning, and whose cars are those of the car park."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.edges import Clock

VOLTS = 230.0  # of each of three phases
FUSE = 125.0  # A, of each phase
SHARES = (0.36, 0.31, 0.33)  # of the house's power; the cars take all phases alike
NIGHT, WEEKEND = 14.0, 0.35  # kW that always flows; how much of the rest does at weekends
PEAKS = ((8.9, 1.5, 32.0), (12.6, 1.2, 14.0), (15.5, 2.4, 10.0))  # hour, width, kW
REGISTER = 48_211.4  # kWh when a run begins
STEP = timedelta(minutes=1)  # of the integral
LONGEST = timedelta(days=8)  # of one; the clock leaps no further
SLOT = timedelta(minutes=5)
SHOWN = 144  # slots of the past that the page draws


@dataclass(frozen=True, slots=True)
class Power:
    """What flows at one moment."""

    at: datetime
    kw: float
    kwh: float  # the register
    amps: tuple[float, float, float]


class Building:
    """Its power is reckoned when it is asked for; the register counts what it came to.

    `cars` is what the car park draws now. `amps`, when set, are what flows whatever else does.
    Safe to use from several threads.
    """

    def __init__(self, clock: Clock, zone: str, cars: Callable[[], float]) -> None:
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._cars = cars
        self._lock = RLock()
        self._forced: tuple[float, float, float] | None = None
        self._kwh = REGISTER
        self._counted = clock.now()
        day = self.day_before()
        self._past = deque([(one.at, one.kw) for one in day[-SHOWN:]], maxlen=SHOWN)

    def now(self) -> Power:
        with self._lock:
            at = self._clock.now()
            amps = self._amps(at)
            self._count(at)
            return Power(at, kw_of(amps), self._kwh, amps)

    def day_before(self) -> list[Power]:
        """What the meter showed each five minutes of the day before the run, without cars."""
        kwh, found = REGISTER, []
        for n in range(1, timedelta(days=1) // SLOT + 1):
            at = self._counted - n * SLOT
            amps = self._shared(house_kw(at.astimezone(self._zone)), 0.0)
            kwh -= kw_of(amps) * (SLOT / timedelta(hours=1))
            found.append(Power(at, kw_of(amps), kwh, amps))
        return found[::-1]

    def force(self, amps: Sequence[float] | None) -> None:
        """From now on so much flows on the phases; None: what the house and the cars draw."""
        with self._lock:
            self._count(self._clock.now())
            self._forced = None if amps is None else (amps[0], amps[1], amps[2])

    def reset(self) -> None:
        """The register begins at 0: the meter was exchanged."""
        with self._lock:
            self._count(self._clock.now())
            self._kwh = 0.0

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        power = self.now()
        return {
            "kw": round(power.kw, 2),
            "kwh": round(power.kwh, 3),
            "amps": [round(one, 1) for one in power.amps],
            "forced": self._forced is not None,
            "fuse_amps": FUSE,
            "limit_kw": round(kw_of((FUSE, FUSE, FUSE)), 1),
            "past": [[at.isoformat(), round(kw, 1)] for at, kw in tuple(self._past)],
        }

    def _count(self, at: datetime) -> None:
        """By the minute: the morning peak is no straight line."""
        self._counted = max(self._counted, at - LONGEST)
        while self._counted < at:
            until = min(at, self._counted + STEP)
            kw = kw_of(self._amps(self._counted))
            self._kwh += kw * ((until - self._counted) / timedelta(hours=1))
            if int(self._counted.timestamp()) // 300 != int(until.timestamp()) // 300:
                self._past.append((until, kw))
            self._counted = until

    def _amps(self, at: datetime) -> tuple[float, float, float]:
        if self._forced is not None:
            return self._forced
        return self._shared(house_kw(at.astimezone(self._zone)), self._cars())

    @staticmethod
    def _shared(house: float, cars: float) -> tuple[float, float, float]:
        """On the phases, in amps."""
        one, two, three = ((house * share + cars / 3) * 1000 / VOLTS for share in SHARES)
        return one, two, three


def house_kw(local: datetime) -> float:
    """What the house draws without its cars, by the time of its day."""
    hour = local.hour + local.minute / 60 + local.second / 3600
    peaks = sum(kw * math.exp(-(((hour - at) / width) ** 2)) for at, width, kw in PEAKS)
    return NIGHT + peaks * (WEEKEND if local.weekday() >= 5 else 1.0)


def kw_of(amps: tuple[float, float, float]) -> float:
    return sum(amps) * VOLTS / 1000

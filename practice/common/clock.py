"""The control of the practice clock: whoever holds it sets the time of every process of a run."""

from __future__ import annotations

import math
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from chalicelib.clock import PracticeClock, parse_origin

LONGEST_LEAP = timedelta(days=7)
LONGEST_WALK = 60.0  # minutes
STEP = 2.0  # minutes: less than makes a look at the chargers stale
GLANCE = 0.5  # real seconds until the concierge notices, on a clock that isn't fast


class ClockControl:
    """Writes the origin that `PracticeClock` reads; its own time is that same clock's.

    Site time is continuous: a change of speed never makes it jump, and it never goes back.
    """

    def __init__(self, path: Path, speed: float, site_start: datetime) -> None:
        self._path = path
        self._lock = Lock()
        self._stamp = 0
        self._write(speed, site_start.timestamp())
        self._clock = PracticeClock(self.origin)

    @property
    def origin(self) -> str:
        """What `EV_CLOCK` must say for another process to follow this clock."""
        return f"file:{self._path}"

    @property
    def speed(self) -> float:
        """Site seconds in a real second; 0 while the clock is stopped."""
        return self._clock.speed

    def now(self) -> datetime:
        """Aware UTC, site time."""
        return self._clock.now()

    def set_speed(self, speed: float) -> None:
        """Run faster or slower from now on. Raises ValueError outside 0 to 100000."""
        with self._lock:
            self._write(speed, self.now().timestamp())

    def advance(self, minutes: float) -> None:
        """Leap ahead. Raises ValueError for a leap back, or one longer than a week."""
        if not math.isfinite(minutes) or not 0 <= minutes * 60 <= LONGEST_LEAP.total_seconds():
            longest = LONGEST_LEAP.total_seconds() / 60
            raise ValueError(f"the clock leaps 0 to {longest:g} minutes ahead, not {minutes:g}")
        with self._lock:
            self._write(self.speed, self.now().timestamp() + minutes * 60)

    def pass_by(self, minutes: float) -> None:
        """Let time go by, in steps between which the concierge has time to look around.

        More than an hour is a leap, as if its machine had slept. Raises as `advance` does.
        """
        if not 0 <= minutes <= LONGEST_WALK:
            self.advance(minutes)
            return
        end = self.now() + timedelta(minutes=minutes)
        while end - self.now() > timedelta(minutes=STEP):
            self.advance(STEP)
            time.sleep(0.1 + GLANCE / max(self.speed, 1))
        self.advance(max(0.0, (end - self.now()).total_seconds() / 60))

    def _write(self, speed: float, site: float) -> None:
        origin = f"{speed!r}@{time.time()!r}@{site!r}"
        parse_origin(origin)  # refuses a speed that no reader would take
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.write_text(origin, encoding="ascii")
        # Readers look for a new mtime, and a file system's own may stand still for milliseconds.
        self._stamp = max(time.time_ns(), self._stamp + 1)
        os.utime(fresh, ns=(self._stamp, self._stamp))
        fresh.replace(self._path)

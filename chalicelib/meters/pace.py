"""How often each meter may speak: one that runs wild doesn't crowd out the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

RATE, BURST = 50.0, 200.0  # requests a second and meter, and so many at once
MOST_KNOWN = 10_000  # meters; then it is forgotten who spoke, to nobody's harm


class Pace:
    """A bucket for each meter that fills at `rate` up to `burst`."""

    def __init__(
        self,
        rate: float = RATE,
        burst: float = BURST,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}  # and when

    def wait(self, meter: str) -> float:
        """Seconds that it must wait; 0: it may speak, which is noted."""
        with self._lock:
            now = self._now()
            if len(self._left) >= MOST_KNOWN:
                self._left.clear()
            left, then = self._left.get(meter, (self._burst, now))
            left = min(self._burst, left + (now - then) * self._rate)
            self._left[meter] = (left - 1 if left >= 1 else left, now)
            return 0.0 if left >= 1 else (1 - left) / self._rate

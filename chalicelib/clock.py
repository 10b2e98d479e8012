"""The clocks: the real one, and the practice clock that all processes of a run share."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path


class SystemClock:
    """Real time."""

    @property
    def speed(self) -> float:
        """Site seconds in a real second."""
        return 1.0

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)  # noqa: TID251 — this is the Clock


class PracticeClock:
    """Site time that runs `speed` times as fast as real time from a shared origin.

    `origin` is `SPEED@REAL_EPOCH@SITE_EPOCH` (seconds since 1970), or `file:PATH` of a
    file that holds one: whoever rewrites the file changes the clock of all processes.
    Raises ValueError when it is neither.
    """

    def __init__(self, origin: str) -> None:
        self._file = Path(origin.removeprefix("file:")) if origin.startswith("file:") else None
        self._stamp = -1
        self._origin = (1.0, 0.0, 0.0)
        if self._file is None:
            self._origin = parse_origin(origin)
        else:
            self._reread(self._file)

    @property
    def speed(self) -> float:
        """Site seconds in a real second."""
        if self._file is not None:
            self._reread(self._file)
        return self._origin[0]

    def now(self) -> datetime:
        """Aware UTC, site time."""
        if self._file is not None:
            self._reread(self._file)
        speed, real, site = self._origin
        return datetime.fromtimestamp(site + (time.time() - real) * speed, UTC)

    def _reread(self, file: Path) -> None:
        try:
            stamp = file.stat().st_mtime_ns
            if stamp != self._stamp:
                self._origin = parse_origin(file.read_text(encoding="ascii"))
                self._stamp = stamp
        except OSError as error:
            raise ValueError(f"can't read the clock's origin: {error}") from error


def parse_origin(text: str) -> tuple[float, float, float]:
    """`SPEED@REAL_EPOCH@SITE_EPOCH` as numbers. Raises ValueError."""
    parts = text.strip().split("@")
    if len(parts) != 3:
        raise ValueError(f"not SPEED@REAL_EPOCH@SITE_EPOCH: {text!r}")
    speed, real, site = (float(part) for part in parts)
    if not 0 <= speed <= 100_000:
        raise ValueError(f"a clock's speed is between 0 and 100000, not {speed:g}")
    return speed, real, site

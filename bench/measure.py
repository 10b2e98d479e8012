"""Times, taken side by side: whoever is compared shares the same moments of the machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

Contender = Callable[[], float]  # does one thing and gives the seconds that it took


@dataclass(frozen=True)
class Spread:
    """The middle of many figures, and the quarter and three-quarter marks."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        low, middle, high = statistics.quantiles(figures, n=4, method="inclusive")
        return cls(middle, low, high)

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 6) for name, value in asdict(self).items()}


def timed(act: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def interleave(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """Each contender once a round, another one first each time; the first rounds don't count."""
    names = list(contenders)
    taken: dict[str, list[float]] = {name: [] for name in names}
    warm_up = min(20, rounds)
    for turn in range(warm_up + rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            seconds = contenders[name]()
            if turn >= warm_up:
                taken[name].append(seconds)
    return taken


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread:
    """The ratio of two contenders, round by round."""
    return Spread.of([one / other for one, other in zip(above, below, strict=True)])

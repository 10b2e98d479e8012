"""Times, taken side by side: whoever is compared shares the same moments of the machine.

Both the time on the clock and that of the processor: waiting for a disk, for a server or
for other programs' turns is in the first only, and on a busy machine that is most of it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import truediv


@dataclass(frozen=True)
class Took:
    """Seconds that something took."""

    clock: float
    processor: float


Contender = Callable[[], Took]  # does one thing


@dataclass(frozen=True)
class Spread:
    """The middle of many figures, and the quarter and three-quarter marks."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        found = list(figures)
        if len(found) == 1:
            return cls(*found * 3)
        low, middle, high = statistics.quantiles(found, n=4, method="inclusive")
        return cls(middle, low, high)

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 6) for name, value in asdict(self).items()}


def timed(act: Callable[[], object]) -> Took:
    """How long it takes, of the clock's time and of this thread's."""
    clock, processor = time.perf_counter(), time.thread_time()
    act()
    return Took(time.perf_counter() - clock, time.thread_time() - processor)


def interleave(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[Took]]:
    """Each contender once a round, another one first each time; the first rounds don't count."""
    names = list(contenders)
    taken: dict[str, list[Took]] = {name: [] for name in names}
    warm_up = 1 + rounds // 20
    for turn in range(warm_up + rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            took = contenders[name]()
            if turn >= warm_up:
                taken[name].append(took)
    return taken


def milliseconds(taken: Sequence[Took]) -> Spread:
    """On the clock."""
    return Spread.of(1000 * took.clock for took in taken)


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread:
    """The ratio of two contenders, round by round."""
    return Spread.of(map(truediv, above, below))


def clock(taken: Sequence[Took]) -> list[float]:
    return [took.clock for took in taken]


def processor(taken: Sequence[Took]) -> list[float]:
    return [took.processor for took in taken]

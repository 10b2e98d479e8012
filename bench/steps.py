"""Steps of the core: no store, no chat, only the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

from chalicelib.core import next_deadline, step
from chalicelib.core.inputs import Add, Asked, Remove
from chalicelib.core.model import Site

from .figures import Figure
from .garage import NOON, garage
from .measure import Spread, interleave, timed

SECTION = "The core alone"
SMALL, LARGE = 35, 3_500


def measure(rounds: int) -> list[Figure]:
    """An add and a remove at the end of the line, and the alarm clock after it."""
    small, large = garage(SMALL), garage(LARGE)
    taken = interleave(
        {
            "small": lambda: timed(add_and_remove(small)) / 2,
            "large": lambda: timed(add_and_remove(large)) / 2,
            "alarm": lambda: timed(lambda: next_deadline(small)),
        },
        rounds,
    )
    per_second = {name: Spread.of([1 / s for s in seconds]) for name, seconds in taken.items()}
    growth = median(taken["large"]) / median(taken["small"]) / (LARGE / SMALL)
    return [
        Figure(SECTION, f"steps at {SMALL} in line", per_second["small"], "/s", at_least=20_000),
        Figure(SECTION, f"steps at {LARGE:,} in line", per_second["large"], "/s"),
        Figure(
            SECTION,
            "time of a step, a hundred times the line: of a hundred times the time",
            Spread(growth, growth, growth),
            "×",
            at_most=1.0,
        ),
        Figure(SECTION, f"next deadline at {SMALL} in line", per_second["alarm"], "/s"),
    ]


def add_and_remove(site: Site) -> Callable[[], object]:
    """The last in line joins, and leaves."""
    driver = site.queue[-1].driver
    short = replace(site, queue=site.queue[:-1])
    join, leave = (Asked(driver, wish, "newcomer", "a-request") for wish in (Add(), Remove()))

    def act() -> None:
        step(short, join, NOON)
        step(site, leave, NOON)

    return act

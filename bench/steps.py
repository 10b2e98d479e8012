"""Steps of the core: no store, no chat, only the rules."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from chalicelib.core import next_deadline, step
from chalicelib.core.inputs import Add, Asked, Remove
from chalicelib.core.model import Site
from chalicelib.values import replace

from .figures import Figure
from .garage import NOON, garage
from .measure import Spread, interleave, processor, timed

SECTION = "The core alone, processor time"
SMALL, LARGE = 35, 3_500


def measure(rounds: int) -> list[Figure]:
    """An add and a remove at the end of the line, and the alarm clock after it."""
    small, large = garage(SMALL), garage(LARGE)
    taken = interleave(
        {
            "small": lambda: timed(add_and_remove(small)),
            "large": lambda: timed(add_and_remove(large)),
            "alarm": lambda: timed(lambda: next_deadline(small)),
        },
        rounds,
    )
    seconds = {name: processor(took) for name, took in taken.items()}
    growth = median(seconds["large"]) / median(seconds["small"]) / (LARGE / SMALL)
    return [
        Figure(
            SECTION,
            f"steps at {SMALL} in line",
            per_second(seconds["small"], 2),
            "/s",
            at_least=20_000,
        ),
        Figure(SECTION, f"steps at {LARGE:,} in line", per_second(seconds["large"], 2), "/s"),
        Figure(
            SECTION,
            "time of a step, a hundred times the line: of a hundred times the time",
            Spread(growth, growth, growth),
            "×",
            at_most=1.0,
        ),
        Figure(
            SECTION, f"next deadline at {SMALL} in line", per_second(seconds["alarm"], 1), "/s"
        ),
    ]


def per_second(seconds: list[float], steps: int) -> Spread:
    return Spread.of(steps / one for one in seconds)


def add_and_remove(site: Site) -> Callable[[], object]:
    """The last in line joins, and leaves."""
    driver = site.queue[-1].driver
    short = replace(site, queue=site.queue[:-1])
    join, leave = (Asked(driver, wish, "newcomer", "a-request") for wish in (Add(), Remove()))

    def act() -> None:
        step(short, join, NOON)
        step(site, leave, NOON)

    return act

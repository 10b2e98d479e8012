"""How much is said: by kind, without a board and with one, on the same days to the same people,
called in the fair order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.core.model import Order, Policy
from chalicelib.values import replace

from .compare import Trial, beginning
from .days import POLL, Days
from .inside import Inside
from .planners import Planners
from .tally import Tally

MOST_KINDS = 12  # shown, of each sort


@dataclass(frozen=True, slots=True)
class Heard:
    """One run of the days."""

    name: str
    tally: Tally
    plugged: int
    driver_days: int
    broken: list[str]


def heard(trial: Trial, name: str, policy: Policy) -> Heard:
    """Play the days with what people say they need."""
    people = trial.people()
    here = Inside(beginning(people), trial.ports, POLL, policy)
    crowd = Planners(here, people, trial.ways)
    days = Days(here, crowd)
    days.run()
    plugged = sum(one.plugged_at is not None for one in crowd.results)
    wrong = [*days.agreement.broken, *crowd.tally.failed_commands]
    return Heard(name, crowd.tally, plugged, len(crowd.results), wrong)


def both(trial: Trial) -> list[Heard]:
    fair = Policy(order=Order.FAIR)
    return [heard(trial, "no board", fair), heard(trial, "board", replace(fair, board=True))]


def table(runs: list[Heard], days: int) -> Iterator[list[str]]:
    """The rows: a label, then a cell for each run."""
    yield ["", *(run.name for run in runs)]
    yield ["cars plugged in a day", *(f"{run.plugged / days:.1f}" for run in runs)]
    yield ["posts a plugged car", *(f"{posts(run) / max(1, run.plugged):.2f}" for run in runs)]
    yield ["DMs a driver and day", *(f"{run.tally.direct / max(1, run.driver_days):.2f}" for run in runs)]  # fmt: skip
    yield ["edits a day (silent)", *(f"{run.tally.edits / days:.0f}" for run in runs)]
    yield ["pings in the channel a day", *(f"{run.tally.pings / days:.1f}" for run in runs)]
    for where, title, base in (("post", "posts a plugged car", "plugged"), ("direct", "DMs a driver and day", "driver_days"), ("edit", "edits a plugged car", "plugged")):  # fmt: skip
        yield [f"{title}, by kind:"]
        for kind in kinds(runs, where):
            yield [f"  {kind}", *(f"{count(run, where, kind) / max(1, getattr(run, base)):.2f}" for run in runs)]  # fmt: skip


def posts(run: Heard) -> int:
    """Those in the channel, the answers to `add` included."""
    return run.tally.posts


def kinds(runs: list[Heard], where: str) -> list[str]:
    """The most frequent ones."""
    every = {kind for run in runs for place, kind in run.tally.kinds if place == where}
    often = sorted(every, key=lambda kind: -max(count(run, where, kind) for run in runs))
    return often[:MOST_KINDS]


def count(run: Heard, where: str, kind: str) -> int:
    return run.tally.kinds[where, kind]


def lines(runs: list[Heard], days: int) -> Iterator[str]:
    rows = list(table(runs, days))
    width = max(len(row[0]) for row in rows)
    for first, *cells in rows:
        yield "  ".join([first.ljust(width), *(cell.rjust(8) for cell in cells)]).rstrip()

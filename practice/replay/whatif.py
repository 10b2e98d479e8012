"""For facilities: what other ways would have brought, on a site's own days.

The people come when the log says that they came, and need what they said; who said nothing
needs a share of what they took. How they behave is assumed, alike under every way: so it says
which way is better, and by about how much; it is no promise.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import fmean

from practice.common.people import DRIVERS

from .arguments import ways_of
from .cast import DIFFERENT, Wants
from .compare import Progress, Trial, one
from .measures import Measured, mean, met_by_day, plugged, shut_out, waits
from .sessions import Sessions

UNPLUG = 0.5  # of those who don't react, where nothing else is asked for
NO_GAIN = 0.02  # of the needs that are met: less is within what the dice do
SHORT = timedelta(minutes=10)
MOST_PORTS = 40


@dataclass(frozen=True, slots=True)
class Other:
    """One way, in the words of the table, and what it differs by."""

    name: str
    policy: str
    ports: int
    unplug_ok: float


def show(found: Sessions, given: Namespace) -> int:
    """Print the table, and what it says; the exit code."""
    trial = trial_of(found, given)
    ways = others(given)
    progress = Progress()
    runs = [(way, played(trial, way, progress)) for way in ways]
    progress.end()
    print("\n".join(lines(trial, runs)))
    wrong = [f"{way.name}: {line}" for way, run in runs for line in (*run.broken, *run.failed)]
    for line in wrong[:10]:
        print(f"  ! {line}", file=sys.stderr)
    return 1 if wrong else 0


def trial_of(found: Sessions, given: Namespace) -> Trial:
    """All days and people of the log, so far as there is room, and its energy as it was."""
    days = len({session.begins.date() for session in found.sessions})
    people = len({session.user for session in found.sessions})
    return Trial(
        found, min(days, DIFFERENT), given.ports, min(people, len(DRIVERS)), given.seed,
        ways_of(given), Wants(given.need_share, 1.0 if given.energy is None else given.energy),
        given.off,
    )  # fmt: skip


def others(given: Namespace) -> list[Other]:
    """As it is comes first: the rest is compared with it."""
    ports, more = given.ports, min(given.ports + given.more, MOST_PORTS)
    unplug = given.unplug_ok or UNPLUG
    return [
        Other("as it is", "ours", ports, 0.0),
        Other("order fair", "fair", ports, 0.0),
        Other(f"{more} ports", "ours", more, 0.0),
        Other("may be unplugged", "ours", ports, unplug),
    ]


def played(trial: Trial, way: Other, progress: Progress) -> Measured:
    ways = replace(trial.ways, unplug_ok=way.unplug_ok)
    run = one(replace(trial, ports=way.ports, ways=ways), way.policy, progress.show)
    run.name = way.name
    return run


def lines(trial: Trial, runs: Sequence[tuple[Other, Measured]]) -> Iterator[str]:
    """The table, and what it comes to."""
    measured = [run for _, run in runs]
    met = [met_by_day(run, trial.days) for run in measured]
    days = "One day" if trial.days == 1 else f"{trial.days} days"
    yield f"{days} of this log, {trial.drivers} people, played again:"
    rows = [
        ["", *(run.name for run in measured)],
        ["came a day", *(f"{len(run.results) / trial.days:.1f}" for run in measured)],
        ["needs met a day", *map(mean, met)],
        ["… against as it is", *(against(one, met[0]) for one in met)],
        ["charged a day", *(f"{plugged(run) / trial.days:.1f}" for run in measured)],
        ["went without a day", *(f"{shut_out(run) / trial.days:.1f}" for run in measured)],
        ["waits, half and nine in ten (min)", *map(waits, measured)],
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    yield verdict(measured, met)


def against(ours: Sequence[float], theirs: Sequence[float]) -> str:
    return f"{100 * (sum(ours) / sum(theirs) - 1):+.0f} %" if sum(theirs) else "–"


def verdict(measured: Sequence[Measured], met: Sequence[Sequence[float]]) -> str:
    """What to do with it, in a sentence."""
    base = fmean(met[0])
    better = [
        (fmean(one) / base - 1 if base else 0.0, run.name)
        for run, one in zip(measured[1:], met[1:], strict=True)
    ]
    if not has_line(measured[0]):
        return "Nobody has to wait here: more ports, or another order, bring nothing."
    gain, name = max(better)
    if gain <= NO_GAIN:
        return "None of these brings anything worth mentioning."
    return f"Most is brought by “{name}”: about {100 * gain:.0f} % more needs met. Behaviour is assumed: a hint, no promise."


def has_line(run: Measured) -> bool:
    return shut_out(run) > 0 or any((one.waited or timedelta(0)) > SHORT for one in run.results)

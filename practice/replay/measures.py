"""What a policy did for people, with intervals: from the visits, and from what was said.

An interval is of 95 %: of a mean by the days' spread, of a ratio by drawing days anew, the same
days for both sides. Days are the unit: people on one day depend on each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from statistics import fmean, median, quantiles, stdev

from chalicelib.core.model import Word

from . import waste
from .workdays import Result

DRAWS = 1000
NEAR = timedelta(minutes=20)  # a told time that was that near was true
MINUTE = timedelta(minutes=1)
NONE = "–"


@dataclass(slots=True)
class Measured:
    """One policy's run."""

    name: str
    results: list[Result]
    posts: int = 0  # answers to `add` apart
    adds: int = 0
    direct: int = 0
    words: tuple[Word, ...] = ()  # the site's own figures of its promises, week by week
    checks: int = 0
    broken: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def figures(runs: Sequence[Measured], days: int, seed: int) -> Iterator[list[str]]:
    """The rows of the table: a label, then a cell for each run."""
    met = {run.name: met_by_day(run, days) for run in runs}
    floor, roof, needless = met.get("nobody"), met.get("ideal"), met.get("today")

    def row(label: str, cell: Callable[[Measured], str]) -> list[str]:
        return [label, *(cell(run) for run in runs)]

    yield row("arrivals a day", lambda run: f"{len(run.results) / days:.1f}")
    yield row("plugged a day", lambda run: mean(counts(run, days, lambda one: one.plugged_at is not None)))  # fmt: skip
    yield row("needs met a day", lambda run: mean(met[run.name]))
    yield row("… against nobody's", lambda run: ratio(met[run.name], floor, seed))
    yield row("… against no needs", lambda run: ratio(met[run.name], needless, seed))
    yield row("… of the gap to the ideal", lambda run: gap(met[run.name], floor, roof, seed))
    yield row(
        "… of the gap from 2016", lambda run: gap(met[run.name], met.get("2016"), roof, seed)
    )
    yield row("shut out a day", lambda run: mean(counts(run, days, lambda one: one.plugged_at is None)))  # fmt: skip
    yield row("… two visits running, of them", lambda run: percent(twice(run), shut_out(run)))
    yield row("… two visits running, a week", lambda run: f"{5 * twice(run) / days:.1f}")
    yield row(
        "… had heard so; how long before (min)", lambda run: waste.heard_in_time(run.results)
    )
    yield row("waits, median and p90 (min)", waits)
    yield row("moves a plugged car", lambda run: per(sum(one.moved for one in run.results), plugged(run)))  # fmt: skip
    yield row("calls a day", lambda run: said(run, sum(one.calls for one in run.results) / days))
    yield row("… in vain", lambda run: said(run, waste.calls_in_vain(run.results) / days))
    yield row("a port idle between two cars (min)", lambda run: said_words(run, waste.idle(run.results)))  # fmt: skip
    yield row("posts a day, `add` apart", lambda run: said(run, run.posts / days))
    yield row("… answers to `add`", lambda run: said(run, run.adds / days))
    yield row("posts a plugged car; with `add`", posts)
    yield row("DMs a driver and day", lambda run: said(run, run.direct / max(1, len(run.results))))
    yield row("times told", told)
    yield row("… within 20 minutes", near)
    yield row("… off by, median and p90 (min)", off_by)
    yield row("… of them never called", never)
    yield row("hardly told; wrong", hardly)
    yield row("promises made a day", lambda run: word(run, "made", days))
    yield row("… kept, void, broken", promises)
    yield row("… broken, told before their time", lambda run: percent(total(run, "warned"), total(run, "broken")))  # fmt: skip
    yield row("… lead (min), median and least", lead)
    yield row("… made, of needs met in time", made_of_met)
    yield row("checks; disagreements", lambda run: f"{run.checks}; {len(run.broken)}" if run.checks else NONE)  # fmt: skip


# --- by the day -------------------------------------------------------------------------------


def counts(run: Measured, days: int, is_one: Callable[[Result], bool]) -> list[float]:
    found = [0.0] * days
    for result in run.results:
        found[result.day] += is_one(result)
    return found


def met_by_day(run: Measured, days: int) -> list[float]:
    return counts(run, days, lambda one: one.is_met)


def per_day(results: Sequence[Result], days: int) -> list[tuple[float, ...]]:
    """Arrivals, plugged, needs met, shut out, minutes waited, moves, calls: of each day."""
    by_day: dict[int, list[Result]] = defaultdict(list)
    for result in results:
        by_day[result.day].append(result)
    return [
        (
            len(today),
            sum(one.plugged_at is not None for one in today),
            sum(one.is_met for one in today),
            sum(one.plugged_at is None for one in today),
            round(sum((one.waited / MINUTE for one in today if one.waited), 0.0)),
            sum(one.moved for one in today),
            sum(one.calls for one in today),
        )
        for today in (by_day[day] for day in range(days))
    ]


# --- cells ----------------------------------------------------------------------------------------


def mean(values: Sequence[float]) -> str:
    """`13.9 ±0.3`"""
    if len(values) < 2:
        return f"{fmean(values):.1f}"
    half = 1.96 * stdev(values) / len(values) ** 0.5
    return f"{fmean(values):.1f} ±{half:.1f}"


def ratio(ours: Sequence[float], theirs: Sequence[float] | None, seed: int) -> str:
    """`×1.24 (1.21–1.27)`"""
    if theirs is None or not sum(theirs):
        return NONE
    low, high = interval(lambda days: of(ours, days) / max(1.0, of(theirs, days)), len(ours), seed)
    return f"×{sum(ours) / sum(theirs):.2f} ({low:.2f}–{high:.2f})"


def gap(
    ours: Sequence[float], floor: Sequence[float] | None, roof: Sequence[float] | None, seed: int
) -> str:
    """`34 % (30–38)`: of what lies between nobody and the ideal with the same people."""
    if floor is None or roof is None or sum(roof) <= sum(floor):
        return NONE

    def share(days: Sequence[int]) -> float:
        lowest = of(floor, days)
        return 100 * (of(ours, days) - lowest) / max(1.0, of(roof, days) - lowest)

    low, high = interval(share, len(ours), seed)
    return f"{share(range(len(ours))):.0f} % ({low:.0f}–{high:.0f})"


def of(values: Sequence[float], days: Sequence[int]) -> float:
    return sum(values[day] for day in days)


def interval(
    figure: Callable[[Sequence[int]], float], days: int, seed: int
) -> tuple[float, float]:
    """Where the figure lies in 95 of 100 draws of as many days."""
    dice = Random(f"interval {seed}")
    drawn = sorted(figure(dice.choices(range(days), k=days)) for _ in range(DRAWS))
    return drawn[DRAWS * 25 // 1000], drawn[DRAWS * 975 // 1000 - 1]


def plugged(run: Measured) -> int:
    return sum(one.plugged_at is not None for one in run.results)


def shut_out(run: Measured) -> int:
    return len(run.results) - plugged(run)


def twice(run: Measured) -> int:
    """Visits in vain of somebody whose visit before was in vain, too."""
    last: dict[str, bool] = {}
    found = 0
    for one in sorted(run.results, key=lambda one: one.day):
        in_vain = one.plugged_at is None
        found += in_vain and last.get(one.driver, False)
        last[one.driver] = in_vain
    return found


def waits(run: Measured) -> str:
    minutes = [one.waited / MINUTE for one in run.results if one.waited is not None]
    return spread(minutes)


def spread(minutes: Sequence[float]) -> str:
    """`43, 118`"""
    if len(minutes) < 2:
        return NONE
    return f"{median(minutes):.0f}, {quantiles(minutes, n=10, method='inclusive')[-1]:.0f}"


def per(count: float, whole: float) -> str:
    return f"{count / whole:.2f}" if whole else NONE


def percent(count: float, whole: float) -> str:
    return f"{100 * count / whole:.0f} %" if whole else NONE


def said(run: Measured, figure: float) -> str:
    """Only where somebody speaks."""
    return f"{figure:.1f}" if run.checks else NONE


def said_words(run: Measured, cell: str) -> str:
    return cell if run.checks else NONE


def told(run: Measured) -> str:
    return said(run, sum(len(one.told) for one in run.results))


def near(run: Measured) -> str:
    errors = told_errors(run)
    whole = sum(len(one.told) for one in run.results)
    return percent(sum(abs(one) <= NEAR / MINUTE for one in errors), whole)


def off_by(run: Measured) -> str:
    return spread([abs(one) for one in told_errors(run)])


def never(run: Measured) -> str:
    whole = sum(len(one.told) for one in run.results)
    return percent(whole - len(told_errors(run)), whole)


def posts(run: Measured) -> str:
    cars = plugged(run)
    if not run.checks:
        return NONE
    return f"{per(run.posts, cars)}; {per(run.posts + run.adds, cars)}"


def hardly(run: Measured) -> str:
    times = total(run, "hardly")
    return f"{times}; {percent(total(run, 'wrong'), times)}" if run.words else NONE


def lead(run: Measured) -> str:
    """How long before its time who was promised in vain heard that."""
    minutes = [
        (one.by - one.warned_at) / MINUTE
        for one in run.results
        if one.warned_at is not None and not one.is_met
    ]
    return f"{median(minutes):.0f}, {min(minutes):.0f}" if minutes else NONE


def made_of_met(run: Measured) -> str:
    """Of those who had their need by their time: so many had it promised."""
    had = [one for one in run.results if one.is_met]
    return (
        percent(sum(one.promised_at is not None for one in had), len(had)) if run.words else NONE
    )


def total(run: Measured, what: str) -> int:
    return sum(getattr(one, what) for one in run.words)


def word(run: Measured, what: str, days: int) -> str:
    return f"{total(run, what) / days:.1f}" if run.words else NONE


def promises(run: Measured) -> str:
    """`97 %, 12 %, 3 %`: of those that were not void so many were kept; void are of all."""
    made, void, broken = (total(run, what) for what in ("made", "void", "broken"))
    if not made:
        return NONE
    kept = total(run, "kept")
    return (
        f"{percent(kept, kept + broken)}, {percent(void, made)}, {percent(broken, kept + broken)}"
    )


def told_errors(run: Measured) -> list[float]:
    """Minutes from each told time to the next call of whoever was told; nobody counts who was
    never called after it.
    """
    return [
        (next(later) - at) / MINUTE
        for one in run.results
        for heard, at in one.told
        if any(call >= heard for call in one.called)
        for later in [iter(call for call in one.called if call >= heard)]
    ]

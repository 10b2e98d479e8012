"""What is lost between cars: calls in vain, ports that stand idle, and waits in vain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import fmean, median

from .workdays import Result

MINUTE = timedelta(minutes=1)


def calls_in_vain(results: Sequence[Result]) -> int:
    """Calls that didn't lead to a plug: missed, passed on, or withdrawn."""
    return sum(one.calls - (one.calls > 0 and one.plugged_at is not None) for one in results)


def idle_minutes(results: Sequence[Result]) -> list[float]:
    """Of each port that was left while somebody waited who then came: how long it stood free."""
    by_port: dict[object, list[Result]] = defaultdict(list)
    for one in results:
        if one.plugged_at is not None:
            by_port[one.day, one.port].append(one)
    found = []
    for cars in by_port.values():
        cars.sort(key=lambda one: one.plugged_at or one.arrived)
        for before, after in pairwise(cars):
            left, came = before.left_at, after.plugged_at
            if left is not None and came is not None and after.arrived <= left:
                found.append(max(0.0, (came - left) / MINUTE))
    return found


def idle(results: Sequence[Result]) -> str:
    """`7.4`: on average."""
    minutes = idle_minutes(results)
    return f"{fmean(minutes):.1f}" if minutes else "–"


def heard_in_time(results: Sequence[Result]) -> str:
    """`61 %, 143`: of those who went without so many had heard that they hardly would, so many
    minutes before they went home, in the middle.
    """
    without = [one for one in results if one.plugged_at is None and one.left_at is not None]
    spared = [
        (one.left_at - one.hardly_at) / MINUTE
        for one in without
        if one.hardly_at is not None and one.left_at is not None
    ]
    if not spared:
        return "–"
    return f"{100 * len(spared) / len(without):.0f} %, {median(spared):.0f}"

"""What the ports could do at most: cars change places by themselves, without losing a minute.

Whoever has what they need goes at once, if they are of the kind that reacts at all; next comes
who is done soonest of those who can still be done in time, else whoever has been there longest.
It knows everything, and nobody walks. No rule can be better; some may come near.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime, timedelta

from .cast import RATED_KW
from .workdays import Result, WorkDay


def ideal(visits: Iterable[tuple[str, WorkDay]], ports: int, heed: float) -> list[Result]:
    """What becomes of each visit; `heed` 1: everybody reacts."""
    by_day: dict[int, list[tuple[str, WorkDay]]] = {}
    for name, visit in visits:
        by_day.setdefault(visit.day, []).append((name, visit))
    return [one for _, today in sorted(by_day.items()) for one in one_day(today, ports, heed)]


def one_day(today: list[tuple[str, WorkDay]], ports: int, heed: float) -> list[Result]:
    coming = sorted(today, key=lambda one: one[1].arrives, reverse=True)
    waiting: list[tuple[str, WorkDay, Result]] = []
    done: list[Result] = []
    free = ports
    leaving: list[tuple[datetime, int]] = []  # when ports become free
    while coming or (waiting and leaving):
        moments = [coming[-1][1].arrives] if coming else []
        now = min([*moments, *(at for at, _ in leaving[:1])])
        while leaving and leaving[0][0] <= now:
            heapq.heappop(leaving)
            free += 1
        while coming and coming[-1][1].arrives <= now:
            name, visit = coming.pop()
            result = Result(visit.day, name, visit.arrives, visit.need_kwh, visit.by)
            done.append(result)
            waiting.append((name, visit, result))
        waiting = [one for one in waiting if one[1].home > now]
        while free and waiting:
            chosen = min(waiting, key=lambda one: urgency(one[1], now))
            waiting.remove(chosen)
            free -= 1
            heapq.heappush(leaving, (plug(chosen[1], chosen[2], now, heed), len(done)))
    return done


def urgency(visit: WorkDay, now: datetime) -> tuple[bool, timedelta]:
    length = lasts(visit)
    in_time = now + length <= visit.by
    return (not in_time, length if in_time else visit.arrives - now)


def lasts(visit: WorkDay) -> timedelta:
    """How long until the need is met; over the last of a fill it takes longer."""
    straight = min(visit.need_kwh, 0.85 * visit.fill_kwh)
    return timedelta(hours=straight / RATED_KW + (visit.need_kwh - straight) / (0.5 * RATED_KW))


def plug(visit: WorkDay, result: Result, now: datetime, heed: float) -> datetime:
    """Note what happens; when the port is free again."""
    met_at = now + lasts(visit)
    result.plugged_at = now
    result.waited = now - visit.arrives or None
    result.met_at = met_at if met_at <= visit.leaves else None
    reacts = visit.dice.fixed("heed") < heed
    result.left_at = min(met_at, visit.leaves) if reacts else visit.leaves
    result.moved = reacts and met_at < visit.leaves
    return result.left_at

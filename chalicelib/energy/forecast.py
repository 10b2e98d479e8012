"""What the ports and the line will do: one pure function of plain values (rule 32).

Seconds from now throughout. A car leaves some minutes after (or before) the end of its stay:
how many, the site has seen; one that is 20 minutes past it without a word counts as gone for
the day. Then the next in line plugs in after the site's own time from unplug to plug, stays
as long as they need, and leaves as late as people do here.

What will happen is uncertain, so it is played a hundred times, each with other draws, which
are the same each time they are asked for: the function stays a function.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from heapq import heapify, heapreplace
from math import inf
from statistics import median

from chalicelib.values import dataclass

from .sampler import draws

FUTURES = 100  # for a promise …
GLANCES = 40  # … and for a time that is told: half the cost, and five minutes is its grain
SURE = 0.95  # of the futures: a promise (rule 33)
GONE = 20 * 60.0  # past the end without a word: gone for the day
WITHIN = 20 * 60.0  # a time is told where most futures agree so closely …
MOST = 0.6  # … so many of them
EARLY = 0.05  # an outlook is the time of the earliest futures …
BRISK = 0.6  # … in which those ahead stay only so much of what they need
_DRAWS = 48  # columns; a longer line uses them again

MINUTE = 60.0
USUAL_LATE = tuple(
    m * MINUTE for m in (-20, -6, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 40, 90, 90, 90)
)
USUAL_TURN = tuple(m * MINUTE for m in (3, 4, 5, 6, 7, 8, 9, 10, 12, 20))
ENOUGH = 12  # of the site's own figures, before they count alone


@dataclass(frozen=True, slots=True)
class Pace:
    """How this site's people are: seconds, sorted. `late`: from a stay's end to the unplugging
    (`GONE` and beyond: they stayed); `turn`: from one car's unplugging to the next one's plug.
    """

    late: tuple[float, ...] = USUAL_LATE
    turn: tuple[float, ...] = USUAL_TURN


def pace_of(late_minutes: Sequence[int], turn_minutes: Sequence[int]) -> Pace:
    """The pace from what was seen last; where that is little, with what is usual anywhere."""
    return Pace(_mixed(late_minutes, USUAL_LATE), _mixed(turn_minutes, USUAL_TURN))


def _mixed(minutes: Sequence[int], usual: tuple[float, ...]) -> tuple[float, ...]:
    own = [m * MINUTE for m in minutes]
    return tuple(sorted(own if len(own) >= ENOUGH else [*own, *usual]))


@dataclass(frozen=True, slots=True)
class Ahead:
    """One port: seconds to the end of its stay (0: free now; None: no sight, closed, or gone
    for the day), and whether its driver said that they are moving.
    """

    end: float | None
    said: bool = False
    free: bool = False


def departures(port: Ahead, pace: Pace) -> tuple[float, ...]:
    """When its car may have left, each as likely, the earliest first; infinity: not today.

    An `end` that is past: of those who were that late, only who left later counts. Who `said`
    that they are moving comes, within ten minutes.
    """
    end = port.end
    if port.free:
        return (0.0,)
    if end is None:
        return (inf,)
    if port.said:
        return tuple(max(0.0, end) + minute * MINUTE for minute in range(10))
    first = bisect_right(pace.late, -end) if end < 0 else 0
    if end <= -GONE or first == len(pace.late):
        return (inf,)
    return tuple(inf if late >= GONE else max(0.0, end + late) for late in pace.late[first:])


def futures(
    ports: Sequence[Ahead],
    stays: Sequence[float],
    pace: Pace,
    until: float,
    count: int = FUTURES,
) -> list[list[float]]:
    """For each future, when each in line is called: infinity where that isn't by `until`.

    `stays`: how long each of the line will need a port, in the order in which they'd be
    called.
    """
    leaving = [departures(port, pace) for port in ports]
    return [_future(leaving, stays, pace, until, row) for row in draws(count, _DRAWS)]


def _future(
    leaving: Sequence[Sequence[float]],
    stays: Sequence[float],
    pace: Pace,
    until: float,
    row: tuple[float, ...],
) -> list[float]:
    late, turn = pace.late, pace.turn
    lates, turns, width = len(late), len(turn), len(row)
    heap = [ways[int(row[n % width] * len(ways))] for n, ways in enumerate(leaving)]
    if not heap:
        return [inf] * len(stays)
    heapify(heap)
    called = []
    column = len(leaving)
    for stay in stays:
        at = heap[0]
        called.append(at if at < until else inf)
        lateness = late[int(row[column % width] * lates)]
        takes = turn[int(row[(column + 1) % width] * turns)]
        column += 2
        gone = lateness >= GONE
        heapreplace(heap, inf if gone else at + takes + max(0.0, stay + lateness))
    return called


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said to one who waits. At most one of them is set.

    `at`: called at about then. `not_before`: then at the earliest. `hardly`: not today, as it
    looks. None of them: a car that is past its end stands in the way, or nothing can be seen.
    """

    at: float | None = None
    not_before: float | None = None
    hardly: bool = False


def outlooks(
    ports: Sequence[Ahead],
    stays: Sequence[float],
    pace: Pace,
    until: float,
    first: int = 0,
    passable: Collection[int] = (),
) -> list[Outlook]:
    """What to say to each of the line from `first` on, in the order in which they'd be called.

    Who is no further back than the ports that will turn over has a time, if most futures
    agree on it; but none behind a car that is past its end, and none at a place at which
    somebody who comes later would be called before (`passable`). The others hear the earliest.
    """
    turning = [one for one in ports if not one.free and one.end is not None and one.end > -GONE]
    free = sum(one.free for one in ports)
    if not turning and not free:
        return [Outlook() for _ in stays[first:]]
    overdue = sum(one.end is not None and one.end <= 0 and not one.said for one in turning)
    near = min(len(stays), len(turning) + free)
    rows = futures(ports, stays[:near], pace, until, GLANCES) if first < near else []
    early = earliest(ports, stays, pace)
    told = []
    for place in range(first, len(stays)):
        firm = place < near and place not in passable
        at = agreed([row[place] for row in rows]) if firm else None
        if free <= place < free + overdue:
            told.append(Outlook())
        elif at is not None:
            told.append(Outlook(at=at))
        elif early[place] >= until:
            told.append(Outlook(hardly=True))
        else:
            told.append(Outlook(not_before=early[place]))
    return told


def outlook(
    place: int,
    ports: Sequence[Ahead],
    stays: Sequence[float],
    pace: Pace,
    until: float,
    passable: Collection[int] = (),
) -> Outlook:
    """What to say to who stands at `place` (0: first)."""
    return outlooks(ports, stays[: place + 1], pace, until, place, passable)[0]


def hopeless(
    ports: Sequence[Ahead], stays: Sequence[float], pace: Pace, until: float
) -> list[int]:
    """The places of those who will hardly be called by `until`: what `outlooks` says of them,
    without playing futures for the others.
    """
    turning = [one for one in ports if one.free or (one.end is not None and one.end > -GONE)]
    if not turning:
        return []
    free = sum(one.free for one in turning)
    overdue = sum(one.end is not None and one.end <= 0 and not one.said for one in turning) - free
    early = earliest(ports, stays, pace)
    behind = range(free, free + overdue)
    return [place for place, at in enumerate(early) if at >= until and place not in behind]


def agreed(times: Sequence[float]) -> float | None:
    """The time on which most futures agree; None: they don't."""
    middle = median(times)
    if middle == inf:
        return None
    near = sum(abs(at - middle) <= WITHIN for at in times)
    return middle if near >= MOST * len(times) else None


def earliest(ports: Sequence[Ahead], stays: Sequence[float], pace: Pace) -> list[float]:
    """When each could be called at the earliest: everybody leaves in time and is quick."""
    brisk = pace.late[int(EARLY * len(pace.late))]
    turn = pace.turn[int(EARLY * len(pace.turn))]
    heap = [0.0 for one in ports if one.free]
    ends = (one.end for one in ports if not one.free)
    heap += [max(0.0, end + min(0.0, brisk)) for end in ends if end is not None and end > -GONE]
    if not heap:
        return [inf] * len(stays)
    heapify(heap)
    return [heapreplace(heap, heap[0] + turn + stay * BRISK) for stay in stays]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A need of who stands at `place`: `needs` seconds on a port, by then."""

    place: int
    by: float
    needs: float


def chances(
    wanted: Sequence[Wanted], ports: Sequence[Ahead], stays: Sequence[float], pace: Pace
) -> list[float]:
    """In how many of the futures (0 to 1) each has their need by their time. They are played
    only as far back as somebody may still be in time.
    """
    first = soonest(ports, stays, pace)
    latest = [one.by - one.needs for one in wanted]
    open_still = [n for n, one in enumerate(wanted) if first[one.place] <= latest[n]]
    far = max((wanted[n].place for n in open_still), default=-1)
    turn, turns = pace.turn, len(pace.turn)
    kept = [0] * len(wanted)
    leaving, near = [departures(port, pace) for port in ports], stays[: far + 1]
    for row in draws(FUTURES, _DRAWS) if open_still else ():
        called = _future(leaving, near, pace, inf, row)
        for n in open_still:
            place = wanted[n].place
            column = (len(ports) + 2 * place + 1) % _DRAWS
            kept[n] += called[place] + turn[int(row[column] * turns)] <= latest[n]
    return [number / FUTURES for number in kept]


def soonest(ports: Sequence[Ahead], stays: Sequence[float], pace: Pace) -> list[float]:
    """Before when nobody is plugged in, in any future: all who leave are as early, and all who
    come as quick, as any was seen to be.
    """
    early, turn = pace.late[0], pace.turn[0]
    heap = [0.0 for port in ports if port.free]
    heap += [
        max(0.0, port.end + (0.0 if port.said else early))
        for port in ports
        if not port.free and port.end is not None and (port.said or port.end > -GONE)
    ]
    if not heap:
        return [inf] * len(stays)
    heapify(heap)
    return [heapreplace(heap, heap[0] + turn + max(0.0, stay + early)) + turn for stay in stays]


def chance(
    place: int,
    by: float,
    ports: Sequence[Ahead],
    stays: Sequence[float],
    pace: Pace,
    *,
    needs: float,
) -> float:
    """The same of one."""
    return chances([Wanted(place, by, needs)], ports, stays, pace)[0] if by > needs else 0.0

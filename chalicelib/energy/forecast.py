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
from collections.abc import Sequence
from heapq import heapify, heapreplace
from math import inf
from statistics import median

from chalicelib.values import dataclass, replace

from .pace import GONE, MINUTE, Pace, quantile
from .sampler import draws

FUTURES = 100  # for a promise …
GLANCES = 40  # … and for a time that is told: half the cost, and five minutes is its grain
HUNCHES = 20  # … and for "hardly": for all who stand far back
HARDLY = 0.05  # of those: called all the same
SURE = 0.95  # of the futures: a promise (rule 33)
WITHIN = 20 * 60.0  # a time is told where most futures agree so closely …
MOST = 0.7  # … so many of them
EARLY = 0.05  # an outlook is the time of the earliest futures …
QUARTER = 0.25  # … in which who said nothing goes as early as every fourth does …
BRISK = 0.6  # … and those ahead stay only so much of what they need
_DRAWS = 48  # columns; a longer line uses them again


@dataclass(frozen=True, slots=True)
class Ahead:
    """One port: seconds to the end of its stay (0: free now; None: no sight, closed, or gone
    for the day), and whether its driver said that they are moving. `by`: when they drive on, as
    they said. `guess`: they said nothing of their need; when they were guessed to go. `lapses`:
    nobody is there yet; when the call ends, if it isn't answered.
    """

    end: float | None
    said: bool = False
    free: bool = False
    by: float = inf
    guess: float | None = None
    lapses: float | None = None


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
    if port.lapses is not None:
        stay = departures(replace(port, lapses=None), pace)
        return (*stay, *[max(0.0, port.lapses)] * round(len(stay) * pace.odds_missed()))
    if port.guess is not None and -port.guess < pace.unsaid[-1]:
        guess = port.guess
        return tuple(guess + late for late in pace.unsaid[bisect_right(pace.unsaid, -guess) :])
    lates = pace.late[bisect_right(pace.late, -end) if end < 0 else 0 :]
    if port.by > 0:
        return tuple(min(port.by, max(0.0, end + late)) for late in lates) or (port.by,)
    return tuple(max(0.0, end + late) for late in lates) or (inf,)


@dataclass(frozen=True, slots=True)
class Waits:
    """One of the line: so many seconds on a port they need, `by` then. Called after `latest`
    they stand back for others, for they can't have it any more. `barred`: ports, by number, that
    their car can't use; `passable`: somebody who isn't in line yet may be called before them;
    `guess`: what they need is a guess.
    """

    needs: float
    latest: float = inf
    by: float = inf
    barred: frozenset[int] = frozenset()
    passable: bool = False
    guess: bool = False


def futures(
    ports: Sequence[Ahead],
    line: Sequence[Waits],
    pace: Pace,
    until: float,
    count: int = FUTURES,
) -> list[list[float]]:
    """For each future, when each in line is called: infinity where that isn't by `until`.

    `line` is in the order in which they'd be called.
    """
    leaving = [departures(port, pace) for port in ports]
    apart = any(one.barred for one in line)
    return [_future(leaving, line, pace, until, row, apart) for row in draws(count, _DRAWS)]


def _future(
    leaving: Sequence[Sequence[float]],
    line: Sequence[Waits],
    pace: Pace,
    until: float,
    row: tuple[float, ...],
    apart: bool,
) -> list[float]:
    """`apart`: not everybody's car can use every port."""
    width, missed, turn = len(row), pace.missed, pace.turn
    come = len(turn) / (1 - missed)
    free = Free([ways[int(row[n % width] * len(ways))] for n, ways in enumerate(leaving)], apart)
    called: list[float] = []
    column = len(leaving)
    for one in line:
        at = free.first_for(one)
        if at >= until and not apart:  # nor is anybody after them
            return called + [inf] * (len(line) - len(called))
        called.append(at if at < until else inf)
        if at <= one.latest and at < inf:
            comes = row[(column + 1) % width] - missed
            if comes < 0:
                free.take(one, at + pace.answer)
            else:
                late = pace.unsaid if one.guess else pace.late
                lateness = late[int(row[column % width] * len(late))]
                plugs = at + turn[int(comes * come)]
                free.take(one, min(plugs + max(0.0, one.needs + lateness), max(one.by, plugs)))
        column += 2
    return called


class Free:
    """When each port is free next. A heap, as long as everybody's car can use every port."""

    def __init__(self, times: list[float], apart: bool) -> None:
        self._times = times
        self._told_apart = apart
        if not self._told_apart:
            heapify(times)

    def first_for(self, one: Waits) -> float:
        """When the first that their car can use is."""
        if not self._told_apart:
            return self._times[0] if self._times else inf
        usable = (at for port, at in enumerate(self._times) if port not in one.barred)
        return min(usable, default=inf)

    def take(self, one: Waits, until: float) -> None:
        """They have it until then."""
        if not self._told_apart:
            heapreplace(self._times, until)
            return
        usable = (port for port in range(len(self._times)) if port not in one.barred)
        self._times[min(usable, key=self._times.__getitem__)] = until


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
    ports: Sequence[Ahead], line: Sequence[Waits], pace: Pace, until: float, first: int = 0
) -> list[Outlook]:
    """What to say to each of the line from `first` on, in the order in which they'd be called.

    Who is no further back than the ports that will turn over has a time, if most futures
    agree on it; but none behind a car that is past its end, and none where somebody who comes
    later would be called before. The others hear the earliest.
    """
    turning = [one for one in ports if not one.free and one.end is not None and one.end > -GONE]
    free = sum(one.free for one in ports)
    if not turning and not free:
        return [Outlook() for _ in line[first:]]
    overdue = sum(one.end is not None and one.end <= 0 and not one.said for one in turning)
    near = min(len(line), len(turning) + free)
    rows = futures(ports, line[:near], pace.firm(), until, GLANCES) if first < near else []
    early = earliest(ports, line, pace)
    late = _hopeless(ports, line, pace, until, first, early)
    told = []
    for place in range(first, len(line)):
        at = agreed([row[place] for row in rows]) if place < near else None
        if free <= place < free + overdue:
            told.append(Outlook())
        elif at is not None and not line[place].passable and at <= line[place].latest:
            told.append(Outlook(at=at))
        elif place in late:
            told.append(Outlook(hardly=True))
        else:
            told.append(Outlook(not_before=early[place]))
    return told


def outlook(
    place: int, ports: Sequence[Ahead], line: Sequence[Waits], pace: Pace, until: float
) -> Outlook:
    """What to say to who stands at `place` (0: first)."""
    return outlooks(ports, line[: place + 1], pace, until, place)[0]


def hopeless(ports: Sequence[Ahead], line: Sequence[Waits], pace: Pace, until: float) -> list[int]:
    """The places of those who will hardly be called while it is of use to them."""
    return _hopeless(ports, line, pace, until, 0, earliest(ports, line, pace))


def _hopeless(
    ports: Sequence[Ahead],
    line: Sequence[Waits],
    pace: Pace,
    until: float,
    first: int,
    early: Sequence[float],
) -> list[int]:
    """The same, from `first` on.

    Two bounds are cheap: as if everybody ahead stood back whom the earliest futures are too late
    for, and as if nobody did. Futures are played only for who lies between the two.
    """
    turning = [one for one in ports if one.free or (one.end is not None and one.end > -GONE)]
    if not turning:
        return []
    free = sum(one.free for one in turning)
    past = (one for one in turning if not one.free and not one.said)
    overdue = sum(one.end is not None and one.end <= 0 for one in past)
    behind = range(free, free + overdue)
    patient = early
    if any(one.latest < inf for one in line):
        patient = earliest(
            ports, [Waits(one.needs, barred=one.barred, guess=one.guess) for one in line], pace
        )
    places = [place for place in range(first, len(line)) if place not in behind]
    ends = {place: min(until, line[place].by) for place in places}
    sure = [place for place in places if early[place] >= ends[place]]
    open_still = [one for one in places if early[one] < ends[one] <= patient[one]]
    if open_still:
        rows = futures(ports, line[: open_still[-1] + 1], pace, inf, HUNCHES)
        sure += [
            place
            for place in open_still
            if sum(row[place] < ends[place] for row in rows) <= HARDLY * HUNCHES
        ]
    return sorted(sure)


def agreed(times: Sequence[float]) -> float | None:
    """The time on which most futures agree; None: they don't."""
    middle = median(times)
    if middle == inf:
        return None
    near = sum(abs(at - middle) <= WITHIN for at in times)
    return middle if near >= MOST * len(times) else None


def earliest(ports: Sequence[Ahead], line: Sequence[Waits], pace: Pace) -> list[float]:
    """When each could be called at the earliest: everybody leaves in time and is quick."""
    brisk = min(0.0, quantile(pace.late, EARLY))
    guessed = quantile(pace.unsaid, QUARTER)
    turn = quantile(pace.turn, EARLY)
    return _in_turn(
        [leaves_first(port, brisk, quantile(pace.unsaid, EARLY), pace) for port in ports],
        line,
        [turn + max(0.0, one.needs + guessed if one.guess else one.needs * BRISK) for one in line],
    )


def leaves_first(port: Ahead, early: float, guessed: float, pace: Pace) -> float:
    """When its port is free at the earliest, if people leave so early before their end, or
    before they were guessed to.
    """
    if port.free or port.end is None or port.said or port.end <= -GONE:
        return departures(port, pace)[0]
    if port.guess is not None:
        return max(0.0, min(port.end, port.guess + guessed))
    return max(0.0, port.end + early)


def _in_turn(times: list[float], line: Sequence[Waits], takes: Sequence[float]) -> list[float]:
    """When each is called, if each has a port for so long."""
    if not times:
        return [inf for _ in line]
    if not any(one.barred or one.latest < inf for one in line):
        heapify(times)
        return [heapreplace(times, times[0] + long) for long in takes]
    free = Free(times, any(one.barred for one in line))
    called: list[float] = []
    for one, long in zip(line, takes, strict=True):
        at = free.first_for(one)
        called.append(at)
        if at <= one.latest and at < inf:
            free.take(one, at + long)
    return called


@dataclass(frozen=True, slots=True)
class Wanted:
    """A need of who stands at `place`: `needs` seconds on a port, by then."""

    place: int
    by: float
    needs: float


def chances(
    wanted: Sequence[Wanted], ports: Sequence[Ahead], line: Sequence[Waits], pace: Pace
) -> list[float]:
    """In how many of the futures (0 to 1) each has their need by their time. They are played
    only as far back as somebody may still be in time.
    """
    pace = pace.firm()
    first = soonest(ports, line, pace)
    latest = [one.by - one.needs for one in wanted]
    open_still = [n for n, one in enumerate(wanted) if first[one.place] <= latest[n]]
    far = max((wanted[n].place for n in open_still), default=-1)
    kept = [0] * len(wanted)
    leaving, near = [departures(port, pace) for port in ports], line[: far + 1]
    apart = any(one.barred for one in near)
    until = max((latest[n] for n in open_still), default=0.0) + 1.0  # later is of no use
    for row in draws(FUTURES, _DRAWS) if open_still else ():
        called = _future(leaving, near, pace, until, row, apart)
        for n in open_still:
            place = wanted[n].place
            column = (len(ports) + 2 * place + 1) % _DRAWS
            takes = pace.turn_of(row[column])  # who misses a call breaks no promise
            kept[n] += called[place] + (takes or 0.0) <= latest[n]
    return [number / FUTURES for number in kept]


def soonest(ports: Sequence[Ahead], line: Sequence[Waits], pace: Pace) -> list[float]:
    """Before when hardly anybody is plugged in, in any future: all who leave are as early, and
    all who come as quick, as any was seen to be.
    """
    early, guessed, turn = pace.late[0], pace.unsaid[0], pace.turn[0]
    times = [leaves_first(port, early, guessed, pace) for port in ports]
    takes = [turn + max(0.0, one.needs + (guessed if one.guess else early)) for one in line]
    return [at + turn for at in _in_turn(times, line, takes)]

"""Who comes on which day, how much their cars take, and what they need."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time as clock_time, timedelta
from statistics import NormalDist

from practice.common.people import DRIVERS

from .behaviour import Dice
from .days import at
from .sessions import Session, Sessions
from .workdays import Commuter, WorkDay

DIFFERENT = 20  # days of the file
GOES_HOME, SPREAD, LATEST = clock_time(17, 15), timedelta(minutes=50), clock_time(18, 45)
STAYS = timedelta(hours=1)  # at work, at least
NOT_WORTH_IT = timedelta(minutes=30)  # before they drive home nobody waits for a port
LEAST_FILL, MOST_FILL = 1.5, 60.0  # kWh
RATED_KW = 6.6
MIX = (0.3, 0.4, 0.6, 1.0)  # of a fill: what people may need


@dataclass(frozen=True, slots=True)
class Wants:
    """`need_share` None: each of `MIX` by turns. `energy`: how many times the data's kWh.
    `different`: so many of the file's busiest days, then they come again, with other dice.
    """

    need_share: float | None = 0.4
    energy: float = 3.0
    different: int = DIFFERENT


def commuters(found: Sessions, days: int, drivers: int, seed: int, wants: Wants) -> list[Commuter]:
    """The people of so many working days, each with their visits: at most one a day. A user of
    the file is the same driver on all days, unless that one came already.
    """
    different = list(found.busiest(min(days, wants.different)).values())
    usual: dict[str, int] = {}
    visits: dict[int, list[WorkDay]] = defaultdict(list)
    for day in range(days):
        sessions = different[day % len(different)]
        for place, number in assigned(sessions, drivers, usual, f"{seed}/{day}"):
            dice = Dice(f"{seed}/{day}/{place}")
            visits[number].append(work_day(day, sessions[place], dice, wants))
    return [Commuter(DRIVERS[number], deque(visits[number])) for number in range(drivers)]


def assigned(
    sessions: Sequence[Session], drivers: int, usual: dict[str, int], seed: str
) -> list[tuple[int, int]]:
    """(session, driver) of one day. More sessions than drivers: some stay away, by the dice."""
    dice, taken, found = Dice(seed), set[int](), []
    order = sorted(range(len(sessions)), key=lambda place: dice.fixed(f"order {place}"))
    for place in sorted(order[:drivers]):
        user = sessions[place].user
        number = usual.setdefault(user, len(usual) % drivers)
        if number in taken:
            number = next(one for one in range(drivers) if one not in taken)
        taken.add(number)
        found.append((place, number))
    return found


def work_day(day: int, session: Session, dice: Dice, wants: Wants) -> WorkDay:
    arrives = at(day, session.begins.time())
    late = NormalDist(0, 1).inv_cdf(min(max(dice.fixed("home"), 0.001), 0.999))
    leaves = min(max(at(day, GOES_HOME) + late * SPREAD, arrives + STAYS), at(day, LATEST))
    fill = min(max(kwh_of(session) * wants.energy, session.need or 0, LEAST_FILL), MOST_FILL)
    share = wants.need_share
    if share is None:
        share = MIX[int(dice.fixed("share") * len(MIX))]
    need = min(session.need, fill) if session.need is not None else fill * share
    by = leaves
    soonest = arrives + 1.5 * timedelta(hours=need / RATED_KW)
    if dice.fixed("errand") < 0.25 and soonest < leaves:  # half of them have to leave earlier
        by = soonest + (leaves - soonest) * dice.fixed("by")
    return WorkDay(
        arrives, session.length, leaves - NOT_WORTH_IT, dice,
        day=day, fill_kwh=fill, need_kwh=need, by=by, leaves=leaves,
    )  # fmt: skip


def kwh_of(session: Session) -> float:
    """The file's figure, else what a port gives in the time that it charged."""
    if session.kwh is not None:
        return session.kwh
    return RATED_KW * ((session.charging or session.length) / timedelta(hours=1)) / 3

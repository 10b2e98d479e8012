"""How the people of a site are: how late they leave, how soon they come, how often they don't.

From the site's own record: a few figures of the last stays and calls, with no names. The older
ones are forgotten. Seconds throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from chalicelib.values import dataclass, replace

GONE = 20 * 60.0  # past the end without a word: gone for the day
MINUTE = 60.0
USUAL_LATE = tuple(
    m * MINUTE for m in (-20, -6, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 40, 120, 210, 300)
)
USUAL_UNSAID = tuple(
    m * MINUTE for m in (-120, -90, -60, -30, -10, 0, 1, 2, 4, 6, 9, 12, 16, 60, 150, 300)
)
USUAL_TURN = tuple(m * MINUTE for m in (3, 4, 5, 6, 7, 8, 9, 10, 12, 20))
USUAL_MISSED, MOST_MISSED = 0.1, 0.5  # of all calls
ENOUGH = 12  # of the site's own figures, before they count alone


@dataclass(frozen=True, slots=True)
class Pace:
    """How this site's people are: seconds, sorted. `late`: from a stay's end to the unplugging
    (`GONE` and beyond: they stayed); `turn`: from one car's unplugging to the next one's plug;
    `unsaid`: of those who said nothing when they plugged in, from when they were guessed to go
    to when they went, or said they'd be done; `missed`: the share of calls that nobody answers, for `answer` seconds.
    """

    late: tuple[float, ...] = USUAL_LATE
    turn: tuple[float, ...] = USUAL_TURN
    unsaid: tuple[float, ...] = USUAL_UNSAID
    missed: float = USUAL_MISSED
    answer: float = 15 * MINUTE

    def firm(self) -> Pace:
        """The same, but who stays stays for the day: nobody else's plans hang on when they go."""
        late = tuple(late if late < GONE else inf for late in self.late)
        return replace(self, late=late)

    def odds_missed(self) -> float:
        """Missed calls, for each that is answered."""
        return self.missed / (1 - self.missed)

    def turn_of(self, draw: float) -> float | None:
        """How long until the next one's plug; None: the call is missed."""
        if draw < self.missed:
            return None
        return self.turn[int((draw - self.missed) / (1 - self.missed) * len(self.turn))]


def pace_of(
    late_minutes: Sequence[int],
    turn_minutes: Sequence[int],
    unsaid_minutes: Sequence[int] = (),
    calls: Sequence[int] = (),
    answer: float = 15 * MINUTE,
) -> Pace:
    """The pace from what was seen last; where that is little, with what is usual anywhere.
    `calls`: of the last, 1 for each that was missed.
    """
    missed = sum(calls) + USUAL_MISSED * ENOUGH
    return Pace(
        _mixed(late_minutes, USUAL_LATE),
        _mixed(turn_minutes, USUAL_TURN),
        _mixed(unsaid_minutes, USUAL_UNSAID),
        min(MOST_MISSED, missed / (len(calls) + ENOUGH)),
        answer,
    )


def _mixed(minutes: Sequence[int], usual: tuple[float, ...]) -> tuple[float, ...]:
    own = [m * MINUTE for m in minutes]
    return tuple(sorted(own if len(own) >= ENOUGH else [*own, *usual]))


def quantile(times: Sequence[float], share: float) -> float:
    return times[int(share * len(times))]

"""Days played in one process: from one thing that happens straight to the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date, datetime, time as clock_time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.core.model import Site
from practice.common.posts import Post
from practice.world import MONDAY, TIMEZONE

from .agreement import Agreement
from .behaviour import Crowd
from .inside import Inside

ZONE = ZoneInfo(TIMEZONE)
POLL = timedelta(seconds=60)  # as in real life
EARLY = timedelta(minutes=5)  # before the first car
MORNING, HOME, NIGHT = clock_time(5, 30), clock_time(18, 30), clock_time(20, 10)


class Days:
    """One run of days. `watching` is told of each moment; `agreement` and
    `crowd.tally` hold what came of it.
    """

    def __init__(self, here: Inside, crowd: Crowd) -> None:
        self.crowd = crowd
        self.agreement = Agreement(here, crowd, POLL)
        self.lost_sight = 0
        self.watching: Callable[[datetime], object] = lambda _now: None
        self.violations: list[str] = []  # nobody here to forbid anything
        self._here = here
        self._heard: deque[Post] = deque()
        here.slack.heard = self._heard.append

    def run(self) -> None:
        """Until everybody has gone, and nothing is left to say or to agree on."""
        self._here.look()
        while True:
            site = self._happen()
            next_at = self.crowd.next_at
            if next_at is None and not (site.queue or site.outbox or self.agreement.undecided):
                return
            now = self._here.clock.now()
            self.watching(now)
            if not is_day(now) and next_at is not None and self._skip_night(now, next_at):
                continue
            due = self._here.next_at
            self._here.clock.set(due if next_at is None else min(due, next_at))

    def _happen(self) -> Site:
        """Everything that is due now: first what people do, then what the concierge does."""
        while self.crowd.act():
            self._here.settle()
            self._take_in()
        self._here.turn()
        return self._take_in()

    def _take_in(self) -> Site:
        """Hear what was said, and compare."""
        site = self._here.site()
        while self._heard:
            post = self._heard.popleft()
            self.lost_sight += "haven't seen the chargers since" in post["text"]
            self.crowd.tally.hear(post)
            self.agreement.hear(post)
            self.crowd.hear(post)
            self._here.settle()
        self.agreement.check(site)
        return site

    def _skip_night(self, now: datetime, next_at: datetime) -> bool:
        """To the next morning, or whatever comes before it."""
        to = min(morning_after(now), next_at) - POLL
        if to - now < POLL:
            return False
        self._here.leap(to)
        return True


def at(day: int, moment: clock_time) -> datetime:
    """That time of the n-th working day since the Monday on which practice begins."""
    calendar = MONDAY.date() + timedelta(days=day // 5 * 7 + day % 5)
    return datetime.combine(calendar, moment, ZONE)


def is_day(moment: datetime) -> bool:
    """Worth playing through."""
    here = moment.astimezone(ZONE)
    return here.weekday() < 5 and MORNING <= here.time() < NIGHT


def morning_after(moment: datetime) -> datetime:
    """The next working morning."""
    here = moment.astimezone(ZONE)
    day: date = here.date() + timedelta(days=here.time() >= MORNING)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, ZONE)

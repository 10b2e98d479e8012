"""When to look: each poll, where the core asks for it, and at once after a hint.

Sites are looked at beside each other: one whose network is slow holds up nobody else.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chalicelib.concierge import Concierge
from chalicelib.core.model import Site, Status
from chalicelib.edges import (
    Busy,
    Clock,
    FaultLog,
    NetworkUnavailable,
    NewerFormat,
    StoreUnavailable,
    UnknownSite,
)

from .workers import Workers

log = logging.getLogger(__name__)

WORKERS = 8  # sites at once
TOGETHER = 2.0  # real seconds at most that a turn waits for what it began
EVER = datetime.min.replace(tzinfo=UTC)
UNDERWAY = datetime.max.replace(tzinfo=UTC)  # instead of when a look is due: it is being done
LONGEST_WAIT = 0.5  # real seconds between two glances at what is due
PAID_GLANCE = 5.0  # the same where each glance is paid for
AGILE = 0.02  # the same on a fast practice clock, which may leap and change its speed meanwhile
RETRY = timedelta(seconds=5)  # of a look that our own trouble prevented
OUTAGE = timedelta(seconds=10)  # between two looks at a network that doesn't answer
RELIST = timedelta(minutes=1)  # how often new sites are noticed
ALARMS = timedelta(minutes=15)  # how often the network is asked what is broken
QUICKEST = timedelta(seconds=15)  # between two polls while the feed is lost
GAP = timedelta(seconds=2)  # between two looks that hints ask for: a burst costs one
PATIENCE = 5.0  # real seconds that others wait for a look
EVERYWHERE = ""  # instead of a station's id
MOST_HINTS = 1000  # stations; more are as good as everywhere


Task = Callable[[], object]
Tasks = defaultdict[str, list[Task]]  # by site, in order


class StationPoller:
    """Looks at every site's chargers: each `poll`, and earlier where there is a reason.

    `changed` is told how many cars came or went between two looks at a site. `leads` is
    asked before each look: a turn may last longer than the right to look. `glance` is
    how many real seconds lie at least between two glances at what is due, for orders.
    `hears` is asked whether events are heard, where they should be: while they aren't,
    polls come twice as often.

    What is done for a site is done in one go, by one of a few threads: orders, the look, names,
    alarms. The poller's own fields are changed under its lock, or by the thread that turns.
    """

    def __init__(self, concierge: Concierge, poll: timedelta, glance: float = 0.0) -> None:
        self.wakeup = threading.Event()
        self.changed: Callable[[int], None] = lambda _changes: None
        self.leads: Callable[[], bool] = lambda: True
        self.hears: Callable[[], bool] = lambda: True
        self.keep: Callable[[Site], None] = lambda _site: None  # told of each look
        self._concierge = concierge
        self._poll = poll
        self._glance = glance
        self._glanced_at = -glance
        self._due: dict[str, datetime] = {}
        self._heeded_at: dict[str, datetime] = {}  # the last look that a hint asked for
        self._seen: dict[str, dict[str, Status]] = {}
        self._hinted: set[str] = set()
        self._lock = threading.Lock()  # of `_hinted` and `_due`
        self._listed_at: datetime | None = None
        self._again_at: dict[str, datetime] = {}
        self._alarms_at: dict[str, datetime] = {}
        self._awaited = threading.Event()
        self._faults = FaultLog(log)
        self._workers = Workers(WORKERS, self.wakeup.set)

    def look_first(self, patience: float = PATIENCE) -> None:
        """Have a turn of looks at everything from now on; wait for it, but not for ever.

        Called from another thread, before it does what the time of day says.
        """
        self._awaited.set()
        self.look_everywhere()
        give_up = time.monotonic() + patience
        while self._awaited.is_set() and time.monotonic() < give_up:
            time.sleep(AGILE)

    def hint(self, station: str) -> None:
        """Something happened at a station: look at its sites soon. Called from any thread."""
        with self._lock:
            self._hinted.add(station if len(self._hinted) < MOST_HINTS else EVERYWHERE)
        self.wakeup.set()

    def look_everywhere(self) -> None:
        """Anything may have happened. Called from any thread."""
        self.hint(EVERYWHERE)

    def turn(self) -> float:
        """Begin what is due, and wait for it a little; real seconds until something will be due."""
        self.wakeup.clear()
        self._workers.check()
        is_awaited = self._awaited.is_set()
        clock = self._concierge.clock
        began = clock.now()
        is_news = self._list(began)
        self._heed(began)
        tasks: Tasks = defaultdict(list)
        self._add_orders(tasks)
        self._add_looks(tasks, clock.now())
        if is_news:
            self._add_questions(tasks, clock.now())
        for site_id, todo in tasks.items():
            self._workers.submit(site_id, functools.partial(do_all, todo))
        self._wait(began)
        if is_awaited and not self._workers.is_busy():
            self._awaited.clear()
        return until(clock, self._next_due())

    def _wait(self, began: datetime) -> None:
        """Until all is done, another site is due, or there is a hint; but not for ever."""
        clock = self._concierge.clock
        give_up = time.monotonic() + longest_wait(clock, TOGETHER)
        while self._workers.is_busy() and not self._hinted:
            left = seconds_until(clock, self._next_due(began))
            wait = min(give_up - time.monotonic(), left)
            if wait <= 0:
                break
            if self.wakeup.wait(wait):
                self._calm_down()
        self._calm_down()
        self._workers.check()

    def _calm_down(self) -> None:
        """What woke us was the end of a task, unless there is a hint."""
        with self._lock:
            if not self._hinted:
                self.wakeup.clear()

    def _next_due(self, after: datetime = EVER) -> datetime | None:
        """When the next look is due, after a time, of those that aren't being done."""
        with self._lock:
            return min((at for at in self._due.values() if after < at < UNDERWAY), default=None)

    def _list(self, now: datetime) -> bool:
        """Notice new sites; whether it was time for that."""
        if self._listed_at is not None and now - self._listed_at < RELIST:
            return False
        sites = self._concierge.sites()
        with self._lock:
            self._due = {site_id: self._due.get(site_id, now) for site_id in sites}
        self._listed_at = now
        return True

    def _add_orders(self, tasks: Tasks) -> None:
        """What waits in the network lanes."""
        if time.monotonic() - self._glanced_at < self._glance:
            return
        self._glanced_at = time.monotonic()
        for site_id in self._concierge.due():
            tasks[site_id].append(
                self._attempting("giving orders", site_id, self._concierge.perform)
            )

    def _add_looks(self, tasks: Tasks, now: datetime) -> None:
        for site_id, at in list(self._due.items()):
            if at <= now and not self._workers.is_busy(site_id) and self.leads():
                with self._lock:
                    self._due[site_id] = UNDERWAY
                tasks[site_id].append(functools.partial(self._look, site_id))

    def _add_questions(self, tasks: Tasks, now: datetime) -> None:
        """Names for people whom the operator gave by address; now and then, alarms."""
        for site_id in list(self._due):
            todo = tasks[site_id]
            todo.append(self._attempting("learning names", site_id, self._concierge.introduce))
            if now >= self._alarms_at.get(site_id, now):
                self._alarms_at[site_id] = now + ALARMS
                ask = self._concierge.ask_alarms
                todo.append(self._attempting("asking for alarms", site_id, ask))

    def _attempting(self, what: str, site_id: str, act: Callable[[str], object]) -> Task:
        return functools.partial(attempt, self._faults, what, site_id, act)

    def _heed(self, now: datetime) -> None:
        """Bring forward the looks that hints ask for. Those that come from now on stay, and so do
        those about a site that is just being looked at.
        """
        with self._lock:
            hinted, self._hinted = self._hinted, set()
            for site_id, due in self._due.items():
                stations = {port.partition("/")[0] for port in self._seen.get(site_id, {})}
                if EVERYWHERE in hinted or hinted & stations:
                    last = self._heeded_at.get(site_id)
                    at = now if last is None else max(now, last + GAP)
                    if at < due:
                        self._due[site_id] = self._heeded_at[site_id] = at

    def _look(self, site_id: str) -> None:
        """Look at one site, and note when to look again: sooner if somebody hinted meanwhile."""
        now = self._concierge.clock.now()
        self._again_at[site_id] = now + self._pause()
        again = now + RETRY
        try:
            if attempt(self._faults, "looking", site_id, self._take_in):
                again = self._again_at[site_id]
        finally:
            with self._lock:
                if site_id in self._due:
                    self._due[site_id] = min(self._due[site_id], again)

    def _pause(self) -> timedelta:
        """Until the next poll."""
        if self.hears():
            return self._poll
        return min(self._poll, max(self._poll / 2, QUICKEST))

    def _take_in(self, site_id: str) -> None:
        try:
            outcome = self._concierge.look(site_id)
        except NetworkUnavailable:  # logged where it was noticed
            self._again_at[site_id] = self._concierge.clock.now() + min(OUTAGE, self._poll)
            return
        if outcome is None:
            return
        self._compare(outcome.site)
        self.keep(outcome.site)
        if outcome.look is not None:
            self._again_at[site_id] = min(self._again_at[site_id], outcome.look.at)

    def _compare(self, site: Site) -> None:
        before, after = self._seen.get(site.id, {}), {p.id: p.status for p in site.ports.values()}
        self._seen[site.id] = after
        cars = {Status.AVAILABLE, Status.INUSE}
        self.changed(sum({before.get(port), now} == cars for port, now in after.items()))


def do_all(tasks: list[Task]) -> None:
    for task in tasks:
        task()


def attempt(faults: FaultLog, what: str, site_id: str, act: Callable[[str], object]) -> bool:
    """Do something for one site; its trouble is logged once, and the other sites go on."""
    try:
        act(site_id)
    except StoreUnavailable:  # logged where it was noticed
        return False
    except (NewerFormat, Busy, UnknownSite) as fault:
        faults.failed(f"{what} at {site_id}", fault)
        return False
    faults.worked(f"{what} at {site_id}")
    return True


def longest_wait(clock: Clock, seconds: float = LONGEST_WAIT) -> float:
    """Real seconds that stand for so many of the site, within reason."""
    return max(AGILE, seconds / max(clock.speed, 1))


def until(clock: Clock, moment: datetime | None) -> float:
    """Real seconds until a moment of site time, at most `longest_wait`."""
    if moment is None or clock.speed == 0:
        return LONGEST_WAIT
    return min(max(seconds_until(clock, moment), 0.001), longest_wait(clock))


def seconds_until(clock: Clock, moment: datetime | None) -> float:
    """The same without limits."""
    if moment is None or clock.speed == 0:
        return float("inf")
    return (moment - clock.now()).total_seconds() / clock.speed

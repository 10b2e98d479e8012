"""When to look: each poll, where the core asks for it, and at once after a hint."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

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

log = logging.getLogger(__name__)

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


class StationPoller:
    """Looks at every site's chargers: each `poll`, and earlier where there is a reason.

    `changed` is told how many cars came or went between two looks at a site. `leads` is
    asked before each look: a turn may last longer than the right to look. `glance` is
    how many real seconds lie at least between two glances at what is due, for orders.
    `hears` is asked whether events are heard, where they should be: while they aren't,
    polls come twice as often.
    """

    def __init__(self, concierge: Concierge, poll: timedelta, glance: float = 0.0) -> None:
        self.wakeup = threading.Event()
        self.changed: Callable[[int], None] = lambda _changes: None
        self.leads: Callable[[], bool] = lambda: True
        self.hears: Callable[[], bool] = lambda: True
        self._concierge = concierge
        self._poll = poll
        self._glance = glance
        self._glanced_at = -glance
        self._due: dict[str, datetime] = {}
        self._heeded_at: dict[str, datetime] = {}  # the last look that a hint asked for
        self._seen: dict[str, dict[str, Status]] = {}
        self._hinted: set[str] = set()
        self._lock = threading.Lock()  # of `_hinted`
        self._listed_at: datetime | None = None
        self._again_at: dict[str, datetime] = {}
        self._alarms_at: dict[str, datetime] = {}
        self._awaited = threading.Event()
        self._faults = FaultLog(log)

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
        """Look at what is due; real seconds until something will be."""
        self.wakeup.clear()
        is_awaited = self._awaited.is_set()
        clock = self._concierge.clock
        is_news = self._list(clock.now())
        self._heed(clock.now())
        self._give_orders()
        for site_id in [site_id for site_id, at in self._due.items() if at <= clock.now()]:
            if self.leads():
                self._due[site_id] = self._look(site_id)
        if is_awaited:
            self._awaited.clear()
        if is_news:
            self._ask_around(clock.now())
        return until(clock, min(self._due.values(), default=None))

    def _list(self, now: datetime) -> bool:
        """Notice new sites; whether it was time for that."""
        if self._listed_at is not None and now - self._listed_at < RELIST:
            return False
        self._due = {site_id: self._due.get(site_id, now) for site_id in self._concierge.sites()}
        self._listed_at = now
        return True

    def _ask_around(self, now: datetime) -> None:
        """Names for people whom the operator gave by address; now and then, alarms."""
        for site_id in self._due:
            attempt(self._faults, "learning names", site_id, self._concierge.introduce)
            if now >= self._alarms_at.get(site_id, now):
                self._alarms_at[site_id] = now + ALARMS
                attempt(self._faults, "asking for alarms", site_id, self._concierge.ask_alarms)

    def _give_orders(self) -> None:
        """What waits in the network lanes; looks and orders share one client, so one thread."""
        if time.monotonic() - self._glanced_at < self._glance:
            return
        self._glanced_at = time.monotonic()
        for site_id in self._concierge.due():
            attempt(self._faults, "giving orders", site_id, self._concierge.perform)

    def _heed(self, now: datetime) -> None:
        """Bring forward the looks that hints ask for. Those that come from now on stay."""
        with self._lock:
            hinted, self._hinted = self._hinted, set()
        for site_id, due in self._due.items():
            stations = {port.partition("/")[0] for port in self._seen.get(site_id, {})}
            if EVERYWHERE in hinted or hinted & stations:
                last = self._heeded_at.get(site_id)
                at = now if last is None else max(now, last + GAP)
                if at < due:
                    self._due[site_id] = self._heeded_at[site_id] = at

    def _look(self, site_id: str) -> datetime:
        """Look at one site; when to look again."""
        now = self._concierge.clock.now()
        self._again_at[site_id] = now + self._pause()
        if not attempt(self._faults, "looking", site_id, self._take_in):
            return now + RETRY
        return self._again_at[site_id]

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
        if outcome.look is not None:
            self._again_at[site_id] = min(self._again_at[site_id], outcome.look.at)

    def _compare(self, site: Site) -> None:
        before, after = self._seen.get(site.id, {}), {p.id: p.status for p in site.ports.values()}
        self._seen[site.id] = after
        cars = {Status.AVAILABLE, Status.INUSE}
        self.changed(sum({before.get(port), now} == cars for port, now in after.items()))


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
    wait = (moment - clock.now()).total_seconds() / clock.speed
    return min(max(wait, 0.001), longest_wait(clock))

"""When to look: each poll, where the core asks for it, and at once after a hint."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.concierge import Concierge
from chalicelib.core.model import Site, Status
from chalicelib.edges import Busy, Clock, FaultLog, NewerFormat, StoreUnavailable, UnknownSite

log = logging.getLogger(__name__)

LONGEST_WAIT = 0.5  # real seconds between two glances at what is due
RETRY = timedelta(seconds=1)  # of a look that the store's trouble prevented
RELIST = timedelta(minutes=1)  # how often new sites are noticed
GAP = timedelta(seconds=2)  # between two looks that hints ask for: a burst costs one
EVERYWHERE = ""  # instead of a station's id
MOST_HINTS = 1000  # stations; more are as good as everywhere


class Gaze:
    """Looks at every site's chargers: each `poll`, and earlier where there is a reason.

    `changed` is told how many cars came or went between two looks at a site.
    """

    def __init__(self, concierge: Concierge, poll: timedelta) -> None:
        self.rung = threading.Event()
        self.changed: Callable[[int], None] = lambda _changes: None
        self._concierge = concierge
        self._poll = poll
        self._due: dict[str, datetime] = {}
        self._looked_at: dict[str, datetime] = {}
        self._seen: dict[str, dict[str, Status]] = {}
        self._hinted: set[str] = set()
        self._lock = threading.Lock()  # of `_hinted`
        self._listed_at: datetime | None = None
        self._faults = FaultLog(log)

    def hint(self, station: str) -> None:
        """Something happened at a station: look at its sites soon. Called from any thread."""
        with self._lock:
            self._hinted.add(station if len(self._hinted) < MOST_HINTS else EVERYWHERE)
        self.rung.set()

    def look_everywhere(self) -> None:
        """Anything may have happened. Called from any thread."""
        self.hint(EVERYWHERE)

    def turn(self) -> float:
        """Look at what is due; real seconds until something will be."""
        self.rung.clear()
        clock = self._concierge.clock
        self._list(clock.now())
        self._heed(clock.now())
        for site_id in [site_id for site_id, at in self._due.items() if at <= clock.now()]:
            self._due[site_id] = self._look(site_id)
        return until(clock, min(self._due.values(), default=None))

    def _list(self, now: datetime) -> None:
        if self._listed_at is not None and now - self._listed_at < RELIST:
            return
        self._due = {site_id: self._due.get(site_id, now) for site_id in self._concierge.sites()}
        self._listed_at = now
        for site_id in self._due:
            self._ask_around(site_id)

    def _ask_around(self, site_id: str) -> None:
        """Names for people whom the operator gave by address."""
        try:
            self._concierge.introduce(site_id)
        except StoreUnavailable:  # logged where it was noticed, once; the other sites may do
            return
        except (NewerFormat, Busy, UnknownSite) as fault:
            self._faults.failed(f"asking around for {site_id}", fault)

    def _heed(self, now: datetime) -> None:
        """Bring forward the looks that hints ask for. Those that come from now on stay."""
        with self._lock:
            hinted, self._hinted = self._hinted, set()
        for site_id, due in self._due.items():
            stations = {port.partition("/")[0] for port in self._seen.get(site_id, {})}
            if EVERYWHERE in hinted or hinted & stations:
                last = self._looked_at.get(site_id)
                self._due[site_id] = min(due, now if last is None else max(now, last + GAP))

    def _look(self, site_id: str) -> datetime:
        """Look at one site; when to look again."""
        now = self._looked_at[site_id] = self._concierge.clock.now()
        with_word = f"looking at {site_id}"
        try:
            outcome = self._concierge.look(site_id)
        except StoreUnavailable:  # logged where it was noticed, once; the other sites may do
            return now + RETRY
        except (NewerFormat, Busy, UnknownSite) as fault:
            self._faults.failed(with_word, fault)
            return now + self._poll
        self._faults.worked(with_word)
        if outcome is None:
            return now + self._poll
        self._compare(outcome.site)
        regular = now + self._poll
        return min(regular, outcome.look.at) if outcome.look else regular

    def _compare(self, site: Site) -> None:
        before, after = self._seen.get(site.id, {}), {p.id: p.status for p in site.ports.values()}
        self._seen[site.id] = after
        cars = {Status.AVAILABLE, Status.INUSE}
        self.changed(sum({before.get(port), now} == cars for port, now in after.items()))


def until(clock: Clock, moment: datetime | None) -> float:
    """Real seconds until a moment of site time, at most LONGEST_WAIT."""
    if moment is None or clock.speed == 0:
        return LONGEST_WAIT
    wait = (moment - clock.now()).total_seconds() / clock.speed
    return min(max(wait, 0.001), LONGEST_WAIT)

"""Load, step, save: one input to one site, as if nobody else were there."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from chalicelib import telemetry
from chalicelib.core import Outcome, step
from chalicelib.core.inputs import (
    Alarmed,
    Asked,
    Claimed,
    Delivered,
    Hindered,
    Input,
    Observed,
    Postponed,
    Reported,
    Tick,
    Undeliverable,
)
from chalicelib.core.model import Site
from chalicelib.edges import Busy, Clock, Messenger, SiteStore, StaleSite, UnknownSite
from chalicelib.introductions import Introductions
from chalicelib.values import replace

from .absences import Absences
from .sites import Sites

RETRY_FOR = 2.0  # real seconds of stale saves before "busy" (Slack waits three)
PAUSE = 0.2  # real seconds at most after the first stale save, then twice as many each time …
LONGEST_PAUSE = 0.8  # … up to this
LET_OTHERS_FIRST = 1.0  # real seconds; with a dead store's two, Slack's three are not over
SPARE, SPARE_FOR_LOOKS = 48_000, 24_000  # bytes of an item that stay free (`spare_of`)


class Steps(Sites):
    """Gives inputs to sites."""

    def __init__(
        self,
        store: SiteStore,
        messengers: Mapping[str, Messenger],
        clock: Clock,
        woken: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(store, clock)
        self.messengers = messengers
        self.woken = woken or (lambda _site_id: None)
        self._turns: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._absences = Absences(clock)
        self.introductions = Introductions(messengers, self._absences.is_away)

    def handle(self, site_id: str, given: Input) -> Outcome:
        """Give one input to a site: one load, one conditional save, none if nothing changed.

        Raises UnknownSite, for strangers too, Busy after two seconds of losing races, and
        StoreUnavailable and NewerFormat from the store. Whenever it raises, nothing was
        changed; but after Unsure, which is a StoreUnavailable, it may have been.
        """
        unmet: tuple[str, ...] = ()

        def act(site: Site, now: datetime) -> Outcome:
            nonlocal unmet
            if isinstance(given, Asked):
                if is_stranger(given.driver, site):
                    raise UnknownSite(site_id)
                unmet = self.introductions.unmet(site, given)
            return Outcome(site) if unmet else step(site, given, now)

        before, outcome = self._change(site_id, act, spare_of(given))
        if unmet and isinstance(given, Asked):  # who they are is asked first, and outside
            met = (*given.profiles, *self.introductions.meet(unmet))
            return self.handle(site_id, replace(given, profiles=met))
        if outcome.site is not before and outcome.site.outbox:
            self.woken(site_id)
        return outcome

    def _change(
        self, site_id: str, act: Callable[[Site, datetime], Outcome], spare: int = 0
    ) -> tuple[Site, Outcome]:
        """Load, act, save, again from the start while others are faster; before and after.

        Before "busy" comes one more look: a save whose answer was lost may have been done,
        and overtaken since; then there is nothing left to do, and nobody hears otherwise.
        """
        give_up, longest = time.monotonic() + RETRY_FOR, PAUSE
        too_late: StaleSite | None = None
        with self._turn_at(site_id):
            while True:
                with telemetry.span("load"):
                    site = self._load(site_id)
                with telemetry.span("step"), self._sanely(site):
                    outcome = act(site, self.clock.now())
                if outcome.site is site:
                    return site, outcome
                if too_late is not None:
                    raise Busy from too_late
                try:
                    with telemetry.span("save"):
                        self._save(outcome, spare)
                except StaleSite as stale:
                    telemetry.add(stale_retries=1)
                    left = give_up - time.monotonic()
                    if left <= 0:
                        too_late = stale
                        continue
                    time.sleep(random.uniform(0, min(longest, left)))  # noqa: S311 — no secret
                    longest = min(2 * longest, LONGEST_PAUSE)
                    continue
                return site, outcome

    @contextmanager
    def _turn_at(self, site_id: str) -> Iterator[None]:
        """The threads of a process take turns at a site instead of losing races to each
        other. Who has waited long enough goes ahead all the same: the version decides.
        """
        turn = self._turns[site_id]
        is_mine = turn.acquire(timeout=LET_OTHERS_FIRST)
        try:
            yield
        finally:
            if is_mine:
                turn.release()


def spare_of(given: Input) -> int:
    """How many bytes of a site's bounded room this input must leave to others: what people
    and looks bring must not take what claims, receipts and deadlines need.
    """
    if isinstance(given, Claimed | Delivered | Postponed | Reported | Undeliverable | Tick):
        return 0
    return SPARE_FOR_LOOKS if isinstance(given, Observed | Alarmed | Hindered) else SPARE


def is_stranger(driver: str, site: Site) -> bool:
    """Somebody from where the site has no channel. A button names its site: who made it up,
    or kept it from when the site was theirs, gets nowhere. "" is ourselves.
    """
    home = driver.rpartition(":")[0]
    return bool(driver) and all(one.rpartition(":")[0] != home for one in site.channels)

"""The concierge: load, step, save; and say what the step wanted said.

The only code that touches two edges. It decides nothing: every decision is the core's.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from .core import Outcome, next_deadline, outbox, step
from .core.inputs import Claimed, Delivered, Input, Postponed, Tick, Undeliverable
from .core.model import Lane, Pending, Site
from .edges import (
    Busy,
    ChargingNetwork,
    Clock,
    FaultLog,
    MessageRefused,
    Messenger,
    MessengerUnavailable,
    NetworkRefused,
    NetworkUnavailable,
    SiteStore,
    StaleSite,
    StoreUnavailable,
    UnknownSite,
)

log = logging.getLogger(__name__)

RETRY_FOR = 2.0  # real seconds of stale saves before "busy" (Slack waits three)
CLAIM = timedelta(seconds=30)  # real time: outlasts a send's timeout by a wide margin
BACKOFF = (2, 4, 8, 15, 30, 60)  # seconds between attempts at a message


class Concierge:
    """Runs the rules of the house on stored sites.

    `messengers` maps a platform (the first part of an address) to who speaks there.
    `woken` is called with a site's id whenever there may be something to deliver.
    """

    def __init__(
        self,
        store: SiteStore,
        messengers: Mapping[str, Messenger],
        clock: Clock,
        network: ChargingNetwork | None = None,
        woken: Callable[[str], None] | None = None,
    ) -> None:
        self.store = store
        self.messengers = messengers
        self.clock = clock
        self.network = network
        self.woken = woken or (lambda _site_id: None)
        self._faults = FaultLog(log)

    def handle(self, site_id: str, given: Input) -> Outcome:
        """Give one input to a site: one load, one conditional save, none if nothing changed.

        Raises UnknownSite, Busy after two seconds of losing races, StoreUnavailable and
        NewerFormat from the store. Whenever it raises, nothing was changed.
        """
        give_up = time.monotonic() + RETRY_FOR
        while True:
            site = self._load(site_id)
            outcome = step(site, given, self.clock.now())
            if outcome.site is site:
                return outcome
            try:
                self._save(outcome.site)
            except StaleSite as stale:
                if time.monotonic() > give_up:
                    raise Busy from stale
                time.sleep(random.uniform(0.001, 0.020))  # noqa: S311 — jitter, no secret
                continue
            if outcome.site.outbox:
                self.woken(site_id)
            return outcome

    def look(self, site_id: str) -> Outcome | None:
        """Look at the site's chargers and take in what is seen; None: nothing was."""
        if self.network is None:
            return None
        site = self._load(site_id)
        try:
            observed = self.network.look(site)
        except (NetworkUnavailable, NetworkRefused) as fault:
            self._faults.failed(f"{site_id}: ChargePoint", fault)
            return None
        self._faults.worked(f"{site_id}: ChargePoint")
        return self.handle(site_id, observed)

    def wake(self, site_id: str) -> None:
        """The site's time has come: apply the due rules, then deliver."""
        self.handle(site_id, Tick())
        self.deliver(site_id)

    def deliver(self, site_id: str) -> None:
        """Say what waits in the chat lane, in order, until it is empty or must wait."""
        while (claimed := self._claim(site_id)) is not None:
            self.handle(site_id, self._send(*claimed))

    def _claim(self, site_id: str) -> tuple[Site, Pending] | None:
        """Take the head of the lane; None when there is none, or it isn't ours to take now."""
        now = self.clock.now()
        site = self._load(site_id)
        pending = outbox.head(site, Lane.CHAT)
        attempt_at = outbox.next_attempt(site)
        if pending is None or attempt_at is None or attempt_at > now:
            return None
        until = now + CLAIM * max(self.clock.speed, 1)
        claimed = step(site, Claimed(pending.id, until), now).site
        try:
            self._save(claimed)
        except StaleSite:
            return self._claim(site_id)  # somebody wrote meanwhile: look again
        taken = outbox.head(claimed, Lane.CHAT)
        return (claimed, taken) if taken is not None else None

    def _send(self, site: Site, pending: Pending) -> Input:
        """Say one effect; the receipt for it."""
        platform = pending.to.partition(":")[0]
        messenger = self.messengers.get(platform)
        if messenger is None:
            return Undeliverable(pending.id, "no such platform")
        try:
            ref = messenger.send(pending.to, pending.effect, site, outbox.edits(site, pending))
        except MessengerUnavailable as fault:
            if fault.retry_after is None:
                self._faults.failed(platform, fault)
            return Postponed(pending.id, self._again_at(pending, fault.retry_after))
        except MessageRefused as refused:
            log.warning("%s: %s takes no messages: %s", site.id, pending.to, refused.reason)
            return Undeliverable(pending.id, refused.reason)
        self._faults.worked(platform)
        return Delivered(pending.id, ref)

    def _again_at(self, pending: Pending, retry_after: timedelta | None) -> datetime:
        wait = BACKOFF[min(pending.attempts, len(BACKOFF)) - 1]
        return self.clock.now() + (retry_after or timedelta(seconds=wait))

    def _load(self, site_id: str) -> Site:
        try:
            site = self.store.load(site_id)
        except StoreUnavailable as fault:
            self._faults.failed("store", fault)
            raise
        self._faults.worked("store")
        if site is None:
            raise UnknownSite(site_id)
        return site

    def _save(self, site: Site) -> Site:
        return self.store.save(site, wake_at(site))


def wake_at(site: Site) -> datetime | None:
    """The one alarm clock: the next due rule, or the next attempt at a message."""
    times = (next_deadline(site), outbox.next_attempt(site))
    return min((at for at in times if at is not None), default=None)

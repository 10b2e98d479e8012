"""The office: what webhooks, stream and schedule do with a concierge.

Nobody waits here for an outside failure: it is logged, and the site keeps its alarm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from .chat.http import Reply, refuse
from .concierge import Concierge
from .core import outbox
from .core.model import Lane
from .edges import Busy, NewerFormat, Records, StoreUnavailable, UnknownSite
from .meters.watch import MeterWatch

log = logging.getLogger(__name__)

PATIENCE, PAUSE = 5.0, 0.5  # real seconds: of a deliverer, and between its tries
SOON = timedelta(seconds=3)  # Slack's pauses are of a second
T = TypeVar("T")
LEASE = ("lease", "listener")  # the record that the leading listener renews

# Headers, body, and by name what else is in the address; a Reply, or bytes of a picture
Webhook = Callable[..., tuple[int, dict[str, str], Any]]


@dataclass(frozen=True)
class Endpoints:
    """The webhooks, wired to a concierge."""

    concierge: Concierge
    webhooks: Mapping[str, Webhook]  # by route
    records: Records
    watch: MeterWatch | None = None
    mail: Callable[[], None] | None = None  # looks who has agreed to mail

    def is_healthy(self) -> bool:
        """Whether the store answers, and in a format that we know."""
        try:
            self.concierge.due()
        except (StoreUnavailable, NewerFormat):
            return False
        return True

    def deliver(self, site_ids: Iterable[str]) -> None:
        """Say what waits at these sites, through the platforms' short pauses.

        What must wait longer is the alarm clock's.
        """
        waiting, give_up_at = list(dict.fromkeys(site_ids)), time.monotonic() + PATIENCE
        while waiting := [one for one in waiting if self._attempt(self._say, one)]:
            if time.monotonic() > give_up_at:
                return
            time.sleep(PAUSE)

    def wake_due(self) -> None:
        """Wake the sites whose time has come, those with an old outbox among them. Raises
        StoreUnavailable and NewerFormat when it can't be known which they are.
        """
        self._attempt(self._warn_if_unwatched, "the listener")
        self._attempt(self._watch_meters, "the meters")
        self._attempt(self._watch_mail, "mail")
        due = self.concierge.due()
        for site_id in due:  # first all deadlines: a platform may keep a deliverer waiting
            self._attempt(self.concierge.tick, site_id)
        self.deliver(due)

    def _warn_if_unwatched(self, _: str) -> None:
        """While no listener leads, and a site needs one: its admins hear of it (rule 23), and
        the log has one line for an alarm to count.
        """
        if self.records.get(*LEASE) is not None:
            return
        miss = self.concierge.miss_listener
        missing = [one for one in self.concierge.sites() if self._attempt(miss, one)]
        if missing:
            log.error("no listener is at work")

    def _watch_meters(self, _: str) -> None:
        """The log has one line for an alarm to count while a meter is silent."""
        if self.watch is None or not self.watch.is_due():
            return
        silent = [name for name, is_silent in self.watch.look().items() if is_silent]
        if silent:
            log.error("a meter is silent: %s", ", ".join(silent))

    def _watch_mail(self, _: str) -> None:
        """Who has agreed to mail, or wants none any more."""
        if self.mail is not None:
            self.mail()

    def _say(self, site_id: str) -> bool:
        """Say what can be said; whether more can be in a moment."""
        self.concierge.deliver(site_id)
        site, clock = self.concierge.store.load(site_id), self.concierge.clock
        again_at = outbox.next_attempt(site, Lane.CHAT) if site is not None else None
        return again_at is not None and again_at - clock.now() < SOON * clock.speed

    @staticmethod
    def _attempt(act: Callable[[str], T], site_id: str) -> T | None:
        """An outside failure is logged and no more: site and outbox keep their alarm."""
        try:
            return act(site_id)
        except (StoreUnavailable, NewerFormat, Busy, UnknownSite) as fault:
            log.warning("%s: not now: %s", site_id, fault)
            return None


def not_set_up(*_: object, **__: object) -> Reply:
    return refuse(404, "not set up here")

"""Who has agreed to mail meanwhile, or wants none any more: AWS knows, and doesn't say by itself."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Protocol

from chalicelib.core import Outcome
from chalicelib.core.inputs import Input, Silenced
from chalicelib.edges import (
    Busy,
    Clock,
    FaultLog,
    MessageRefused,
    MessengerUnavailable,
    NewerFormat,
    SiteStore,
    UnknownSite,
)

from .messenger import ENDED
from .subscribers import TENANT, Subscribers

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=15)  # who has agreed is asked so often whether they still do


class Desk(Protocol):
    """What this needs of the concierge."""

    @property
    def store(self) -> SiteStore: ...

    @property
    def clock(self) -> Clock: ...

    def handle(self, site_id: str, given: Input) -> Outcome: ...


class MailWatch:
    """For the listener, and for the tick where there is none: once a minute."""

    def __init__(self, subscribers: Subscribers, desk: Desk) -> None:
        self._subscribers = subscribers
        self._desk = desk
        self._faults = FaultLog(log)

    def look(self) -> None:
        """Tell the sites what has changed. Raises StoreUnavailable."""
        everybody = self._desk.clock.now().minute % (EVERY // timedelta(minutes=1)) == 0
        try:
            for name, is_confirmed in self._subscribers.changes(everybody=everybody):
                self._tell(f"{TENANT}:{name}", "" if is_confirmed else ENDED)
        except (MessengerUnavailable, MessageRefused) as fault:
            self._faults.failed("mail", fault)
            return
        self._faults.worked("mail")

    def _tell(self, address: str, reason: str) -> None:
        for site_id in self._desk.store.sites():
            site = self._desk.store.load(site_id)
            if site is None or address not in {*site.ways, *site.admins, *site.alarm_to}:
                continue
            try:
                self._desk.handle(site_id, Silenced(address, reason))
            except (Busy, NewerFormat, UnknownSite) as fault:
                log.warning("%s: not now: %s", site_id, fault)

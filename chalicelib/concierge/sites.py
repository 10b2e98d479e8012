"""The sites as they are kept; the store's outages are logged once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from chalicelib.core import Outcome, next_deadline, outbox, sanity
from chalicelib.core.model import Lane, Site
from chalicelib.edges import (
    BoundedStore,
    Clock,
    FaultLog,
    SiteStore,
    StoreUnavailable,
    UnknownSite,
    UnreadableSite,
)

log = logging.getLogger(__name__)


class Sites:
    """What is asked of the store, and said to it."""

    def __init__(self, store: SiteStore, clock: Clock) -> None:
        self.store = store
        self._bounded = store if isinstance(store, BoundedStore) else None
        self.clock = clock
        self._faults = FaultLog(log)

    def sites_in(self, tenant: str) -> list[str]:
        """The sites with a channel of this tenant (`platform:tenant`)."""
        with self._reaching("the store"):
            return self.store.bound_to(f"{tenant}:")

    def bind(self, address: str, site_id: str) -> None:
        """Let a person's own address, who is on no channel, mean this site."""
        with self._reaching("the store"):
            self.store.bind(address, site_id)

    def site_of(self, channel: str) -> str | None:
        """The site that a channel means."""
        with self._reaching("the store"):
            return self.store.bound(channel)

    def sites(self) -> list[str]:
        """The ids of all sites."""
        with self._reaching("the store"):
            return self.store.sites()

    def due(self) -> list[str]:
        """The ids of the sites whose time has come."""
        with self._reaching("the store"):
            return self.store.due(self.clock.now())

    def _load(self, site_id: str) -> Site:
        with self._reaching(f"{site_id}: the store"):  # one damaged site is not an outage
            site = self.store.load(site_id)
            if site is not None and site.id != site_id:
                raise UnreadableSite("the saved site is another")
        if site is None:
            raise UnknownSite(site_id)
        return site

    def _save(self, outcome: Outcome, spare: int) -> Site:
        site = outcome.site
        with self._sanely(site):
            at = alarm_of(site, outcome.deadline)
        with self._reaching(f"{site.id}: writing to the store"):  # a full disk can be read
            if spare and self._bounded is not None:
                return self._bounded.save_leaving(site, at, spare)
            return self.store.save(site, at)

    @contextmanager
    def _sanely(self, site: Site) -> Iterator[None]:
        """A step that fails on a site which no rule would have made is that site's trouble;
        any other failure is a bug, and ends the process. Raises UnreadableSite.
        """
        try:
            yield
        except (TypeError, LookupError, ValueError, ArithmeticError, RuntimeError) as error:
            why = sanity.trouble(site)
            if not why:
                raise
            with self._reaching(f"{site.id}: the store"):
                raise UnreadableSite(f"the saved site can't be used: {why}") from error

    def _reaching(self, what: str) -> Reaching:
        return Reaching(self._faults, what)


class Reaching:
    """A request to the store: its outage is logged as it begins, and as it ends."""

    def __init__(self, faults: FaultLog, what: str) -> None:
        self._faults = faults
        self._what = what

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            self._faults.worked(self._what)
        elif isinstance(error, StoreUnavailable):
            self._faults.failed(self._what, error)


def wake_at(site: Site) -> datetime | None:
    """The one alarm clock: the next due rule, or the next attempt at a message."""
    return alarm_of(site, next_deadline(site))


def alarm_of(site: Site, deadline: datetime | None) -> datetime | None:
    """The same, where the next deadline is known."""
    if not site.outbox:
        return deadline
    times = (deadline, *(outbox.next_attempt(site, lane) for lane in Lane))
    return min((at for at in times if at is not None), default=None)

"""Reads the log of stays for who answers in chat, or shows a link."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.core.card import PersonTotal, ReportCard, Span, totals
from chalicelib.core.model import Site
from chalicelib.core.reporting import report, running, since
from chalicelib.core.stays import FinishedStay
from chalicelib.edges import Clock, Records, SiteStore, StayLog, UnknownSite

from . import links

LINK_LASTS = timedelta(days=1)
AHEAD = timedelta(days=1)  # a stay may have ended a moment after our "now"


class ReportTeller:
    """`url` is where we are reached; "": nowhere, so there are no links."""

    def __init__(
        self, store: SiteStore, stays: StayLog | None, records: Records, clock: Clock, url: str
    ) -> None:
        self._store = store
        self._stays = stays
        self._records = records
        self._clock = clock
        self._url = url

    def card(self, site_id: str, span: Span) -> ReportCard | None:
        """None: nobody keeps a log. Raises StoreUnavailable, NewerFormat, UnknownSite."""
        site, now = self.site(site_id), self._clock.now()
        if self._stays is None:
            return None
        return report(site, self._read(site, span, now), span, now)

    def totals(self, site_id: str, span: Span) -> tuple[PersonTotal, ...]:
        """By person; nothing where the operator doesn't allow it. Raises as `card`."""
        site, now = self.site(site_id), self._clock.now()
        if not site.policy.report_people:
            return ()
        found = [*self._read(site, span, now), *running(site, now)]
        return totals(found, since(site, span, now))

    def link(self, site_id: str, span: Span, *, csv: bool) -> str:
        """To the table or a picture, for a day. Raises StoreUnavailable."""
        if not self._url:
            return ""
        query = {"site": site_id, "span": str(span), "as": "csv" if csv else "png"}
        key = links.key_of(self._records, site_id)
        return links.link(self._url, key, query, self._clock.now() + LINK_LASTS)

    def site(self, site_id: str) -> Site:
        site = self._store.load(site_id)
        if site is None:
            raise UnknownSite(site_id)
        return site

    def _read(self, site: Site, span: Span, now: datetime) -> list[FinishedStay]:
        if self._stays is None:
            return []
        return self._stays.read(site.id, since(site, span, now), now + AHEAD)

"""What the channel is told of the building's power."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.core.model import Site
from chalicelib.edges import Clock, Series, SiteStore
from chalicelib.energy.buckets import By, midnight
from chalicelib.energy.report import PowerReport, report

from .asking import As, answer, question
from .keys import Meters
from .links import link

LINK_LASTS = timedelta(days=1)
HOURS, DAYS = 24, 7  # that are shown, this one included


class PowerTeller:
    """Asked by who answers in chat. `url` is where we are reached: "" for no picture."""

    def __init__(
        self, store: SiteStore, meters: Meters, series: Series, clock: Clock, url: str
    ) -> None:
        self._store = store
        self._meters = meters
        self._series = series
        self._clock = clock
        self._url = url

    def tell(self, site_id: str, *, week: bool) -> PowerReport | None:
        """None: the site has no meter. Raises StoreUnavailable, NewerFormat."""
        site = self._store.load(site_id)
        if site is None or not site.meter:
            return None
        now = self._clock.now()
        by = By.DAY if week else By.HOUR
        zone = ZoneInfo(site.timezone)
        asked = question(site.meter, since(now, zone, week=week), now, by, zone=zone)
        newest = self._series.newest(site.meter)
        return report(
            answer(self._series, asked),
            week=week,
            kw=newest.kw if newest is not None else None,
            at=newest.at if newest is not None else None,
            link=self._picture(site, week=week),
        )

    def _picture(self, site: Site, *, week: bool) -> str:
        """A link for a day: whoever reads it later sees the last day or week as of then."""
        meter = self._meters.get(site.meter)
        if meter is None or not self._url:
            return ""
        query = {"by": By.HOUR if week else By.SLOT, "as": As.PNG, "graph": "line"}
        if week:
            begin = since(self._clock.now(), ZoneInfo(site.timezone), week=True)
            query["from"] = begin.astimezone(ZoneInfo(site.timezone)).date().isoformat()
        return link(self._url, meter, query, self._clock.now() + LINK_LASTS)


def since(now: datetime, zone: ZoneInfo, *, week: bool) -> datetime:
    """Where the first whole hour or day begins."""
    local = now.astimezone(zone)
    if week:
        return midnight(local.date() - timedelta(days=DAYS - 1), zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return now - into - timedelta(hours=HOURS - 1)

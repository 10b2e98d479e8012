"""A store in memory, for one process and one thread: quick, and as strict about versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.core.model import Site
from chalicelib.core.stays import FinishedStay
from chalicelib.edges import StaleSite
from chalicelib.stores.records import expiry
from chalicelib.values import replace


class MemoryStore:
    """A SiteStore that keeps the very sites it was given: they are frozen."""

    def __init__(self) -> None:
        self._sites: dict[str, tuple[Site, datetime | None]] = {}
        self._bindings: dict[str, str] = {}

    def load(self, site_id: str) -> Site | None:
        found = self._sites.get(site_id)
        return found[0] if found is not None else None

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        there = self.load(site.id)
        if site.version != (there.version if there is not None else 0):
            raise StaleSite(f"version {site.version} is gone")
        saved = replace(site, version=site.version + 1)
        self._sites[site.id] = (saved, wake_at)
        return saved

    def delete(self, site_id: str) -> None:
        self._sites.pop(site_id, None)
        self._bindings = {at: one for at, one in self._bindings.items() if one != site_id}

    def sites(self) -> list[str]:
        return sorted(self._sites)

    def wake_at(self, site_id: str) -> datetime | None:
        """When the site wants to be woken."""
        return self._sites[site_id][1]

    def due(self, now: datetime) -> list[str]:
        alarms = [(at, one) for one, (_, at) in self._sites.items() if at is not None]
        return [one for at, one in sorted(alarms) if at <= now]

    def bind(self, address: str, site_id: str | None) -> None:
        self._bindings.pop(address, None)
        if site_id is not None:
            self._bindings[address] = site_id

    def bound(self, address: str) -> str | None:
        return self._bindings.get(address)

    def bound_to(self, prefix: str) -> list[str]:
        return sorted({one for at, one in self._bindings.items() if at.startswith(prefix)})


class MemoryStays:
    """A StayLog in memory. `now` is the time by which stays are let go, in seconds since 1970."""

    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self._kept: dict[tuple[str, datetime, int], tuple[FinishedStay, float]] = {}
        self._now = now

    def add(self, site_id: str, stay: FinishedStay, keep: timedelta) -> None:
        now, key = self._now(), (site_id, stay.since, stay.id)
        there = self._kept.get(key)
        if there is None or there[1] <= now or there[0].until <= stay.until:
            self._kept[key] = (stay, expiry(now, keep) or 0)

    def read(self, site_id: str, since: datetime, until: datetime) -> list[FinishedStay]:
        found = [
            stay
            for (site, _, _), (stay, expires_at) in self._kept.items()
            if site == site_id and since <= stay.until < until and expires_at > self._now()
        ]
        return sorted(found, key=lambda stay: (stay.until, stay.since, stay.id))

    def forget(self, site_id: str, driver: str) -> None:
        for key, (stay, expires_at) in self._kept.items():
            if key[0] == site_id and stay.driver == driver:
                self._kept[key] = (replace(stay, driver=""), expires_at)

    def delete(self, site_id: str) -> None:
        self._kept = {key: one for key, one in self._kept.items() if key[0] != site_id}

    def sweep(self) -> None:
        """Let go what has been kept long enough."""
        now = self._now()
        self._kept = {key: one for key, one in self._kept.items() if one[1] > now}

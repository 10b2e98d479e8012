"""Which platforms can't be reached just now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.edges import Clock, MessengerUnavailable

BACKOFF = (2, 4, 8, 15, 30, 60)  # seconds between attempts at a message


class Away(NamedTuple):
    """A tenant that could not be reached so many times in a row."""

    until: datetime
    times: int


class Absences:
    """The tenants (`platform:tenant`) that aren't tried for a while, of whatever site: each try
    may last long. Where one host serves all of a platform's, they are away together.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._away: dict[str, Away] = {}

    def note(self, tenant: str, fault: MessengerUnavailable) -> datetime:
        """It couldn't be reached; when it may be tried again."""
        who = platform_of(tenant) if fault.shared else tenant
        times = self._away[who].times + 1 if who in self._away else 1
        until = self._clock.now() + (fault.retry_after or pause(times))
        self._away[who] = Away(until, times)
        return until

    def until(self, tenant: str) -> datetime | None:
        """When it may be tried again; None: now."""
        away = (self._away.get(who) for who in (tenant, platform_of(tenant)))
        last = max((one.until for one in away if one is not None), default=None)
        return last if last is not None and last > self._clock.now() else None

    def is_away(self, tenant: str) -> bool:
        return self.until(tenant) is not None

    def end(self, tenant: str) -> None:
        """It answers, and so the host that it may share with others."""
        self._away.pop(tenant, None)
        self._away.pop(platform_of(tenant), None)


def platform_of(tenant: str) -> str:
    return tenant.partition(":")[0]


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain."""
    return timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1])

"""Links to the page in the lobby: `PUBLIC_URL/board/SITE.EXPIRES.SIGNATURE`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib import links
from chalicelib.edges import Clock, Records

KIND = "board link"  # of the records: a site's key
LASTS = timedelta(days=365)
LONGEST = timedelta(days=3650)
FORM = re.compile(r"([a-z0-9][a-z0-9-]{0,39})\.([0-9]{1,12})\.([0-9a-f]{64})")


class BadLink(StrEnum):
    """Why a link shows nothing."""

    UNKNOWN = "unknown"  # guessed, or revoked
    OVER = "over"


class BoardLinks:
    """Made and read here. `url` is where we are reached; "": nowhere, so there are none."""

    def __init__(self, records: Records, clock: Clock, url: str) -> None:
        self._records = records
        self._clock = clock
        self._url = url

    def make(self, site_id: str, lasts: timedelta = LASTS) -> str:
        """A link that is good for so long; "" where we can't be reached. Raises StoreUnavailable."""
        if not self._url:
            return ""
        key = links.key_made(self._records, KIND, site_id)
        until = self._clock.now() + min(lasts, LONGEST)
        whole = links.signed(key, {"site": site_id}, until)
        return f"{self._url.rstrip('/')}/board/{site_id}.{whole['expires']}.{whole['signature']}"

    def revoke(self, site_id: str) -> bool:
        """No link to this site is good any more; whether one was made. Raises StoreUnavailable."""
        known = self._records.get(KIND, site_id) is not None
        self._records.delete(KIND, site_id)
        return known

    def site_of(self, link: str) -> str | BadLink:
        """The site that the end of an address shows. Raises StoreUnavailable."""
        match = FORM.fullmatch(link)
        if match is None:
            return BadLink.UNKNOWN
        site_id, expires, signature = match.groups()
        query = {"site": site_id, "expires": expires, "signature": signature}
        key = links.key_of(self._records, KIND, site_id)
        is_ours = links.is_signed(key or links.NOBODYS, query)
        if key is None or not is_ours:
            return BadLink.UNKNOWN
        return BadLink.OVER if links.is_over(query, self.now) else site_id

    @property
    def now(self) -> datetime:
        return self._clock.now()

"""Links to a site's report that need no key, and end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from chalicelib import links
from chalicelib.edges import Records

KIND = "report link"  # the record of a site's key


def key_of(records: Records, site_id: str) -> bytes:
    """The site's key for links, made when it is first needed. Raises StoreUnavailable."""
    return links.key_made(records, KIND, site_id)


def known_key(records: Records, site_id: str) -> bytes | None:
    """None: the site has none, so nobody has a link. Raises StoreUnavailable."""
    return links.key_of(records, KIND, site_id)


def link(base: str, key: bytes, query: Mapping[str, str], until: datetime) -> str:
    """`BASE/report?…`, good until then."""
    return f"{base.rstrip('/')}/report?{urlencode(links.signed(key, query, until))}"


def forget(records: Records, site_id: str) -> None:
    """No link to the site's report is good any more. Raises StoreUnavailable."""
    records.delete(KIND, site_id)

"""Links to a meter's figures that need no key, and end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from chalicelib import links

from .keys import Meter

LONGEST = timedelta(days=400)  # a link that a yearly report may hold


def link(base: str, meter: Meter, query: Mapping[str, str], until: datetime) -> str:
    """`BASE/energy?…`, good until then."""
    signed = links.signed(meter.key_for_links(), {**query, "meter": meter.name}, until)
    return f"{base.rstrip('/')}/energy?{urlencode(signed)}"


def is_signed(meter: Meter, query: Mapping[str, str]) -> bool:
    """Whether we made this link, expired or not."""
    return links.is_signed(meter.key_for_links(), query)

"""Whether a site holds what no rule would ever put there, and what that is.

Types are the codec's to check, for every site that is read. This is asked only when a step
failed: was it the site, then that site alone is in trouble; or was it a bug of ours?
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.values import names

from .model import Site

YEARS = range(2000, 2200)
LONGEST = timedelta(days=366)
POSITIVE = ("rate", "rated_kw", "confirm")
BEYOND = "is beyond what it can be"


def trouble(site: Site) -> str:
    """The first thing that is wrong, by its name; "": nothing is."""
    return next((f"{where} {what}" for where, what in wrong(site)), "")


def wrong(site: Site) -> Iterator[tuple[str, str]]:
    try:
        ZoneInfo(site.timezone)
    except (ValueError, OSError, KeyError):
        yield "timezone", "is none"
    for key, port in site.ports.items():
        if key != port.id:
            yield f"port {key[:40]!r}", "has another id"
    for entry in site.queue:
        if entry.turn is not None and entry.turn.port not in site.ports:
            yield "a turn", "is on a port that isn't there"
    yield from wrong_values("site", site)


def wrong_values(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Wherever they are: moments without a zone or out of time, numbers that are none."""
    match value:
        case datetime():
            if value.tzinfo is None or value.year not in YEARS:
                yield name, "is no moment"
        case date():
            if value.year not in YEARS:
                yield name, "is no day"
        case timedelta():
            if not -LONGEST <= value <= LONGEST or (name in POSITIVE and value <= timedelta(0)):
                yield name, BEYOND
        case bool():
            return
        case int() | float():
            if not math.isfinite(value) or (name in POSITIVE and value <= 0):
                yield name, BEYOND
        case dict():
            for part in value.values():
                yield from wrong_values(name, part)
        case tuple():
            for part in value:
                yield from wrong_values(name, part)
        case _:
            for part in names(value):
                yield from wrong_values(part, getattr(value, part))

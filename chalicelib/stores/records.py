"""How small things are kept beside the sites: their text, and when they have expired."""

from __future__ import annotations

import json
import math
import time
from datetime import UTC, datetime, timedelta

from chalicelib.edges import Record, StoreUnavailable


def to_text(value: Record) -> str:
    """JSON in one spelling, so that equal records are equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def of_text(text: object) -> Record:
    """What `to_text` was given. Raises StoreUnavailable for what it never wrote."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StoreUnavailable("a record can't be read")
    return found


def expiry(now: float, ttl: timedelta | None) -> int | None:
    """When a record that is put `now` (seconds since 1970) has expired."""
    return None if ttl is None else math.ceil(now + ttl.total_seconds())


def wall_clock() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)

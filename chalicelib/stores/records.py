"""Small things that are kept beside the sites: installations, leases, subscriptions."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import Any, Protocol

Record = dict[str, Any]


class Records(Protocol):
    """Keeps small JSON objects by kind and key, on real time, to the second.

    An expired record is gone, whether or not it has been swept yet. Every method may
    raise StoreUnavailable.
    """

    def get(self, kind: str, key: str) -> Record | None:
        """What was put, or None."""

    def put(self, kind: str, key: str, value: Record, ttl: timedelta | None = None) -> None:
        """Keep the value, over whatever was there; `ttl` None keeps it for ever."""

    def swap(
        self, kind: str, key: str, old: Record | None, new: Record, ttl: timedelta | None = None
    ) -> bool:
        """Put `new` if `old` is what is there (None: nothing); false if it is not.

        For leases: swap(None, mine) takes one, swap(mine, mine) renews it.
        """

    def delete(self, kind: str, key: str, only: Record | None = None) -> None:
        """Forget the record; with `only`, unless something else is there by now."""


def to_text(value: Record) -> str:
    """JSON in one spelling, so that equal records are equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def expiry(now: float, ttl: timedelta | None) -> int | None:
    """When a record that is put `now` (seconds since 1970) has expired."""
    return None if ttl is None else math.ceil(now + ttl.total_seconds())

"""Where the readings of meters are kept: beside the sites, but in a file or table of their own.

There are so many more of them: nobody who saves a site, or backs the sites up, should wait
for them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from .kept import BESIDE, KEPT, Kept

__all__ = ["KEPT", "Kept", "open_series"]

if TYPE_CHECKING:
    from chalicelib.edges import Series


def open_series(spec: str, now: Callable[[], datetime], kept: Kept = KEPT) -> Series:
    """The series beside the store that `sqlite:PATH` or `dynamodb:TABLE` names. Raises ValueError.

    `now` is the site's time: what is older than `kept` says counts as forgotten.
    """
    kind, _, place = spec.partition(":")
    if kind == "sqlite" and place:
        from .sqlite import SQLiteSeries

        return SQLiteSeries(f"{place}{BESIDE}", now, kept)
    if kind == "dynamodb" and place:
        from .dynamodb import DynamoDBSeries

        return DynamoDBSeries(f"{place}{BESIDE}", now, kept)
    raise ValueError(f"a store is sqlite:PATH or dynamodb:TABLE, not {spec!r}")

"""Where sites are kept: SQLite on one machine, DynamoDB on AWS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .dynamodb import DynamoDBStore
    from .sqlite import SQLiteStore


def missing_file(spec: str) -> Path | None:
    """The file that a store of SQLite would be, if it isn't there yet."""
    kind, _, place = spec.partition(":")
    path = Path(place)
    return path if kind == "sqlite" and place and not path.exists() else None


def open_store(spec: str) -> SQLiteStore | DynamoDBStore:
    """The store that `sqlite:PATH` or `dynamodb:TABLE` names, opened at its first use.

    Its `records` keep small things beside the sites. Raises ValueError.
    """
    kind, _, place = spec.partition(":")
    if kind == "sqlite" and place:
        from .sqlite import SQLiteStore

        return SQLiteStore(place)
    if kind == "dynamodb" and place:
        from .dynamodb import DynamoDBStore

        return DynamoDBStore(place)
    raise ValueError(f"a store is sqlite:PATH or dynamodb:TABLE, not {spec!r}")

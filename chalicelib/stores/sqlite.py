"""The store for one machine: a SQLite file that several processes may share.

Every write is whole or not there at all, `kill -9` included.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from chalicelib.core.model import Site
from chalicelib.edges import Record, Series, StaleSite
from chalicelib.values import replace

from . import codec
from .database import SQLiteFile
from .records import expiry, of_text, to_text, wall_clock
from .sqlite_stays import SQLiteStays

DUE = "SELECT site_id FROM sites WHERE wake_at <= ? ORDER BY wake_at, site_id"
IS_LIVE = "kind = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)"


class SQLiteStore:
    """A SiteStore in a file; `records` is a Records store in the same one, `stays` a StayLog.

    The file is created at first use, for its owner alone; its folder must exist.
    """

    def __init__(self, path: str) -> None:
        self._file = SQLiteFile(path)
        self.records = SQLiteRecords(self._file)
        self.stays = SQLiteStays(self._file)
        self._path = path

    @cached_property
    def series(self) -> Series:
        """The readings of meters, on the clock on the wall: for notebooks."""
        from .series import open_series  # few need it

        return open_series(f"sqlite:{self._path}", wall_clock)

    def load(self, site_id: str) -> Site | None:
        rows = self._file.read("SELECT body FROM sites WHERE site_id = ?", site_id)
        return codec.decode(rows[0][0], site_id) if rows else None

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        saved = replace(site, version=site.version + 1)
        wake = wake_at and wake_at.timestamp()
        row = (saved.version, wake, codec.encode_plain(saved), site.id)
        if site.version:
            sql = "UPDATE sites SET version = ?, wake_at = ?, body = ? WHERE site_id = ? AND version = ?"
            changed = self._file.write(sql, *row, site.version)
        else:
            sql = "INSERT INTO sites (version, wake_at, body, site_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            changed = self._file.write(sql, *row)
        if not changed:
            raise StaleSite(f"site {site.id!r} was saved since version {site.version}")
        return saved

    def delete(self, site_id: str) -> None:
        tables = ("bindings", "sites")
        self._file.write_all(
            [(f"DELETE FROM {table} WHERE site_id = ?", [site_id]) for table in tables]  # noqa: S608 — names of ours
        )

    def sites(self) -> list[str]:
        return self._ids("SELECT site_id FROM sites ORDER BY site_id")

    def due(self, now: datetime) -> list[str]:
        return self._ids(DUE, now.timestamp())

    def bind(self, address: str, site_id: str | None) -> None:
        if site_id is None:
            self._file.write("DELETE FROM bindings WHERE address = ?", address)
        else:
            self._file.write("INSERT OR REPLACE INTO bindings VALUES (?, ?)", address, site_id)

    def bound(self, address: str) -> str | None:
        ids = self._ids("SELECT site_id FROM bindings WHERE address = ?", address)
        return ids[0] if ids else None

    def bound_to(self, prefix: str) -> list[str]:
        sql = """SELECT DISTINCT site_id FROM bindings
                 WHERE address >= ? AND substr(address, 1, length(?)) = ? ORDER BY site_id"""
        return self._ids(sql, prefix, prefix, prefix)

    def _ids(self, sql: str, *values: Any) -> list[str]:
        found = self._file.read(sql, *values)
        return [site_id for (site_id,) in found if isinstance(site_id, str)]  # SQLite takes any


class SQLiteRecords:
    """A Records store in a file. `now` is real time, in seconds since 1970."""

    def __init__(self, file: SQLiteFile, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def get(self, kind: str, key: str) -> Record | None:
        sql = f"SELECT value FROM records WHERE {IS_LIVE}"  # noqa: S608 — no value in it
        rows = self._file.read(sql, kind, key, self._now())
        return of_text(rows[0][0]) if rows else None

    def put(self, kind: str, key: str, value: Record, ttl: timedelta | None = None) -> None:
        now = self._now()
        row = (kind, key, to_text(value), expiry(now, ttl))
        self._file.write_all(
            [
                ("DELETE FROM records WHERE expires_at <= ?", [now]),
                ("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", row),
            ]
        )

    def compare_and_set(
        self, kind: str, key: str, old: Record | None, new: Record, ttl: timedelta | None = None
    ) -> bool:
        now = self._now()
        value, expires_at = to_text(new), expiry(now, ttl)
        if old is None:
            sql = """INSERT INTO records VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
                     SET value = excluded.value, expires_at = excluded.expires_at
                     WHERE records.expires_at <= ?"""
            return self._file.write(sql, kind, key, value, expires_at, now) > 0
        sql = f"UPDATE records SET value = ?, expires_at = ? WHERE {IS_LIVE} AND value = ?"  # noqa: S608 — no value in it
        return self._file.write(sql, value, expires_at, kind, key, now, to_text(old)) > 0

    def keys(self, kind: str) -> list[str]:
        sql = """SELECT key FROM records WHERE kind = ?
                 AND (expires_at IS NULL OR expires_at > ?) ORDER BY key"""
        return [key for (key,) in self._file.read(sql, kind, self._now())]

    def delete(self, kind: str, key: str, only: Record | None = None) -> None:
        sql = "DELETE FROM records WHERE kind = ? AND key = ? AND value = ifnull(?, value)"
        self._file.write(sql, kind, key, only if only is None else to_text(only))

    def permanent(self) -> Iterator[tuple[str, str, Record]]:
        sql = "SELECT kind, key, value FROM records WHERE expires_at IS NULL"
        for kind, key, value in self._file.read(sql):
            yield kind, key, of_text(value)

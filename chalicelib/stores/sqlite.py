"""The store for one machine: a SQLite file that several processes may share.

Every write is one statement, so it is whole or not there at all, `kill -9` included.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.core.model import Site
from chalicelib.edges import NewerFormat, Record, StaleSite, StoreUnavailable

from . import codec
from .records import expiry, to_text

LAYOUT = 1  # of the tables, kept in PRAGMA user_version
BUSY_SECONDS = 1.5  # how long to wait for another process's lock
TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS sites (
    site_id TEXT PRIMARY KEY, version INTEGER NOT NULL, wake_at REAL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS sites_by_wake_at ON sites (wake_at, site_id) WHERE wake_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS bindings (address TEXT PRIMARY KEY, site_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS records (
    kind TEXT, key TEXT, value TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY (kind, key));
CREATE INDEX IF NOT EXISTS records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;
PRAGMA user_version = {LAYOUT};
COMMIT;
"""
DUE = "SELECT site_id FROM sites WHERE wake_at <= ? ORDER BY wake_at, site_id"
IS_LIVE = "kind = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)"


class SQLiteStore:
    """A SiteStore in a file; `records` is a Records store in the same one.

    The file is created at first use, for its owner alone; its folder must exist.
    """

    def __init__(self, path: str) -> None:
        self._file = SQLiteFile(path)
        self.records = SQLiteRecords(self._file)

    def load(self, site_id: str) -> Site | None:
        rows = self._file.read("SELECT body FROM sites WHERE site_id = ?", site_id)
        return codec.decode(rows[0][0]) if rows else None

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        saved = replace(site, version=site.version + 1)
        wake = wake_at and wake_at.timestamp()
        row = (saved.version, wake, codec.encode(saved), site.id)
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
        self._file.write("DELETE FROM bindings WHERE site_id = ?", site_id)
        self._file.write("DELETE FROM sites WHERE site_id = ?", site_id)

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
        return [site_id for (site_id,) in self._file.read(sql, *values)]


class SQLiteRecords:
    """A Records store in a file. `now` is real time, in seconds since 1970."""

    def __init__(self, file: SQLiteFile, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def get(self, kind: str, key: str) -> Record | None:
        sql = f"SELECT value FROM records WHERE {IS_LIVE}"  # noqa: S608 — no value in it
        rows = self._file.read(sql, kind, key, self._now())
        return json.loads(rows[0][0]) if rows else None

    def put(self, kind: str, key: str, value: Record, ttl: timedelta | None = None) -> None:
        now = self._now()
        self._file.write("DELETE FROM records WHERE expires_at <= ?", now)
        sql = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)"
        self._file.write(sql, kind, key, to_text(value), expiry(now, ttl))

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
            yield kind, key, json.loads(value)


class SQLiteFile:
    """A SQLite file: one connection a thread, and sqlite3's errors as StoreUnavailable."""

    _creating = threading.Lock()

    def __init__(self, path: str) -> None:
        self._path = path
        self._local = threading.local()

    def read(self, sql: str, *values: Any) -> list[Any]:
        """All rows of the answer."""
        with self._faults():
            return self._connection().execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """How many rows were changed."""
        with self._faults():
            return self._connection().execute(sql, values).rowcount

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except FileNotFoundError as error:
            folder = Path(self._path).absolute().parent
            raise StoreUnavailable(
                f"can't use {self._path}: there is no folder {folder}"
            ) from error
        except (OSError, sqlite3.DatabaseError) as error:
            raise StoreUnavailable(f"can't use {self._path}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._open()
        connection: sqlite3.Connection = self._local.connection
        return connection

    def _open(self) -> sqlite3.Connection:
        self._create()
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._lay_out(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self) -> None:
        """Create the file for its owner alone. SQLite gives its companions the same mode.

        Locked, and only when it is missing: closing any handle of a file drops the
        locks that this process has on it (fcntl), those of SQLite included.
        """
        with self._creating:
            try:
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            except FileExistsError:
                return

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        [(layout,)] = connection.execute("PRAGMA user_version")
        if layout > LAYOUT:
            raise NewerFormat(
                f"{self._path} has layout {layout} and this program knows {LAYOUT}: update it"
            )
        if layout < LAYOUT:
            _write_ahead(connection)
            connection.executescript(TABLES)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on WAL. For this lock SQLite does not wait by itself when two open a new file."""
    give_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)

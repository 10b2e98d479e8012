"""The log of finished stays in a SQLite file."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.core.stays import FinishedStay

from . import codec
from .database import SQLiteFile
from .records import expiry

SWEEP = "DELETE FROM stays WHERE expires_at <= ?"
ADD = """INSERT INTO stays VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET until = excluded.until, driver = excluded.driver,
             body = excluded.body, expires_at = excluded.expires_at
         WHERE stays.until <= excluded.until"""
READ = """SELECT driver, body FROM stays WHERE site_id = ? AND until >= ? AND until < ?
          AND expires_at > ? ORDER BY until, since, id"""


class SQLiteStays:
    """A StayLog in a file. `now` is real time, in seconds since 1970."""

    def __init__(self, file: SQLiteFile, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def add(self, site_id: str, stay: FinishedStay, keep: timedelta) -> None:
        now = self._now()
        since, until = stay.since.timestamp(), stay.until.timestamp()
        body, expires_at = codec.encode_stay(stay), expiry(now, keep)
        row = (site_id, since, stay.id, until, stay.driver, body, expires_at)
        self._file.write_all([(SWEEP, (now,)), (ADD, row)])

    def read(self, site_id: str, since: datetime, until: datetime) -> list[FinishedStay]:
        rows = self._file.read(READ, site_id, since.timestamp(), until.timestamp(), self._now())
        return [codec.decode_stay(body, driver) for driver, body in rows]

    def forget(self, site_id: str, driver: str) -> None:
        sql = "UPDATE stays SET driver = '' WHERE site_id = ? AND driver = ?"
        self._file.write(sql, site_id, driver)

    def delete(self, site_id: str) -> None:
        self._file.write("DELETE FROM stays WHERE site_id = ?", site_id)

"""A SQLite file that threads and processes share: reads side by side, writes in groups.

SQLite lets one write at a time, and who finds it busy sleeps and tries again, in no order:
from two busy threads on somebody loses every time, and hears "locked" although nothing is.
So the threads of a process stand in one line. Whoever is first writes for all who wait, in
one transaction, with one sync of the disk, and each is told after it: what was acknowledged
is on the disk. Processes still take turns by SQLite's own lock.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from chalicelib.edges import NewerFormat, StoreUnavailable

LAYOUT = 2  # of the tables, kept in PRAGMA user_version
BUSY_SECONDS = 1.5  # how long to wait for another process's lock
MOST_AT_ONCE = 200  # writes in one transaction
TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS sites (
    site_id TEXT PRIMARY KEY, version INTEGER NOT NULL, wake_at REAL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS sites_by_wake_at ON sites (wake_at, site_id) WHERE wake_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS bindings (address TEXT PRIMARY KEY, site_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS records (
    kind TEXT, key TEXT, value TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY (kind, key));
CREATE INDEX IF NOT EXISTS records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS stays (
    site_id TEXT, since REAL, id INTEGER, until REAL NOT NULL, driver TEXT NOT NULL,
    body BLOB NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (site_id, since, id));
CREATE INDEX IF NOT EXISTS stays_by_end ON stays (site_id, until);
CREATE INDEX IF NOT EXISTS stays_by_expiry ON stays (expires_at);
PRAGMA user_version = {LAYOUT};
COMMIT;
"""

Statement = tuple[str, Sequence[Any]]  # SQL, and the values of its question marks


class SQLiteFile:
    """A SQLite file: one connection a thread, and sqlite3's errors as StoreUnavailable.

    `tables` is the script that makes what isn't there, and notes its `layout`.
    """

    def __init__(self, path: str, tables: str = TABLES, layout: int = LAYOUT) -> None:
        self._path = path
        self._tables = tables
        self._layout = layout
        self._local = threading.local()
        self._shared = shared(path)
        self._faults = Faults(path)

    def read(self, sql: str, *values: Any) -> list[Any]:
        """All rows of the answer."""
        with self._faults:
            connection = self._opened()
            self._shared.check(self._path)
            return connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """How many rows were changed; on the disk by then."""
        return self.write_all([(sql, values)])

    def write_all(self, statements: Sequence[Statement]) -> int:
        """All of them or none, in this order; how many rows the last one changed."""
        work = Work(statements)
        with self._faults:
            connection = self._opened()  # one that can't be had is this thread's trouble alone
            self._shared.waiting.append(work)
            with self._shared.writing:
                while not work.is_done:
                    self._shared.write(connection, self._path)
            if work.error is not None:
                raise work.error
        return work.changed

    def _opened(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self._shared.opening:  # one lays a new file out, and the others find it so
                connection = self._local.connection = self._open()
        return connection

    def _open(self) -> sqlite3.Connection:
        self._shared.create(self._path)
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            lay_out(connection, self._path, self._tables, self._layout)
        except BaseException:
            connection.close()
            raise
        return connection


class Faults:
    """sqlite3's errors as StoreUnavailable, but for those that are bugs of ours."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing: a generator of contextlib's would take as long as a read."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, FileNotFoundError):
            folder = Path(self._path).absolute().parent
            raise StoreUnavailable(
                f"can't use {self._path}: there is no folder {folder}"
            ) from error
        is_bug = isinstance(error, sqlite3.ProgrammingError)
        if isinstance(error, OSError | sqlite3.DatabaseError) and not is_bug:
            raise StoreUnavailable(f"can't use {self._path}: {error}") from error


class Work:
    """What one thread wants written, and what became of it."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.changed = 0
        self.error: BaseException | None = None
        self.is_done = False

    def end(self, error: BaseException | None = None) -> None:
        self.error = error
        self.is_done = True


def write_for_all(connection: sqlite3.Connection, waiting: deque[Work]) -> None:
    """Write what waits, in one transaction. An error of the file is everybody's, any other
    only of the one whose values it is about.
    """
    taken: list[Work] = []
    try:
        if len(waiting) == 1 and len(waiting[0].statements) == 1:  # a transaction by itself
            taken.append(waiting.popleft())
            errors = [perform(connection, taken[0])]
        else:
            connection.execute("BEGIN IMMEDIATE")  # more may come while others have the lock
            taken = take(waiting)
            errors = [perform(connection, work) for work in taken]
            connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        for work in taken or take(waiting):
            work.end(error)
        if not isinstance(error, Exception):
            raise
        return
    for work, fault in zip(taken, errors, strict=True):
        work.end(fault)


def take(waiting: deque[Work]) -> list[Work]:
    return [waiting.popleft() for _ in range(min(len(waiting), MOST_AT_ONCE))]


def perform(connection: sqlite3.Connection, work: Work) -> Exception | None:
    """Run one thread's statements, all or none. Raises what is wrong with the file."""
    several = len(work.statements) > 1  # one is all or none by itself
    if several:
        connection.execute("SAVEPOINT one")
    try:
        for sql, values in work.statements:
            work.changed = connection.execute(sql, values).rowcount
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, ValueError, OverflowError) as error:
        if several:
            connection.execute("ROLLBACK TO one")
        return error
    finally:
        if several and connection.in_transaction:
            connection.execute("RELEASE one")
    return None


class Shared:
    """What all who use one file in this process have in common."""

    def __init__(self) -> None:
        self.opening = threading.Lock()
        self.writing = threading.Lock()
        self.waiting: deque[Work] = deque()
        self._identity: tuple[int, int] | None = None

    def create(self, path: str) -> None:
        """Create the file for its owner alone. SQLite gives its companions the same mode.

        Only while `opening` is held, and only when it is missing: closing any handle of a
        file drops the locks that this process has on it (fcntl), those of SQLite included.
        """
        if self._identity is not None:
            self.check(path)
            return
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self._identity = identity(path)

    def write(self, connection: sqlite3.Connection, path: str) -> None:
        """Write for all who wait, unless the file isn't the one it was."""
        try:
            self.check(path)
        except StoreUnavailable as gone:
            for work in take(self.waiting):
                work.end(gone)
        else:
            write_for_all(connection, self.waiting)

    def check(self, path: str) -> None:
        """Raises StoreUnavailable when the file was deleted, or another is in its place.

        SQLite would not notice: it would go on in the file that has no name any more, and
        all would be lost with the process.
        """
        if identity(path) != self._identity:
            raise StoreUnavailable(
                f"can't use {path}: it was deleted or replaced while it was in use; "
                "put it back, or stop this program, restore the file and start again"
            )


def identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 — at each request: a Path takes longer than all of this
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


_shared: WeakValueDictionary[str, Shared] = WeakValueDictionary()
_sharing = threading.Lock()


def shared(path: str) -> Shared:
    """The same for all who name the same file."""
    with _sharing:
        return _shared.setdefault(str(Path(path).absolute()), Shared())


def lay_out(connection: sqlite3.Connection, path: str, tables: str, known: int) -> None:
    """Make the tables, if they aren't there. Raises NewerFormat."""
    connection.execute("PRAGMA synchronous = FULL")  # acknowledged is on the disk
    [(layout,)] = connection.execute("PRAGMA user_version")
    if layout > known:
        raise NewerFormat(f"{path} has layout {layout} and this program knows {known}: update it")
    if layout < known:
        write_ahead(connection)
        connection.executescript(tables)


def write_ahead(connection: sqlite3.Connection) -> None:
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

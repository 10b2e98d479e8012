"""The SQLite store keeps the contract, and is a file that processes may share."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.edges import NewerFormat, StoreUnavailable
from chalicelib.stores.database import SQLiteFile
from chalicelib.stores.sqlite import DUE, SQLiteRecords, SQLiteStore
from chalicelib.values import replace
from tests.contracts.site_store import (
    HQ,
    DownContract,
    RacingContract,
    Raw,
    RecordsContract,
    SiteStoreContract,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "ev.db")


@pytest.fixture
def store(path: str) -> SQLiteStore:
    return SQLiteStore(path)


class File:
    """The tables, by sqlite3 itself."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)

    def get(self, site_id: str) -> bytes | None:
        row = self.connection.execute("SELECT body FROM sites WHERE site_id = ?", [site_id])
        return next((bytes(body) for (body,) in row), None)

    def put(self, site_id: str, version: int, body: bytes) -> None:
        row = [site_id, version, body]
        self.connection.execute("INSERT OR REPLACE INTO sites VALUES (?, ?, NULL, ?)", row)


@pytest.fixture
def raw(store: SQLiteStore, path: str) -> Iterator[Raw]:
    store.sites()
    file = File(path)
    yield file
    file.connection.close()


class TestSQLiteStore(SiteStoreContract, RacingContract, DownContract):
    """The contract, on a file."""

    @pytest.fixture
    def down(self, tmp_path: Path) -> SQLiteStore:
        return SQLiteStore(str(tmp_path / "no such folder" / "ev.db"))


class TestSQLiteRecords(RecordsContract):
    """The contract of the small things, on the same file."""

    @pytest.fixture
    def now(self) -> list[float]:
        return [1_772_438_400.0]

    @pytest.fixture
    def records(self, path: str, now: list[float]) -> SQLiteRecords:
        return SQLiteRecords(SQLiteFile(path), lambda: now[0])


def test_the_file_is_for_its_owner_alone(store: SQLiteStore, path: str) -> None:
    """Tokens lie in it: nobody else may read the file or its companions."""
    store.save(HQ, None)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in Path(path).parent.iterdir()}
    assert modes == {"ev.db": 0o600, "ev.db-wal": 0o600, "ev.db-shm": 0o600}


def test_due_asks_the_index(store: SQLiteStore, raw: File) -> None:
    """The query plan reads nothing but the index on wake_at."""
    plan = raw.connection.execute(f"EXPLAIN QUERY PLAN {DUE}", [0.0]).fetchall()
    assert [row[3] for row in plan] == [
        "SEARCH sites USING COVERING INDEX sites_by_wake_at (wake_at<?)"
    ]


def test_a_locked_file_is_known_soon(store: SQLiteStore, raw: File) -> None:
    """Another process keeps its lock for long: reading goes on, saving says why it can't."""
    saved = store.save(HQ, None)
    raw.connection.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="database is locked"):
        store.save(saved, None)
    assert time.monotonic() - began < 2
    assert store.load("hq") == saved
    raw.connection.execute("ROLLBACK")
    assert store.save(saved, None).version == 2


def test_what_is_no_database_is_refused(path: str) -> None:
    """The message names the file."""
    Path(path).write_text("a shopping list, long enough to be looked at " * 30)
    with pytest.raises(StoreUnavailable, match=r"ev\.db: file is not a database"):
        SQLiteStore(path).sites()


def test_a_newer_layout_is_refused(store: SQLiteStore, raw: File, path: str) -> None:
    """An old program keeps its hands off tables that it doesn't know."""
    raw.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerFormat, match="layout 99"):
        SQLiteStore(path).save(HQ, None)


def test_a_missing_folder_that_appears_is_used(tmp_path: Path) -> None:
    """A failure at first use isn't remembered."""
    store = SQLiteStore(str(tmp_path / "later" / "ev.db"))
    with pytest.raises(StoreUnavailable, match=r"there is no folder .*later"):
        store.sites()
    (tmp_path / "later").mkdir()
    assert store.sites() == []


def test_expired_records_are_swept(path: str, raw: File) -> None:
    """The file doesn't keep what nobody can get any more."""
    now = [1_772_438_400.0]
    records = SQLiteRecords(SQLiteFile(path), lambda: now[0])
    records.put("seen", "1", {}, RecordsContract.MINUTE)
    now[0] += 61
    records.put("seen", "2", {}, RecordsContract.MINUTE)
    assert raw.connection.execute("SELECT key FROM records").fetchall() == [("2",)]


WRITER = """
import sys
from chalicelib.stores.sqlite import SQLiteStore
from tests.contracts.site_store import add_versions
add_versions(SQLiteStore(sys.argv[1]), int(sys.argv[2]))
"""


def writer(path: str, count: int) -> subprocess.Popen[bytes]:
    """A process that adds versions to the site."""
    command = [sys.executable, "-c", WRITER, path, str(count)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def test_two_processes_share_the_file(store: SQLiteStore, path: str) -> None:
    """Each adds a hundred versions to one site, and nothing is lost."""
    store.save(HQ, None)
    writers = [writer(path, 100), writer(path, 100)]
    assert [process.wait(60) for process in writers] == [0, 0]
    loaded = store.load("hq")
    assert loaded
    assert (loaded.version, loaded.serial) == (201, 200)


def test_a_killed_writer_leaves_the_file_whole(store: SQLiteStore, path: str) -> None:
    """Three times kill -9 in the middle of its writes: every version is a whole site."""
    saved = store.save(HQ, None)
    for _ in range(3):
        process = writer(path, 1_000_000)
        enough = saved.version + 20
        while (store.load("hq") or HQ).version < enough:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        loaded = store.load("hq")
        assert loaded
        assert loaded.serial == loaded.version - 1
        saved = store.save(replace(loaded, serial=loaded.version), None)


def test_processes_may_create_the_file_together(path: str) -> None:
    """Whoever comes first lays it out; nobody fails."""
    code = "import sys\nfrom chalicelib.stores.sqlite import SQLiteStore\nsys.stdin.read()\nSQLiteStore(sys.argv[1]).sites()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, path], cwd=ROOT, stdin=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.close()
    assert [process.wait(30) for process in processes] == [0, 0, 0]

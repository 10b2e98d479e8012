"""A SQLite file in a process with many threads: nobody hears "locked" of each other, and what
was acknowledged is there.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chalicelib.edges import StoreUnavailable
from chalicelib.stores import database
from chalicelib.stores.database import SQLiteFile, Work, write_for_all
from chalicelib.stores.sqlite import SQLiteStore
from tests.contracts.site_store import HQ
from tests.waiting import within

KEEP = "INSERT INTO bindings VALUES (?, ?)"
COUNT = "SELECT count(*) FROM bindings"


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "ev.db")


@pytest.fixture
def file(path: str) -> SQLiteFile:
    return SQLiteFile(path)


def test_many_writers(path: str) -> None:
    """Thirty-two threads, each by a store of its own, write as fast as they can: all is taken."""
    files = [SQLiteFile(path) for _ in range(32)]

    def keep(number: int) -> int:
        return files[number % 32].write(KEEP, f"a{number}", "hq")

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(keep, range(2000))) == 2000
    assert files[0].read(COUNT) == [(2000,)]


def test_who_waits_is_written_along(file: SQLiteFile) -> None:
    """Those who came while another wrote are in one transaction: it syncs once for all."""
    statements: list[str] = []
    connection = file._opened()
    connection.set_trace_callback(statements.append)
    waiting = deque(Work([(KEEP, (f"a{n}", "hq"))]) for n in range(5))
    works = list(waiting)
    write_for_all(connection, waiting)
    assert [work.changed for work in works] == [1] * 5
    assert statements.count("COMMIT") == 1
    assert not waiting


def test_one_bad_value_is_one_writers_trouble(file: SQLiteFile) -> None:
    """A value that doesn't fit fails the one who gave it, all of what they gave, and nobody else."""
    waiting = deque(
        [
            Work([(KEEP, ("a", "hq"))]),
            Work([(KEEP, ("b", "hq")), (KEEP, ("a", "again"))]),
            Work([(KEEP, ("\ud800", "hq"))]),
            Work([(KEEP, ("c", 2**70))]),
            Work([(KEEP, ("d", "hq"))]),
        ]
    )
    works = list(waiting)
    write_for_all(file._opened(), waiting)
    assert [type(work.error) for work in works] == [
        type(None), sqlite3.IntegrityError, UnicodeEncodeError, OverflowError, type(None),
    ]  # fmt: skip
    assert all(work.is_done for work in works)
    assert file.read("SELECT address FROM bindings ORDER BY 1") == [("a",), ("d",)]


def test_all_or_none(file: SQLiteFile) -> None:
    """Several statements of one write are kept together."""
    with pytest.raises(StoreUnavailable):
        file.write_all([(KEEP, ("a", "hq")), ("INSERT INTO nowhere VALUES (1)", ())])
    assert file.read(COUNT) == [(0,)]


def test_more_than_fits_one_transaction(file: SQLiteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who isn't taken along the first time isn't forgotten."""
    monkeypatch.setattr(database, "MOST_AT_ONCE", 2)
    file.read(COUNT)
    with file._shared.writing, ThreadPoolExecutor(9) as pool:
        done = [pool.submit(file.write, KEEP, f"a{n}", "hq") for n in range(9)]
        within(10, lambda: len(file._shared.waiting) == 9)
        file._shared.writing.release()
        assert [one.result(10) for one in done] == [1] * 9
        file._shared.writing.acquire()


def test_a_lock_of_another_process_is_told_to_all_who_wait(path: str, file: SQLiteFile) -> None:
    """Nobody waits for the lock once more because somebody else has waited for it in vain."""
    file.read(COUNT)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    told: list[str] = []

    def keep(number: int) -> None:
        try:
            file.write(KEEP, f"a{number}", "hq")
        except StoreUnavailable as fault:
            told.append(str(fault))

    threads = [threading.Thread(target=keep, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    took = within(20, lambda: len(told) == 8)
    other.execute("ROLLBACK")
    other.close()
    assert took < 3 * database.BUSY_SECONDS
    assert all("database is locked" in one for one in told)
    assert file.write(KEEP, "b", "hq") == 1


def test_what_is_acknowledged_is_on_the_disk(file: SQLiteFile) -> None:
    """No kill -9 shows this, only a power cut would: so the setting itself is looked at."""
    assert file.read("PRAGMA synchronous") == [(2,)]
    assert file.read("PRAGMA journal_mode") == [("wal",)]


def test_the_file_is_deleted_under_us(path: str) -> None:
    """Every use says so, of every thread, and no empty file takes its place."""
    store = SQLiteStore(path)
    store.save(HQ, None)
    Path(path).rename(f"{path}.away")
    with pytest.raises(StoreUnavailable, match="deleted or replaced"):
        store.load("hq")
    with ThreadPoolExecutor(1) as pool, pytest.raises(StoreUnavailable, match="deleted"):
        pool.submit(store.sites).result()
    with pytest.raises(StoreUnavailable, match="deleted"):
        SQLiteStore(path).save(HQ, None)
    assert not Path(path).exists()
    Path(f"{path}.away").rename(path)
    assert store.load("hq"), "put back, it is used again"


def test_the_file_is_replaced_under_us(path: str, tmp_path: Path) -> None:
    """Another file in its place isn't written to: ours still has the old one's journal."""
    store = SQLiteStore(path)
    store.save(HQ, None)
    SQLiteStore(str(tmp_path / "other.db")).sites()
    (tmp_path / "other.db").rename(path)
    with pytest.raises(StoreUnavailable, match="restore the file and start again"):
        store.load("hq")


def test_what_was_refused_is_not_written_later(path: str, file: SQLiteFile) -> None:
    """The file goes while somebody waits to write: they are told no, and no it stays."""
    file.write(KEEP, "a", "hq")
    with ThreadPoolExecutor(1) as pool:
        with file._shared.writing:
            refused = pool.submit(file.write, KEEP, "b", "hq")
            within(20, lambda: len(file._shared.waiting) == 1)
            Path(path).rename(f"{path}.away")
        with pytest.raises(StoreUnavailable, match="deleted"):
            refused.result()
    Path(f"{path}.away").rename(path)
    file.write(KEEP, "c", "hq")
    assert file.read("SELECT address FROM bindings ORDER BY address") == [("a",), ("c",)]

"""The log of finished stays, on both stores and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.edges import StoreUnavailable
from chalicelib.stores.aws.asking import DYNAMODB
from chalicelib.stores.aws.sdk import config
from chalicelib.stores.database import SQLiteFile
from chalicelib.stores.dynamodb import create_table
from chalicelib.stores.dynamodb_stays import DynamoDBStays
from chalicelib.stores.sqlite_stays import SQLiteStays
from chalicelib.stores.table import Table
from tests.contracts.stay_log import ALWAYS, MONTH, STAY, StayLogContract, now
from tests.fakes import FakeStays

__all__ = ["now"]


NUMBERS = count()


class TestInMemory(StayLogContract):
    """The fake that other tests rely on."""

    @pytest.fixture
    def stays(self, now: list[float]) -> FakeStays:
        return FakeStays(lambda: now[0])


class TestSQLite(StayLogContract):
    """In a file."""

    @pytest.fixture
    def stays(self, tmp_path: Path, now: list[float]) -> SQLiteStays:
        return SQLiteStays(SQLiteFile(str(tmp_path / "ev.db")), lambda: now[0])


class OnATable(StayLogContract):
    """In a table, given a `client`."""

    @pytest.fixture
    def stays(self, client: Any, now: list[float]) -> DynamoDBStays:
        table = f"stays-{next(NUMBERS)}"
        create_table(client, table)
        return DynamoDBStays(Table(table, client), lambda: now[0])


class TestMoto(OnATable):
    """In this process, and quick."""

    @pytest.fixture
    def client(self, aws: None) -> Iterator[Any]:
        with mock_aws():
            yield boto3.client("dynamodb", config=config(DYNAMODB))


class TestMinistack(OnATable):
    """A server of its own."""

    @pytest.fixture
    def client(self, aws: None, ministack: str) -> Any:
        return boto3.client("dynamodb", config=config(DYNAMODB), endpoint_url=ministack)


def test_what_can_t_be_reached(tmp_path: Path) -> None:
    """Every method says so."""
    down = SQLiteStays(SQLiteFile(str(tmp_path / "no such folder" / "ev.db")))
    for ask in (
        lambda: down.add("hq", STAY, MONTH),
        lambda: down.read("hq", *ALWAYS),
        lambda: down.forget("hq", "slack:T0HQ:U0ANA"),
        lambda: down.delete("hq"),
    ):
        with pytest.raises(StoreUnavailable):
            ask()


def test_a_file_of_before_gets_its_table(tmp_path: Path) -> None:
    """Whoever comes from an older version loses nothing, and has a log from now on."""
    import sqlite3

    path = str(tmp_path / "ev.db")
    old = sqlite3.connect(path)
    old.executescript("CREATE TABLE sites (site_id TEXT PRIMARY KEY, version INTEGER NOT NULL, wake_at REAL, body BLOB NOT NULL); PRAGMA user_version = 1;")  # fmt: skip
    old.close()
    stays = SQLiteStays(SQLiteFile(path))
    stays.add("hq", STAY, MONTH)
    assert stays.read("hq", *ALWAYS) == [STAY]

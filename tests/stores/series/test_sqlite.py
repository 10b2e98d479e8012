"""The readings in a file keep the contract, and what a file alone must show."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from chalicelib.edges import NewerFormat
from chalicelib.stores.series import open_series
from chalicelib.stores.series.kept import KEPT
from chalicelib.stores.series.sqlite import SQLiteSeries
from tests.contracts.series import (
    NOON,
    DownSeriesContract,
    RacingSeriesContract,
    SeriesContract,
    reading,
    readings_of,
)
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "ev.db-energy")


@pytest.fixture
def series(path: str, clock: FakeClock) -> SQLiteSeries:
    return SQLiteSeries(path, clock.now, KEPT)


class TestSQLiteSeries(SeriesContract, RacingSeriesContract, DownSeriesContract):
    """The contract, on a file."""

    LONG = 6000

    @pytest.fixture
    def down(self, tmp_path: Path, clock: FakeClock) -> SQLiteSeries:
        return SQLiteSeries(str(tmp_path / "no such folder" / "ev.db-energy"), clock.now, KEPT)


class TestItsFile:
    """What the others can't have."""

    def test_it_stands_beside_the_sites(self, tmp_path: Path, clock: FakeClock) -> None:
        """Under their name, for its owner alone."""
        series = open_series(f"sqlite:{tmp_path / 'sites.sqlite'}", clock.now)
        series.keep("hq", [reading(0)])
        file = tmp_path / "sites.sqlite-energy"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert not (tmp_path / "sites.sqlite").exists()

    def test_a_commit_waits_for_the_disk(self, series: SQLiteSeries) -> None:
        """A power cut takes nothing that was acknowledged. Killing the process can't show
        that: what was written lives on in the system's memory.
        """
        connection = series._file._opened()
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_another_process_may_write_it(self, series: SQLiteSeries, path: str) -> None:
        """As `meter remove` does while the listener runs."""
        series.keep("hq", [reading(0)])
        with sqlite3.connect(path) as other:
            other.execute("DELETE FROM readings")
        other.close()
        assert readings_of(series) == []

    def test_a_newer_file_is_left_alone(self, series: SQLiteSeries, path: str) -> None:
        """An older program doesn't write into what it doesn't know."""
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA user_version = 99")
        other.close()
        with pytest.raises(NewerFormat, match="99"):
            series.latest("hq")

    def test_no_such_store(self, clock: FakeClock) -> None:
        """A name that says neither file nor table."""
        with pytest.raises(ValueError, match="sqlite:PATH"):
            open_series("csv:here", clock.now)

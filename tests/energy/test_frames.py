"""A data frame of the last day, where pandas is (requirements-data.txt)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.energy.readings import Reading
from chalicelib.energy.slots import SLOT, slot_start
from chalicelib.stores import open_store

pandas = pytest.importorskip("pandas")
NOW = datetime(2026, 11, 29, 8, 7, tzinfo=UTC)
START = slot_start(NOW)


def test_the_last_day(tmp_path: Path) -> None:
    """A row for each five minutes; gaps are gaps, and the sum is the meter's."""
    from chalicelib.energy.frames import COLUMNS, frame

    store = open_store(f"sqlite:{tmp_path / 'ev.sqlite'}")
    slots = [n for n in range(400) if n not in (3, 4)]
    readings = [Reading(START - n * SLOT, 12.0, 900.0 - n, (4.0, 5.0, 6.0)) for n in slots]
    store.series.keep("hq", readings)
    found = frame(store, "hq", now=NOW)
    assert list(found.columns) == list(COLUMNS)
    assert found.shape == (288, 7)
    assert (found.index[0], found.index[-1]) == (START - 287 * SLOT, START)
    assert found.kw.isna().sum() == 2
    assert found.kwh.sum() == pytest.approx(287.0)
    assert found.l3.max() == 6.0
    assert frame(store.series, "hq", hours=1, now=NOW).shape == (12, 7)


def test_by_the_clock_on_the_wall(tmp_path: Path) -> None:
    """Nobody has to say what time it is."""
    from chalicelib.energy.frames import frame

    store = open_store(f"sqlite:{tmp_path / 'ev.sqlite'}")
    store.series.keep("hq", [Reading(datetime.fromtimestamp(time.time(), UTC), 3.0)])
    assert frame(store, "hq", hours=2).kw.sum() == 3.0
    assert frame(store, "nobody").kw.isna().all()
    assert timedelta(0) <= datetime.fromtimestamp(time.time(), UTC) - frame(store, "hq").index[-1]

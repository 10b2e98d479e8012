"""The chargers' own power: kept with each look, and drawn up beside the sessions."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.listener.poller import StationPoller
from chalicelib.concierge import Concierge
from chalicelib.core.model import Port, Site, Status
from chalicelib.edges import Series, StoreUnavailable
from chalicelib.meters.ports import PortReadings, series_name
from chalicelib.stores import open_store
from chalicelib.stores.series import open_series
from chalicelib.values import replace
from tests.fakes import FakeClock, FakeNetwork, site_of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def series(tmp_path: Path, clock: FakeClock) -> Series:
    return open_series(f"sqlite:{tmp_path / 'ev.db'}", clock.now)


def site(at: datetime, *loads: float | None, seen: timedelta = timedelta(0)) -> Site:
    ports = {
        f"s/{n}": Port(f"s/{n}", str(n), Status.INUSE, seen_at=at - seen, load_kw=load)
        for n, load in enumerate(loads, 1)
    }
    return replace(site_of(), looked_at=at, ports=ports)


def kept(series: Series, port: str) -> list[float | None]:
    day = timedelta(days=1)
    return [one.kw for one in series.readings(series_name("hq", port), NOW - day, NOW + day)]


def test_each_look_is_a_reading(series: Series) -> None:
    """Of each port that was seen, and whose power was told."""
    readings = PortReadings(series)
    readings.keep(site(NOW, 6.6, None, 0.0))
    readings.keep(site(NOW + timedelta(minutes=1), 3.3, None, 0.0, seen=timedelta(minutes=1)))
    readings.keep(site_of())
    assert [kept(series, f"s/{n}") for n in (1, 2, 3)] == [[6.6], [], [0.0]]


def test_a_store_that_is_down_costs_no_look(
    series: Series, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once."""

    def down(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(series, "keep_all", down)
    readings = PortReadings(series)
    for _ in range(3):
        readings.keep(site(NOW, 6.6))
    assert caplog.messages == ["hq: the chargers' readings: lost: the disk is full"]


def test_the_poller_tells(tmp_path: Path, clock: FakeClock) -> None:
    """After each look, of the site as it is then."""
    store = open_store(f"sqlite:{tmp_path / 'ev.db'}")
    store.save(site_of(), None)
    poller = StationPoller(Concierge(store, {}, clock, FakeNetwork(clock)), timedelta(minutes=1))
    told: list[datetime | None] = []
    poller.keep = lambda site: told.append(site.looked_at)
    poller.look_first()
    poller.turn()
    assert told == [clock.now()]


def test_the_table(
    tmp_path: Path,
    series: Series,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`energy chargers`: a column for each port, in their order, and the sum of what was seen."""
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path / 'ev.db'}")
    monkeypatch.setenv("EV_CLOCK", f"0@0@{NOW.timestamp()}")
    open_store(f"sqlite:{tmp_path / 'ev.db'}").save(site(NOW, 6.6, 3.3), None)
    readings = PortReadings(series)
    for minute in range(120):
        at = NOW - timedelta(minutes=120 - minute)
        readings.keep(site(at, 6.6, 3.3 if minute < 60 else None))
    begin = (NOW - timedelta(hours=2)).isoformat()
    assert main(["energy", "chargers", "hq", "--by", "hour", "--from", begin]) == 0
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(one["port_1_kWh"], one["port_2_kWh"], one["all_kWh"]) for one in found] == [
        ("6.6", "3.3", "9.9"), ("6.6", "", "6.6"),
    ]  # fmt: skip

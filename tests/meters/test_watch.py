"""A meter that falls silent is noticed, and a series is put in order meanwhile."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.listener.run import watch_meters
from chalicelib import wiring
from chalicelib.edges import FaultLog, StoreUnavailable
from chalicelib.energy.readings import Reading
from chalicelib.meters.watch import MeterWatch
from tests.meters.kit import Stage, stage

NOW = datetime(2026, 11, 29, 8, 15, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, NOW) as found:
        yield found


@pytest.fixture
def watch(here: Stage) -> MeterWatch:
    return MeterWatch(here.meters, here.series, here.clock)


def test_who_is_silent(here: Stage, watch: MeterWatch) -> None:
    """After half an hour; who was never heard, or is gone for a week, isn't missed."""
    here.meters.add("new", "UTC")
    assert watch.look() == {}
    here.series.keep("hq", [Reading(NOW, 3.0)])
    for minutes, found in ((0, {"hq": False}), (31, {"hq": True}), (3 * 1440, {"hq": True})):
        here.clock.at = NOW + timedelta(minutes=minutes)
        assert watch.look() == found
    here.clock.at = NOW + timedelta(days=8)
    assert watch.look() == {}


def test_the_listener_says_it_once(
    here: Stage, watch: MeterWatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When it begins and when it ends."""
    here.series.keep("hq", [Reading(NOW, 3.0)])
    silent = FaultLog(logging.getLogger("meters"))
    here.clock.advance(minutes=31)
    watch_meters(watch, silent)
    watch_meters(watch, silent)
    here.series.keep("hq", [Reading(here.clock.now(), 3.0)])
    watch_meters(watch, silent)
    assert caplog.messages == ["meter hq: lost: no readings", "meter hq: back"]


def test_the_tick_says_it_for_an_alarm(
    here: Stage,
    watch: MeterWatch,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four times an hour, and a store that is down is no end of the tick."""
    office = dataclasses.replace(wiring.endpoints(), watch=watch)
    here.series.keep("hq", [Reading(NOW, 3.0)])
    for minutes in range(31, 62):
        here.clock.at = NOW + timedelta(minutes=minutes)
        office.wake_due()
    assert caplog.messages.count("a meter is silent: hq") == 2

    def down(_: str) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(here.series, "sweep", down)
    here.clock.at = NOW + timedelta(hours=2)
    office.wake_due()
    assert caplog.messages[-1] == "the meters: not now: gone"

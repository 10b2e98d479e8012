"""The make-believe building: a morning peak, a register that fits, and what is set by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.listener.web_server import WebServer
from bot.listener.wsgi import wsgi
from practice.meter.building import FUSE, Building, kw_of
from practice.meter.control import MeterControl
from practice.meter.sender import Sender
from tests.fakes import FakeClock
from tests.meters.kit import Stage, stage

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)  # midnight in Los Angeles
ZONE = "America/Los_Angeles"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MONDAY)


@pytest.fixture
def building(clock: FakeClock) -> Building:
    return Building(clock, ZONE, lambda: 26.4)


class TestBuilding:
    """What its meter shows."""

    def test_people_come_in_the_morning(self, building: Building, clock: FakeClock) -> None:
        """More flows at nine than at night and at weekends, and never more than the fuse holds."""
        day = []
        for _ in range(48):
            day.append(building.now())
            clock.advance(minutes=30)
        peak = max(day, key=lambda one: one.kw)
        assert 8 <= (peak.at - MONDAY) / timedelta(hours=1) <= 10
        assert peak.kw > 1.5 * day[0].kw
        assert all(amps < FUSE for one in day for amps in one.amps)
        clock.advance(days=4, hours=9)
        assert building.now().kw < peak.kw * 0.8

    def test_the_register_counts_what_flows(self, building: Building, clock: FakeClock) -> None:
        """Over a leap, too."""
        building.force([100.0, 50.0, 0.0])
        before = building.now()
        clock.advance(hours=2)
        after = building.now()
        assert after.kw == pytest.approx(kw_of((100.0, 50.0, 0.0))) == pytest.approx(34.5)
        assert after.kwh - before.kwh == pytest.approx(69.0)
        building.force(None)
        assert building.now().kw != after.kw

    def test_the_page_sees_the_hours_before(self, building: Building, clock: FakeClock) -> None:
        """A figure each five minutes, half a day back; the register has counted them."""
        before = building.day_before()
        assert len(before) == 288
        assert all(one.kwh < other.kwh for one, other in pairwise([*before, building.now()]))
        clock.advance(hours=1)
        past = building.state()["past"]
        assert len(past) == 144
        assert datetime.fromisoformat(past[-1][0]) == clock.now()

    def test_control(self, building: Building) -> None:
        """`POST /practice/meter`."""
        control = MeterControl(building)
        found = control.set({"amps": [10, 20.5, 30], "stalled": True, "skew_seconds": -90})
        assert found["amps"] == [10, 20.5, 30]
        assert (found["forced"], found["stalled"], found["skew_seconds"]) == (True, True, -90)
        assert control.set({"reset": True})["kwh"] == 0
        assert control.set({"amps": None})["forced"] is False

    @pytest.mark.parametrize(
        "body",
        [
            {"amps": [1, 2]}, {"amps": [1, 2, "3"]}, {"amps": [1, 2, -3]}, {"amps": [1, 2, 1e9]},
            {"amps": [True, 1, 1]}, {"amps": "1,2,3"}, {"stalled": 1}, {"skew_seconds": 1e6},
            {"reset": "yes"}, {"watts": 3}, {"nulls": None},
        ],
    )  # fmt: skip
    def test_bad_control(self, building: Building, body: dict[str, object]) -> None:
        """Refused whole, with what is possible."""
        control = MeterControl(building)
        before = control.state()
        with pytest.raises(ValueError, match=r"is|are|unknown"):
            control.set({"amps": [5, 5, 5], **body})
        assert control.state() == before


class TestSender:
    """The meter as a device of the real endpoint."""

    @pytest.fixture
    def here(self, tmp_path: Path) -> Iterator[Stage]:
        from app import app

        with stage(tmp_path, MONDAY) as found:
            web = WebServer(wsgi(app), host="127.0.0.1", port=0)
            web.start()
            self.url = f"http://127.0.0.1:{web.port}/meters/hq/readings"
            yield found
            web.close()

    def sender(self, here: Stage) -> Sender:
        return Sender(Building(here.clock, ZONE, lambda: 0.0), self.url, here.key)

    def kept(self, here: Stage) -> int:
        return len(list(here.series.readings("hq", MONDAY, MONDAY + timedelta(days=1))))

    def test_it_sends_what_it_shows(self, here: Stage) -> None:
        """Once a moment: a clock that stands still has nothing new."""
        sender = self.sender(here)
        sender.look()
        sender.look()
        here.clock.advance(seconds=5)
        sender.look()
        assert (self.kept(here), sender.refused) == (2, "")
        newest = here.series.newest("hq")
        assert newest
        assert len(newest.amps) == 3

    def test_what_was_not_taken_is_sent_again(self, here: Stage) -> None:
        """After an outage, all at once."""
        sender = self.sender(here)
        sender.key = "wrong"
        for _ in range(3):
            sender.look()
            here.clock.advance(seconds=5)
        assert sender.refused.startswith("401")
        sender.key = here.key
        sender.look()
        assert self.kept(here) == 4

    def test_its_faults(self, here: Stage) -> None:
        """A stall sends nothing, nulls no amps; a clock far ahead is refused, and said."""
        sender = self.sender(here)
        sender.faults.stalled = True
        sender.look()
        assert self.kept(here) == 0
        sender.faults.stalled, sender.faults.nulls = False, True
        sender.look()
        newest = here.series.newest("hq")
        assert newest
        assert newest.amps == ()
        here.clock.advance(seconds=5)
        sender.faults.skew_seconds = 3600
        sender.look()
        assert "ahead of our clock" in json.loads(sender.refused.partition(": ")[2])["error"]

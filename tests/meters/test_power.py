"""`power` in chat: what the meter says, in words, a small chart and a link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.speaking import Speaker
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.concierge import Concierge
from chalicelib.energy.readings import Reading
from chalicelib.energy.report import curve
from chalicelib.energy.slots import SLOT
from chalicelib.meters.power import PowerTeller
from chalicelib.stores import open_store
from chalicelib.values import replace
from tests.fakes import ANA, CHANNEL, FakeClock, look, site_of
from tests.meters.kit import Stage, stage

NOW = datetime(2026, 11, 29, 12, 3, tzinfo=UTC)  # a Sunday, 04:03 in Los Angeles
SPEAKER = Speaker(ANA, "ana", CHANNEL, "1")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, NOW) as found:
        yield found


@pytest.fixture
def handler(here: Stage, tmp_path: Path) -> CommandHandler:
    store = open_store(f"sqlite:{tmp_path / 'ev.sqlite'}")
    store.save(replace(site_of(), meter="hq"), None)
    store.bind(CHANNEL, "hq")
    clock = FakeClock(NOW)
    concierge = Concierge(store, {}, clock)
    concierge.handle("hq", look(NOW, p1=ANA, p2=None))
    teller = PowerTeller(store, here.meters, here.series, here.clock, "https://ev.example.org")
    return CommandHandler(concierge, TerminalMarkup(), teller.tell)


def said(handler: CommandHandler, text: str) -> list[str]:
    return handler.on_command(SPEAKER, text).words.text.splitlines()


def fill(here: Stage) -> None:
    """Three days of 12 kW, and an hour of 24 kW two hours ago."""
    starts = [NOW - timedelta(minutes=3) - n * SLOT for n in range(864)]
    busy = NOW - timedelta(minutes=123), NOW - timedelta(minutes=63)
    here.series.keep(
        "hq", [Reading(at, 24.0 if busy[0] <= at < busy[1] else 12.0) for at in starts]
    )


class TestPower:
    """The answer."""

    def test_the_day(self, handler: CommandHandler, here: Stage) -> None:
        """What flows, what the cars draw of it, what it came to, and when most did."""
        fill(here)
        now, sums, chart, picture = said(handler, "power")
        assert now == "Building: 12.0 kW at 04:00; the cars draw 6.6 kW."
        assert sums == "Last 24 hours: 289 kWh, at most 24.0 kW (02:00)."
        assert chart == "`▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅█▅▁` kWh an hour since 05:00, 24.0 at most"
        path = urlsplit(picture.split()[-1])
        answer = here.ask("GET", f"{path.path}?{path.query}", key=None)
        assert answer.status == 200
        assert answer.body.startswith(b"\x89PNG")

    def test_the_week(self, handler: CommandHandler, here: Stage) -> None:
        """By the day; days that nobody measured are gaps."""
        fill(here)
        _, sums, chart, picture = said(handler, "power week")
        assert sums == "Last seven days: 876 kWh, at most 24.0 kW (Sun)."
        assert chart.startswith("`···")
        assert chart.endswith("kWh a day since Mon, 288 at most")
        path = urlsplit(picture.split()[-1])
        assert here.ask("GET", f"{path.path}?{path.query}", key=None).status == 200

    def test_a_silent_meter(self, handler: CommandHandler) -> None:
        """Is no zero."""
        assert said(handler, "power") == [
            "The building's meter hasn't told anything in that time."
        ]

    def test_no_meter(self, here: Stage, tmp_path: Path) -> None:
        """What to do about it."""
        store = open_store(f"sqlite:{tmp_path / 'ev.sqlite'}")
        store.save(site_of(), None)
        store.bind(CHANNEL, "hq")
        teller = PowerTeller(store, here.meters, here.series, here.clock, "")
        handler = CommandHandler(
            Concierge(store, {}, FakeClock(NOW)), TerminalMarkup(), teller.tell
        )
        [line] = said(handler, "power")
        assert "has no meter" in line
        assert "bot meter add" in line

    @pytest.mark.parametrize("text", ["power month", "power 3", "power day week"])
    def test_what_it_does_not_know(self, handler: CommandHandler, text: str) -> None:
        """Said, not guessed."""
        assert "I did nothing" in said(handler, text)[0]


def test_the_curve() -> None:
    """From nothing to the most; what can't be drawn is a gap."""
    assert curve([0.0, None, 5.0, 10.0, float("inf"), -3.0]) == "▁·▅█·▁"
    assert curve([0.0, 0.0]) == "▁▁"
    assert curve([]) == ""

"""A day with little power, through the real process: what the building does, what admins ask."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from practice.chargepoint.asked import Trouble
from practice.common.posts import Post
from practice.world import World, world
from tests.waiting import within

SPEED, POLL = 240, 60.0  # four looks in a real second
DELAY = timedelta(minutes=2)  # until an order reaches the stations
CARS = ("bob", "cleo", "eli")  # one port stands idle
SOON = 15.0  # real seconds: an hour of site time


@contextmanager
def car_park(folder: Path) -> Iterator[World]:
    with world(speed=SPEED, poll_seconds=POLL, cars=CARS, log=folder / "log") as here:
        here.carpark.shed_delay = here.carpark.clear_delay = DELAY
        yield here
        assert here.slack.violations == []
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with car_park(tmp_path) as open_now:
        within(SOON, lambda: len(open_now.site().ports) == 4)
        yield open_now


@pytest.fixture
def agreed(here: World) -> World:
    """Facilities agree to limits from chat."""
    here.command("site", "set", "hq", "--policy", "cap_commands=on")
    return here


def said(here: World, words: str, to: str = "channel") -> list[Post]:
    """Messages with these words, without edits and answers that only the asker sees."""
    posts = here.slack.workspace.feed.after(0)
    first = [post for post in posts if not post["edited"] and not post["ephemeral"]]
    return [post for post in first if words in post["text"] and post["to"] == to]


def pass_site_minutes(here: World, minutes: float) -> None:
    """Let the day go by; looks and all."""
    end = here.clock.now() + timedelta(minutes=minutes)
    while here.clock.now() < end:
        time.sleep(0.02)


def capped(here: World) -> list[float | None]:
    """What each port may give in the car park, in kW."""
    return [port.cap.kw if port.cap else None for port in here.carpark.ports()]


def ask(here: World, text: str) -> str:
    """What dave, the admin, is answered."""
    answer = here.slack.say("dave", text)
    assert not answer.get("error"), answer
    return str(answer["text"])


def settled(here: World, are: Callable[[], bool]) -> None:
    within(SOON, are)


class TestTheBuilding:
    """Somebody sheds load, as a utility's programme does."""

    def test_it_is_told_once_and_shown(self, here: World) -> None:
        """Half the power: one message when it holds, kW and cap in the lists, one when it ends."""
        here.carpark.shed(percent=50)
        pass_site_minutes(here, 1)
        assert said(here, "Power is limited") == []
        settled(here, lambda: bool(said(here, "Power is limited")))
        pass_site_minutes(here, 10)
        assert len(said(here, "Power is limited")) == 1, said(here, "Power is limited")
        for words in ("/ev list", "/ev status"):
            answer = ask(here, words)
            assert answer.count("kW") >= 3, answer
            assert answer.count("limited by 50 %") == 4, answer
        here.carpark.shed()
        settled(here, lambda: bool(said(here, "Full power is back")))
        pass_site_minutes(here, 10)
        assert len(said(here, "Full power is back")) == 1
        assert len(said(here, "Power is limited")) == 1

    def test_a_limit_that_comes_and_goes_is_not_worth_a_word(self, here: World) -> None:
        """What doesn't hold for two looks is said neither when it comes nor when it goes."""
        here.carpark.shed_delay = here.carpark.clear_delay = timedelta(0)
        here.carpark.shed(percent=50)
        within(SOON, lambda: any(port.capped for port in here.site().ports.values()))
        here.carpark.shed()
        pass_site_minutes(here, 5)
        assert said(here, "ower is ") == []


class TestAdmins:
    """What admins ask for goes through shedLoad, and the channel hears of each step."""

    def test_not_without_consent(self, here: World) -> None:
        """Until facilities agree, nobody limits anything from chat."""
        ask(here, "/ev admin cap 50%")
        pass_site_minutes(here, 3)
        assert "shedLoad" not in here.network.calls
        assert capped(here) == [None] * 4

    def test_asked_for_seen_to_hold_and_lifted(self, agreed: World) -> None:
        """Half of the rated power, sent as kW; idle ports may give it, too; `off` ends it."""
        here = agreed
        answer = ask(here, "/ev admin cap 50% for 2h")
        assert "3.3 kW" in answer
        assert "2h" in answer
        settled(here, lambda: capped(here) == [3.3] * 4)
        for port in here.carpark.ports():
            assert port.cap is not None
            assert port.cap.until is not None
            assert timedelta(minutes=80) < port.cap.until - here.clock.now() < timedelta(hours=2)
        assert "clearShedState" not in here.network.calls
        settled(here, lambda: bool(said(here, "Power is limited")))
        assert len(said(here, "Power is limited")) == 1
        assert "3.3 kW" in ask(here, "/ev status")
        ask(here, "/ev admin cap off")
        settled(here, lambda: capped(here) == [None] * 4)
        settled(here, lambda: bool(said(here, "Full power is back")))
        assert here.network.calls.count("shedLoad") == 2  # one a station

    def test_a_percentage_is_cleared_first(self, agreed: World) -> None:
        """The network refuses kW where a percentage holds; so that goes first."""
        here = agreed
        here.carpark.shed(percent=50)
        settled(here, lambda: bool(said(here, "Power is limited")))
        ask(here, "/ev admin cap 2kW")
        settled(here, lambda: capped(here) == [2.0] * 4)
        calls = [call for call in here.network.calls if "hed" in call]
        assert calls == ["clearShedState", "shedLoad"] * 2
        assert said(here, "refused") == []

    def test_the_network_refuses(self, agreed: World) -> None:
        """The channel hears that nothing came of it, and why; once."""
        here = agreed
        here.network.fault_config.sheds = False
        ask(here, "/ev admin cap 3.3kW")
        settled(here, lambda: bool(said(here, "The network refused the power limit")))
        pass_site_minutes(here, 5)
        assert len(said(here, "The network refused the power limit")) == 1
        assert capped(here) == [None] * 4
        assert said(here, "Power is limited") == []

    def test_it_ends_by_itself(self, agreed: World) -> None:
        """After the minutes that were asked for the network lifts it, and the channel hears."""
        here = agreed
        ask(here, "/ev admin cap 3.3kW for 10m")
        settled(here, lambda: bool(said(here, "Power is limited")))
        settled(here, lambda: bool(said(here, "Full power is back")))
        assert capped(here) == [None] * 4

    def test_off_ends_only_ours(self, agreed: World) -> None:
        """The building's own limit is not for admins to lift."""
        here = agreed
        here.carpark.shed(allowed_kw=2)
        settled(here, lambda: bool(said(here, "Power is limited")))
        ask(here, "/ev admin cap off")
        pass_site_minutes(here, 3)
        assert "clearShedState" not in here.network.calls
        assert capped(here) == [2.0] * 4


class TestAlarms:
    def test_admins_are_told_once(self, here: World) -> None:
        """A new alarm is a direct message, once; `status` shows it while it stands."""
        port = here.carpark.ports()[1]
        here.network.fault_config.alarms = (
            Trouble(port.station, port.number, "Earth Leakage", here.clock.now().astimezone(UTC)),
        )
        within(SOON, lambda: said(here, "Earth Leakage", "dave"))
        assert "Earth Leakage" in ask(here, "/ev status")
        pass_site_minutes(here, 31)  # the network is asked twice more
        assert len(said(here, "Earth Leakage", "dave")) == 1
        assert said(here, "Earth Leakage") == []
        here.network.fault_config.alarms = ()
        within(SOON, lambda: not here.site().alarms)
        assert "Earth Leakage" not in ask(here, "/ev status")

"""`/practice/network`: what the make-believe network does wrong today, set while all runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.events import START, STOP
from chalicelib.core.model import Site, Stations
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.carpark import CarPark
from practice.chargepoint.event_feed import Publisher
from practice.common.people import BY_NAME, GROUP
from practice.faults import Faults
from practice.world import world
from tests.bot.networks.chargepoint.client_kit import KEY, PASSWORD, SetClock, serving, stand_in
from tests.bot.networks.chargepoint.feed_kit import (
    KEY as FEED_KEY,
    listening,
    need_prosody,
    server,
)
from tests.waiting import within

ANA = BY_NAME["ana"]
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
HERE = ("1:900001", "1")


@pytest.fixture
def carpark() -> CarPark:
    found = CarPark(SetClock())
    found.plug(*HERE, ANA)
    return found


@pytest.fixture
def asked(carpark: CarPark) -> Iterator[tuple[Faults, Any]]:
    """The switches of a network, and a way to look at it with a client that waits half a second."""
    app = stand_in(carpark)
    with serving(app) as url:

        def look() -> Any:
            client = ChargePointClient(url, KEY, PASSWORD, timeout=0.5, clock=SetClock())
            return ChargePoint(client, SetClock()).look(HQ).ports[0]

        yield Faults(carpark, app, None), look


@pytest.mark.parametrize(
    ("wanted", "fault", "words"),
    [
        ({"slow_seconds": 0.8}, NetworkUnavailable, "no answer within"),
        ({"stalled": True}, NetworkUnavailable, "no answer within"),
        ({"refused": True}, NetworkRefused, "password"),
        ({"rubbish": True}, NetworkUnavailable, "XML|reply"),
        ({"busy_times": 9}, NetworkUnavailable, "503"),
    ],
)
def test_soap(
    asked: tuple[Faults, Any], wanted: dict[str, Any], fault: type[Exception], words: str
) -> None:
    """Slow, stalled, refusing, talking rubbish, busy: each is on when told so, and off again."""
    switches, look = asked
    before = switches.state()
    switches.turn(wanted)
    with pytest.raises(fault, match=words):
        look()
    switches.turn({name: before[name] for name in wanted})
    assert switches.state() == before
    assert look().user == ANA.user_id


def test_withheld_ids(asked: tuple[Faults, Any]) -> None:
    """Users and credentials are told or not, each by itself."""
    switches, look = asked
    switches.turn({"omit_users": True})
    assert (look().user, look().credential) == ("", ANA.credential_id)
    switches.turn({"omit_users": False, "omit_credentials": True})
    assert (look().user, look().credential) == (ANA.user_id, "")


@pytest.mark.parametrize(
    "wanted",
    [{"sloow": 1}, {"stalled": 1}, {"slow_seconds": True}, {"slow_seconds": -1}, {"busy_times": "x"}],
)  # fmt: skip
def test_nonsense(asked: tuple[Faults, Any], wanted: dict[str, Any]) -> None:
    """What isn't a switch or doesn't fit one is refused, and nothing else of it is set."""
    switches, _ = asked
    before = switches.state()
    with pytest.raises(ValueError, match=next(iter(wanted))):
        switches.turn({"refused": True, **wanted})
    assert switches.state() == before


def test_the_feed(carpark: CarPark) -> None:
    """Events are dropped, doubled, without users, and held back by a server that stands still."""
    app = stand_in(carpark)
    app.subscriptions.add([START, STOP], [HERE[0]])
    with (
        server() as there,
        Publisher(carpark, app.subscriptions, there, FEED_KEY) as publisher,
        listening(there) as heard,
    ):
        switches = Faults(carpark, app, publisher)
        within(5, lambda: heard.sessions)
        switches.turn({"events_dropped": 1})
        carpark.unplug(*HERE)
        switches.turn({"events_dropped": 0, "events_doubled": 1, "events_omit_users": True})
        carpark.plug(*HERE, ANA)
        within(5, lambda: len(heard.events) == 2)
        assert [(event.name, event.user) for event in heard.events] == [(START, "")] * 2
        switches.turn({"events_stalled": True})
        within(5, lambda: not heard.feed.is_up)
        switches.turn({"events_stalled": False})
        within(5, lambda: heard.feed.is_up)


def test_over_http(tmp_path: Path) -> None:
    """The running car park lists its switches, takes them, and says what it doesn't understand."""
    need_prosody()
    with world(feed=True, log=tmp_path / "log") as here:
        url = f"{here.url}/practice/network"
        first = requests.post(url, json={}, timeout=5).json()
        assert len(first) == 13
        assert not any(first.values())
        told = requests.post(url, json={"rubbish": True}, timeout=5).json()
        assert told == {**first, "rubbish": True}
        within(15, lambda: "ChargePoint: lost" in (tmp_path / "log").read_text())
        requests.post(url, json={"rubbish": False}, timeout=5)
        within(15, lambda: "ChargePoint: back" in (tmp_path / "log").read_text())
        refused = requests.post(url, json={"stalled": "yes"}, timeout=5)
        assert refused.status_code == 400
        assert "stalled is true or false" in refused.text

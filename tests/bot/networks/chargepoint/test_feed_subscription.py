"""The subscription to the event feed: one for all starts, and a new one only in need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.networks.chargepoint import ChargePointClient
from bot.networks.chargepoint.events import USED
from bot.networks.chargepoint.reply import PlanDenied
from bot.networks.chargepoint.subscription import KIND, PATIENCE, Subscription
from chalicelib.stores.sqlite import SQLiteStore
from practice.carpark import CarPark
from practice.chargepoint.service import StandIn
from tests.bot.networks.chargepoint.client_kit import KEY, PASSWORD, SetClock, serving, stand_in


class Service:
    """The stand-in, a store, and as many processes as one likes."""

    def __init__(self, url: str, app: StandIn, file: Path) -> None:
        self.url, self.app = url, app
        self.records = SQLiteStore(str(file)).records

    def process(self, password: str = PASSWORD, **pace: float) -> Subscription:
        client = ChargePointClient(self.url, KEY, password)
        return Subscription(client, self.records, f"{self.url} {KEY}", **pace)

    @property
    def count(self) -> int:
        return self.app.subscriptions.count()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    app = stand_in(CarPark(SetClock()))
    with serving(app) as url:
        yield Service(url, app, tmp_path / "store.sqlite")


def test_one_subscription_for_all_starts(service: Service) -> None:
    """The first start registers for the events we use, the others refresh it."""
    for _ in range(3):
        ours = service.process()
        ours.turn()
        ours.turn()
    assert service.count == 1
    assert len(service.app.subscriptions.refreshed) == 2
    assert [service.app.subscriptions.count(name, "1:900001") for name in USED] == [1] * len(USED)


def test_the_key_is_not_in_the_store(service: Service) -> None:
    """What is remembered is filed under a digest."""
    service.process().turn()
    assert service.records.get(KIND, KEY) is None
    assert KEY not in service.process()._key


def test_a_subscription_that_is_gone_is_made_anew(service: Service) -> None:
    """Or one for other events than ours."""
    service.process().turn()
    service.app.subscriptions.forget()
    service.process().turn()
    assert service.count == 1
    key = service.process()._key
    known = service.records.get(KIND, key)
    assert known is not None
    service.records.put(KIND, key, {**known, "events": ["station_alarm"]})
    service.process().turn()
    assert service.count == 2


def test_a_deaf_feed_is_subscribed_anew(service: Service) -> None:
    """Looks show three changes and no event comes; but not more often than allowed."""
    service.process().turn()
    ours = service.process(grace=-1, fresh_every=3600)
    ours.turn()
    ours.saw(PATIENCE - 1)
    ours.turn()
    assert service.count == 1
    ours.saw(1)
    ours.turn()
    assert service.count == 2
    ours.saw(100)
    ours.turn()
    assert service.count == 2


def test_a_feed_that_is_heard_is_left_alone(service: Service) -> None:
    """An event clears all doubts, and events may come late."""
    ours = service.process(grace=-1)
    ours.turn()
    ours._fresh_at = float("-inf")
    ours.saw(PATIENCE)
    ours.heard()
    ours.turn()
    patient = service.process(grace=60)
    patient.turn()
    patient.saw(PATIENCE)
    patient.turn()
    assert service.count == 1


@pytest.mark.parametrize(
    ("password", "mood", "words"),
    [
        ("not-the-password", {}, "InvalidSecurity"),
        (PASSWORD, {"html": True}, "no XML"),
        (PASSWORD, {"fault": "Server"}, "fault Server"),
    ],
)
def test_a_refusal_is_logged_once_and_not_repeated(
    service: Service, caplog: pytest.LogCaptureFixture, password: str, mood: Any, words: str
) -> None:
    """Subscribing can wait: no hammering; and it is told when it works."""
    service.app.mood = replace(service.app.mood, **mood)
    ours = service.process(password)
    for _ in range(5):
        ours.turn()
    asked = len(service.app.calls)
    assert asked <= 1
    assert [words in line for line in caplog.messages] == [True]
    service.app.mood = replace(service.app.mood, html=False, fault="")
    ours._client = ChargePointClient(service.url, KEY, PASSWORD)
    ours._not_before = 0
    ours.turn()
    assert caplog.messages[1:] == ["subscribing to the event feed: back"]
    assert service.count == 1


def test_a_plan_without_the_feed_turns_it_off(
    service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One word, and no second attempt."""
    asked = []

    def denied(_: object, _events: object) -> str:
        asked.append(1)
        raise PlanDenied("registerFeeds: denied (code 101)")

    monkeypatch.setattr(ChargePointClient, "register_feeds", denied)
    ours = service.process()
    for _ in range(5):
        ours.turn()
    assert len(asked) == 1
    assert ["polling goes on" in line for line in caplog.messages] == [True]

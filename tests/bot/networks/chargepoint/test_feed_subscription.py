"""The subscription to the event feed: one for all starts, and a new one only in need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.networks.chargepoint import ChargePointClient, http
from bot.networks.chargepoint.events import USED
from bot.networks.chargepoint.reply import PlanDenied
from bot.networks.chargepoint.subscription import KIND, PATIENCE, Subscription
from chalicelib.edges import NetworkUnavailable, StoreUnavailable
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
    ("password", "fault_config", "words"),
    [
        ("not-the-password", {}, "InvalidSecurity"),
        (PASSWORD, {"fault": "Server"}, "fault Server"),
    ],
)
def test_a_refusal_is_logged_once_and_not_repeated(
    service: Service,
    caplog: pytest.LogCaptureFixture,
    password: str,
    fault_config: Any,
    words: str,
) -> None:
    """Subscribing can wait: no hammering; and it is told when it works."""
    service.app.fault_config = replace(service.app.fault_config, **fault_config)
    ours = service.process(password)
    for _ in range(5):
        ours.turn()
    asked = len(service.app.calls)
    assert asked <= 1
    assert [words in line for line in caplog.messages] == [True]
    service.app.fault_config = replace(service.app.fault_config, html=False, fault="")
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


def spoiled(service: Service, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The registration is done, and its answer is late, lost, or replaced by a gateway's page."""
    real = http.Transport._post

    def post(self: Any, address: str, message: bytes, headers: dict[str, str]) -> http.Answer:
        answer = real(self, address, message, headers)
        if b"registerFeeds" not in message:
            return answer
        if how == "late":
            raise http.TooSlow("no answer within 8 s")
        if how == "lost":
            raise NetworkUnavailable("can't reach it: connection reset")
        return http.Answer(504, b"<html>Gateway Timeout<br></html>")

    monkeypatch.setattr(http.Transport, "_post", post)


@pytest.mark.parametrize("how", ["late", "lost", "gateway"])
def test_an_unsure_registration_is_not_repeated(
    service: Service, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """There is no way to end a subscription: the one that may be there is waited for, over
    restarts, and only when it proves deaf a new one is made.
    """
    with monkeypatch.context() as patch:
        spoiled(service, patch, how)
        ours = service.process()
        for _ in range(3):
            ours.turn()
            ours._not_before = 0
        assert service.count == 1
    ours = service.process(grace=-1)
    ours.turn()
    assert service.count == 1
    ours.saw(PATIENCE)
    ours.turn()
    assert service.count == 2
    service.process().turn()
    assert (service.count, len(service.app.subscriptions.refreshed)) == (2, 1)


def test_a_crash_while_registering(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever dies before the answer is kept doesn't ask again at the next start."""

    def dies(*_: object) -> str:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(ChargePointClient, "register_feeds", dies)
        with pytest.raises(SystemExit):
            service.process().turn()
    service.process().turn()
    assert service.count == 0


def test_what_was_not_heard_is_asked_again(service: Service) -> None:
    """A service that couldn't be reached, or says no, has no subscription of ours."""
    ours = service.process()
    ours._client = ChargePointClient("http://127.0.0.1:9", KEY, PASSWORD)
    ours.turn()
    assert service.records.get(KIND, ours._key) is None
    ours._client, ours._not_before = ChargePointClient(service.url, KEY, PASSWORD), 0
    ours.turn()
    assert service.count == 1


def test_a_store_that_is_down_gets_the_id_later(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subscription whose id couldn't be kept at once is no reason for another one."""
    ours = service.process()
    real, times = ours._records.put, iter([False, True])

    def put(*record: Any) -> None:
        if next(times, False):
            raise StoreUnavailable
        real(*record)

    monkeypatch.setattr(ours._records, "put", put)
    with pytest.raises(StoreUnavailable):
        ours.turn()
    ours.turn()
    known = service.records.get(KIND, ours._key)
    assert service.count == 1
    assert known is not None
    assert known["subscription"]

"""The practice car park's feed: who gets what, in which words, and what it does wrong on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import BytesIO

import pytest
from lxml import etree

from bot.networks.chargepoint.events import ALARM, START, STATUS, STOP
from bot.networks.chargepoint.reply import Row
from practice.carpark import CarPark
from practice.chargepoint import prosody
from practice.chargepoint.event_feed import Publisher, body, tag
from practice.chargepoint.prosody import Prosody
from practice.chargepoint.subscriptions import Subscriptions
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import SetClock, envelope, stand_in
from tests.bot.networks.chargepoint.feed_kit import KEY, need_prosody, server
from tests.waiting import within

ANA = BY_NAME["ana"]
ALL = (START, STOP, STATUS)
PLACE = ("1:900001", "1")


class Recorded(Publisher):
    """A publisher whose messages end here, and not in a server."""

    def __init__(self, carpark: CarPark, there: Prosody) -> None:
        self.subscriptions = Subscriptions()
        super().__init__(carpark, self.subscriptions, there, KEY)
        self.bodies: list[str] = []

    def _enqueue(self, text: str) -> None:
        self.bodies.append(text)

    def fields(self) -> list[dict[str, str]]:
        """What was sent since the last time, as names and values."""
        bodies, self.bodies = self.bodies, []
        parsed = [etree.fromstring(text.encode()) for text in bodies]
        return [{child.tag: child.text or "" for child in event} for event in parsed]


@pytest.fixture(scope="module")
def there() -> Iterator[Prosody]:
    with server() as running:
        yield running


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def carpark(clock: SetClock) -> CarPark:
    return CarPark(clock)


@pytest.fixture
def feed(carpark: CarPark, there: Prosody) -> Iterator[Recorded]:
    with Recorded(carpark, there) as publisher:
        yield publisher


def test_the_words_of_a_plug_and_an_unplug(
    carpark: CarPark, feed: Recorded, clock: SetClock
) -> None:
    """As seen in 2019: the start with a user and a Z, the stop without both, the status bare."""
    feed.subscriptions.add(ALL, [PLACE[0]])
    carpark.plug(*PLACE, ANA)
    start, status = feed.fields()
    assert start == {
        "stationID": "1:900001",
        "feedEventName": START,
        "portNumber": "1",
        "sessionID": "501",
        "startTime": "2031-03-03T16:30:00Z",
        "rfID": tag(ANA),
        "userID": ANA.user_id,
    }
    assert status == {
        "stationID": "1:900001",
        "feedEventName": STATUS,
        "portNumber": "1",
        "status": "INUSE",
    }
    clock.pass_minutes(20)
    carpark.unplug(*PLACE)
    stop, status = feed.fields()
    assert (stop["startTime"], stop["endTime"]) == ("2031-03-03 16:30:00", "2031-03-03 16:50:00")
    assert "userID" not in stop
    assert status["status"] == "AVAILABLE"


def test_the_form_of_a_document() -> None:
    """Every value in CDATA, two blanks between the elements."""
    assert body(stationID="1:9", portNumber="1") == (
        '<?xml version="1.0" encoding="UTF-8"?><event>  <stationID><![CDATA[1:9]]></stationID>'
        "  <portNumber><![CDATA[1]]></portNumber></event>"
    )


def test_only_what_was_asked_for(carpark: CarPark, feed: Recorded) -> None:
    """Each subscription gets its events of its stations; two get two of each."""
    carpark.plug(*PLACE, ANA)
    assert feed.fields() == []
    feed.subscriptions.add([STOP], [PLACE[0]])
    feed.subscriptions.add([STOP, ALARM], [PLACE[0], "1:900002"])
    feed.subscriptions.add(ALL, ["1:900002"])
    carpark.unplug(*PLACE)
    assert [one["feedEventName"] for one in feed.fields()] == [STOP, STOP]


def test_a_dark_port_is_silent(carpark: CarPark, feed: Recorded) -> None:
    """The network says that it lost the port; what happens there nobody hears."""
    feed.subscriptions.add(ALL, [PLACE[0]])
    carpark.unreachable(*PLACE)
    assert [one["status"] for one in feed.fields()] == ["UNREACHABLE"]
    carpark.plug(*PLACE, ANA)
    assert feed.fields() == []
    carpark.reachable(*PLACE)
    assert [one["status"] for one in feed.fields()] == ["INUSE"]


def test_the_knobs(carpark: CarPark, feed: Recorded) -> None:
    """Messages are dropped, doubled, late, overtaken, and without their users."""
    feed.subscriptions.add([START], [PLACE[0]])
    feed.fault_config.omit_users = True
    carpark.plug(*PLACE, ANA)
    assert "userID" not in feed.fields()[0]
    feed.fault_config.drop = 1
    feed.post("1")
    assert feed.bodies == []
    feed.fault_config.drop = 0
    feed.fault_config.duplicate = 1
    feed.post("2")
    assert feed.bodies == ["2", "2"]
    feed.fault_config.duplicate = 0
    feed.fault_config.overtake = 1
    feed.fault_config.late_seconds = 0.05
    feed.post("3")
    feed.fault_config.overtake = 0
    feed.post("4")
    within(5, lambda: len(feed.bodies) == 4)
    assert feed.bodies[2:] == ["4", "3"]
    feed.fault_config.delay_seconds = 0.05
    feed.post("5")
    assert len(feed.bodies) == 4
    within(5, lambda: feed.bodies[-1] == "5")


def test_register_feeds_and_update_feed(carpark: CarPark) -> None:
    """An int of six digits comes back, a string of it refreshes; what makes no sense is refused."""
    app = stand_in(carpark)

    def ask(operation: str, query: str) -> Row:
        message = envelope(f"<c:{operation}>{query}</c:{operation}>")
        environ = {
            "PATH_INFO": "/webservices/chargepoint/services/5.1",
            "REQUEST_METHOD": "POST",
            "CONTENT_LENGTH": str(len(message)),
            "wsgi.input": BytesIO(message),
        }
        (answer,) = app(environ, lambda *_: lambda _: None)
        return Row(etree.fromstring(answer)[-1][0])

    events = f"<Events><feedEventName>{START}</feedEventName></Events>"
    assert ask("registerFeeds", "<Events/><searchQuery/>").text("responseCode") == "172"
    unknown = "<searchQuery><stationID>1:999999</stationID></searchQuery>"
    assert ask("registerFeeds", events + unknown).text("responseCode") == "102"
    one = "<searchQuery><stationID>1:900001</stationID></searchQuery>"
    reply = ask("registerFeeds", f"{events}{one}<feedType>restricted</feedType>")
    assert (reply.text("responseCode"), reply.text("subscriptionID")) == ("100", "900017")
    group = f"<searchQuery><sgID>{GROUP}</sgID></searchQuery>"
    assert ask("registerFeeds", events + group).text("subscriptionID") == "900018"
    assert app.subscriptions.count(START, "1:900001") == 2
    assert app.subscriptions.count(START, "1:900002") == 1
    assert app.subscriptions.count(STOP, "1:900001") == 0
    refresh = "<subscriptionID>900018</subscriptionID><Refresh>true</Refresh>"
    assert ask("updateFeed", refresh).text("responseCode") == "100"
    assert ask("updateFeed", refresh.replace("18", "99")).text("responseCode") == "160"
    assert ask("updateFeed", refresh.replace("true", "maybe")).text("faultcode")


def test_the_publisher_survives_a_restart(carpark: CarPark) -> None:
    """What happens while the server is down is sent when it is up."""
    with server() as there:
        subscriptions = Subscriptions()
        subscriptions.add(ALL, [PLACE[0]])
        with Publisher(carpark, subscriptions, there, KEY) as publisher:
            carpark.plug(*PLACE, ANA)
            within(5, lambda: publisher.sent == 2)
            there.kill()
            within(5, lambda: publisher._client is None)
            carpark.unplug(*PLACE)
            there.start()
            within(5, lambda: publisher.sent == 4)


def test_nothing_is_left_behind() -> None:
    """No process, no folder, no thread: not even of a server that stands still."""
    need_prosody()
    threads = set(threading.enumerate())
    with prosody.prosody({"a": "b"}, "x.example") as there:
        folder, process = there.folder, there.process
        there.pause()
    assert process.poll() is not None
    assert not folder.exists()
    assert set(threading.enumerate()) == threads


def test_without_prosody_there_is_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """NoProsody says what is missing."""
    monkeypatch.setattr(prosody, "is_installed", lambda: False)
    with (
        pytest.raises(prosody.NoProsody, match="not installed"),
        prosody.prosody({}, "x.example"),
    ):
        pass

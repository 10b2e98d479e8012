"""The event feed over a real XMPP server: cut off in every way, it notices and comes back."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from bot.networks.chargepoint.events import START, STATUS
from bot.networks.chargepoint.feed import Backoff, Pace
from bot.networks.chargepoint.feed_probe import probe
from bot.networks.chargepoint.xmpp import Account, Client
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.carpark import CarPark
from practice.chargepoint import prosody
from practice.chargepoint.event_feed import SENDER_PASSWORD, body
from practice.common.people import BY_NAME
from practice.common.proxy import StallingProxy
from tests.bot.networks.chargepoint.client_kit import SetClock
from tests.bot.networks.chargepoint.feed_kit import (
    HEALED,
    HURRY,
    NOTICED,
    PASSWORD,
    SLACK,
    STRANGER,
    listening,
    publishing,
    server,
)
from tests.waiting import within

EVENT = body(stationID="1:900001", feedEventName=STATUS, portNumber="1", status="INUSE")


@pytest.fixture(scope="module")
def there() -> Iterator[prosody.Prosody]:
    with server() as running:
        yield running


@pytest.fixture
def carpark() -> CarPark:
    return CarPark(SetClock())


@pytest.mark.parametrize("tls", ["starttls", "direct"])
def test_events_arrive(there: prosody.Prosody, carpark: CarPark, tls: Any) -> None:
    """In both TLS modes a session begins, and a published event is heard."""
    port = there.port if tls == "starttls" else there.direct_port
    with listening(there, port, tls=tls) as heard, publishing(there, carpark) as publisher:
        within(5, lambda: heard.sessions)
        publisher.post(EVENT)
        within(5, lambda: heard.events)
        assert heard.events[0].station == "1:900001"
        assert heard.feed.is_up


def test_what_the_car_park_tells(there: prosody.Prosody, carpark: CarPark) -> None:
    """A plug is a session start with its driver and a status; only subscribers are told."""
    with listening(there) as heard, publishing(there, carpark) as publisher:
        within(5, lambda: heard.sessions)
        place = carpark.ports()[0].station, carpark.ports()[0].number
        carpark.plug(*place, BY_NAME["ana"])
        carpark.unplug(*place)
        publisher._subscriptions.add([START, STATUS], [place[0]])
        carpark.plug(*place, BY_NAME["bob"])
        within(5, lambda: len(heard.events) >= 2)
        start, status = heard.events
        assert (start.name, start.user) == (START, BY_NAME["bob"].user_id)
        assert (status.name, status.user) == (STATUS, "")
        assert {(e.station, e.port) for e in heard.events} == {place}
        assert heard.feed.reader.rubbish == 0


def test_other_domains_are_not_believed(there: prosody.Prosody, carpark: CarPark) -> None:
    """A perfect event from somebody elsewhere is counted, and nothing more."""
    elsewhere = Account(
        "127.0.0.1",
        there.port,
        STRANGER,
        SENDER_PASSWORD,
        domain="elsewhere.example",
        trust=ssl.create_default_context(cafile=str(there.ca)),
    )

    async def lie(to: str) -> None:
        client = Client(elsewhere, lambda _message: None)
        await client.open(5)
        client.send_message(to, EVENT, mtype="chat")  # type: ignore[arg-type]  # it takes both
        await client.lives(0, 5)
        client.abort()

    with listening(there) as heard, publishing(there, carpark) as publisher:
        within(5, lambda: heard.sessions)
        asyncio.run(lie(f"{heard.feed._account.key}@{there.domain}"))
        within(5, lambda: heard.feed.strangers == 1)
        publisher.post("<event/>")
        within(5, lambda: heard.feed.reader.rubbish == 1)
        assert heard.events == []


def test_a_stalled_path_is_noticed_and_healed(there: prosody.Prosody, carpark: CarPark) -> None:
    """Nothing gets through and nothing closes: noticed by the ping, and back when it heals,
    though reconnecting into the stall hangs until its own deadline.
    """
    with (
        StallingProxy(there.port) as path,
        listening(there, path.port) as heard,
        publishing(there, carpark) as publisher,
    ):
        within(5, lambda: heard.sessions)
        for stalls in range(1, 4):
            path.stall()
            within(NOTICED + SLACK, lambda: not heard.feed.is_up)
            before = path.connections
            within(HEALED + SLACK, lambda before=before: path.connections > before)  # type: ignore[misc]  # mypy can't infer it
            path.heal()
            within(HEALED + SLACK, lambda: heard.feed.is_up)
            assert len(heard.sessions) == stalls + 1
            publisher.post(EVENT)
            within(5, lambda stalls=stalls: len(heard.events) == stalls)  # type: ignore[misc]  # same


def test_a_short_stall_is_no_loss(there: prosody.Prosody, carpark: CarPark) -> None:
    """What was held back for less than a ping's deadline arrives, in the same session."""
    patient = Pace(ping_every=0.2, answer_within=3, session_within=5)
    with (
        StallingProxy(there.port) as path,
        listening(there, path.port, pace=patient) as heard,
        publishing(there, carpark) as publisher,
    ):
        within(5, lambda: heard.sessions)
        path.stall()
        publisher.post(EVENT)
        within(5, lambda: publisher.sent)
        assert not heard.events
        path.heal()
        within(5, lambda: heard.events)
        assert len(heard.sessions) == 1


def test_a_reset_is_healed_at_once(there: prosody.Prosody) -> None:
    """A connection that is reset is back after the shortest pause."""
    with StallingProxy(there.port) as path, listening(there, path.port) as heard:
        within(5, lambda: heard.sessions)
        path.cut()
        within(HEALED + SLACK, lambda: len(heard.sessions) == 2)


def test_a_server_that_stands_still(there: prosody.Prosody) -> None:
    """SIGSTOP leaves every connection open: noticed, and healed when it goes on."""
    with listening(there) as heard:
        within(5, lambda: heard.sessions)
        there.pause()
        try:
            within(NOTICED + SLACK, lambda: not heard.feed.is_up)
        finally:
            there.resume()
        within(HEALED + SLACK, lambda: heard.feed.is_up)
        assert len(heard.sessions) == 2


def test_a_server_that_restarts(caplog: pytest.LogCaptureFixture) -> None:
    """While it is down the port refuses: one line when it is lost, one when it is back."""
    caplog.set_level(logging.INFO)
    with server() as there, listening(there) as heard:
        within(5, lambda: heard.sessions)
        there.kill()
        within(NOTICED + SLACK, lambda: not heard.feed.is_up)
        threading.Event().wait(4 * HURRY.retry_most)  # some attempts go to nobody
        there.start()
        within(HEALED + SLACK, lambda: heard.feed.is_up)
    lines = [record.getMessage() for record in caplog.records if "feed" in record.name]
    assert len(lines) == 2
    assert lines[0].startswith("the event feed: lost: ")
    assert lines[1] == "the event feed: back"


def test_a_wrong_password(there: prosody.Prosody, caplog: pytest.LogCaptureFixture) -> None:
    """Logged once, in words, and tried again only after the long pause."""
    caplog.set_level(logging.INFO)
    with (
        StallingProxy(there.port) as path,
        listening(there, path.port, password="not-the-password") as heard,
    ):
        within(5, lambda: path.connections == 2)
        assert within(5, lambda: path.connections == 3) > HURRY.retry_refused / 2 - 0.05
        assert not heard.sessions
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 1
    assert "the login was refused: check the API key" in lines[0]


def test_the_password_is_never_said(
    there: prosody.Prosody, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in any log at DEBUG, in no repr, in no form that SASL sends it in."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("slixmpp").propagate = True
    with listening(there) as heard:
        within(5, lambda: heard.sessions)
        account = heard.feed._account
        said = caplog.text + repr(account) + repr(heard.feed)
        plain = base64.b64encode(f"\0{account.key}\0{PASSWORD}".encode()).decode()
        assert PASSWORD not in said
        assert plain not in said
        assert account.key not in said


@pytest.mark.parametrize("tls", ["starttls", "direct"])
def test_an_untrusted_certificate(
    there: prosody.Prosody, caplog: pytest.LogCaptureFixture, tls: Any
) -> None:
    """A certificate that nobody vouches for ends the attempt, before any login."""
    port = there.port if tls == "starttls" else there.direct_port
    with listening(there, port, tls=tls, trust=ssl.create_default_context()) as heard:
        within(5, lambda: caplog.records)
        assert "CERTIFICATE_VERIFY_FAILED" in caplog.text
        assert not heard.sessions


class WithoutTls(socketserver.StreamRequestHandler):
    """A server that offers a login at once, and no TLS; it notes what it is told."""

    said: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        self.wfile.write(
            b"<stream:stream xmlns='jabber:client' version='1.0' id='1' "
            b"xmlns:stream='http://etherx.jabber.org/streams'><stream:features>"
            b"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
            b"</mechanisms></stream:features>"
        )
        with contextlib.suppress(ConnectionResetError):
            while data := self.request.recv(1000):
                self.said.append(data)


def test_starttls_is_not_optional() -> None:
    """To a server that offers no TLS no password goes, unless the mode is `none`."""

    async def attempt(port: int, tls: Any) -> None:
        client = Client(Account("127.0.0.1", port, "key", PASSWORD, tls, "x.example"), print)
        try:
            await client.open(1)
        finally:
            client.abort()

    plain = base64.b64encode(f"\0key\0{PASSWORD}".encode())
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), WithoutTls) as bare:
        threading.Thread(target=bare.serve_forever, args=(0.01,)).start()
        with pytest.raises(NetworkRefused):
            asyncio.run(attempt(bare.server_address[1], "starttls"))
        within(5, lambda: WithoutTls.said)
        assert plain not in b"".join(WithoutTls.said)
        with pytest.raises(NetworkUnavailable):
            asyncio.run(attempt(bare.server_address[1], "none"))
        bare.shutdown()
    assert plain in b"".join(WithoutTls.said)


def test_it_stops_at_once_whatever_it_does(there: prosody.Prosody) -> None:
    """Connected, connecting into a stall, or waiting: a stop takes no second, nothing stays."""
    with StallingProxy(there.port) as path:
        for stalled in (False, True):
            path.heal()
            with listening(there, path.port) as heard:
                within(5, lambda: heard.sessions)
                if stalled:
                    path.stall()
                    within(NOTICED + SLACK, lambda: not heard.feed.is_up)
                began = time.monotonic()
                heard.feed.stop()
                assert time.monotonic() - began < 1
                assert not heard.feed._thread.is_alive()


def test_a_bug_is_not_hidden(there: prosody.Prosody, carpark: CarPark) -> None:
    """Where slixmpp would go on, what a handler raises ends the feed, and `check` tells."""
    with publishing(there, carpark) as publisher, listening(there) as heard:
        heard.feed._on_event = lambda _event: 1 // 0  # type: ignore[assignment]  # a bug
        within(5, lambda: heard.sessions)
        publisher.post(EVENT)
        within(5, lambda: not heard.feed._thread.is_alive())
        with pytest.raises(ZeroDivisionError):
            heard.feed.check()
        heard.feed._bug = None


def test_pauses_grow_to_a_cap_and_vary() -> None:
    """Twice as long each time, half to all of it; a refused login waits longest."""
    pace = Pace(retry_first=1, retry_most=30, retry_refused=300)
    pause = Backoff(pace)
    waits = [pause.after(NetworkUnavailable()) for _ in range(8)]
    for wait, longest in zip(waits, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert longest / 2 <= wait <= longest
    assert 150 <= pause.after(NetworkRefused()) <= 300
    pause.reset()
    assert pause.after(NetworkUnavailable()) <= 1
    assert len({round(pause.after(NetworkRefused()), 6) for _ in range(10)}) > 1


def test_production_notices_within_a_minute() -> None:
    """The defaults keep the promise."""
    pace = Pace()
    assert pace.ping_every + pace.answer_within <= 60
    assert pace.session_within + pace.retry_most <= 60


@pytest.mark.parametrize(
    ("key", "password"),
    [
        ("a\x00b", PASSWORD),
        ("a@b", PASSWORD),
        ("", PASSWORD),
        ("key", "p\x00w"),
        ("key", "p\ud800w"),
    ],
)
def test_a_login_that_cannot_be_sent(key: str, password: str) -> None:
    """A key or a password with a character that has no place there is refused in words."""
    with pytest.raises(NetworkRefused, match="holds a character that can't be sent") as refusal:
        probe(Account("127.0.0.1", 9, key, password, tls="none"), 1.0)
    assert "p\x00w" not in str(refusal.value)

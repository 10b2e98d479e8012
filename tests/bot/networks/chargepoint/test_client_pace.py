"""A service that wants to be asked less is asked less; one that drips is hung up on."""

from __future__ import annotations

import socket
import threading
import time
from email.utils import formatdate
from typing import Self

import pytest

from bot.networks.chargepoint import ChargePointClient, http
from chalicelib.core.model import Site, Stations
from chalicelib.edges import NetworkUnavailable
from practice.common.people import GROUP
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    PASSWORD,
    Fixed,
    Garage,
    SetClock,
    envelope,
    reply,
    serving,
)

THE_GROUP = Stations(group=GROUP)
HQ = Site("hq", "HQ garage", stations=THE_GROUP)
PAGE = b"<html>Slow down<br></html>"
FAULT = envelope("<s:Fault><faultcode>Server</faultcode></s:Fault>", header="")


def asked_in(app: Fixed, minutes: int, step: float = 10) -> list[int]:
    """Ask every few seconds; at which of them a call was made."""
    clock, made = SetClock(), []
    with serving(app) as url:
        client = ChargePointClient(url, KEY, PASSWORD, clock=clock)
        for n in range(int(minutes * 60 / step)):
            before = app.asked
            with pytest.raises(NetworkUnavailable, match=r"HTTP \d+: it wants to be asked less"):
                client.load(THE_GROUP)
            made += [int(n * step)] * (app.asked - before)
            clock.pass_minutes(step / 60)
    return made


@pytest.mark.parametrize("status", ["429 Too Many Requests", "403 Forbidden"])
@pytest.mark.parametrize(
    "body", [PAGE, FAULT, reply("getLoad", "<responseCode>100</responseCode>")]
)
def test_asked_less_and_less(status: str, body: bytes) -> None:
    """One call, then one after a minute, two, four, eight, and each quarter of an hour."""
    made = asked_in(Fixed(body, status), 31)
    assert made == [0, 60, 180, 420, 900, 1800]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Busy", "403 Forbidden"])
def test_the_services_own_wish(status: str) -> None:
    """Retry-After is honoured, in seconds, and asked once."""
    app = Fixed(PAGE, status, **{"Retry-After": "300"})
    assert asked_in(app, 11) == [0, 300, 600]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("120", 120, 120),
        ("0", 0, 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1e8, 1e9),
    ],
)
def test_wishes(text: str, least: float, most: float) -> None:
    """Seconds or a date, in bounds."""
    wait = http._wait(text)
    assert wait is not None
    assert least <= wait.total_seconds() <= most


def test_a_wish_until_a_time() -> None:
    """A date of HTTP's is real time."""
    wait = http._wait(formatdate(time.time() + 3600, usegmt=True))
    assert wait is not None
    assert 3000 < wait.total_seconds() <= 3601


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "Wed, 99 Oct 2015 07:28:00 GMT"])
def test_wishes_that_are_none(text: str) -> None:
    """Anything else is no wish."""
    assert http._wait(text) is None


def test_a_pause_is_for_all_and_ends(garage: Garage) -> None:
    """While it lasts nothing at all is asked; when it is over all is as before, also the next
    pause's length.
    """
    garage.network.look(HQ)
    garage.app.fault_config.busy_status, garage.app.fault_config.busy_times = 429, 1000
    for _ in range(2):
        before = len(garage.record.asked)
        with pytest.raises(NetworkUnavailable):
            garage.network.look(HQ)
        with pytest.raises(NetworkUnavailable):
            garage.client.register_feeds(["station_alarm"])
        assert len(garage.record.asked) - before in (1, 2), "two are asked at once, and no third"
        garage.clock.pass_minutes(2)
    garage.app.fault_config.busy_times = 0
    assert garage.network.look(HQ).ports
    garage.app.fault_config.busy_times = 1000
    with pytest.raises(NetworkUnavailable):
        garage.network.look(HQ)
    garage.app.fault_config.busy_times = 0
    garage.clock.pass_minutes(1)
    assert garage.network.look(HQ).ports


class Dripping:
    """A server that sends its reply byte by byte, for as long as anybody listens."""

    def __init__(self, message: bytes, every: float) -> None:
        self._message, self._every = message, every
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while not self._over.is_set():
            self._listener.settimeout(0.1)
            try:
                connection, _ = self._listener.accept()
            except OSError:
                continue
            with connection:
                self._drip(connection)

    def _drip(self, connection: socket.socket) -> None:
        try:
            connection.recv(65536)
            for byte in self._message:
                if self._over.wait(self._every):
                    return
                connection.sendall(bytes([byte]))
        except OSError:
            return


HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n" + b"X-Filler: abcdefghij\r\n" * 80
BODY = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 300


@pytest.mark.parametrize("message", [HEADERS, BODY, CHUNKS], ids=["headers", "body", "chunks"])
def test_a_reply_that_drips(message: bytes) -> None:
    """Whatever comes too slowly, status line and headers included, is given up at one deadline
    for each of two attempts.
    """
    with Dripping(message, 0.02) as server:
        client = ChargePointClient(server.url, KEY, PASSWORD, timeout=0.4)
        started = time.monotonic()
        with pytest.raises(NetworkUnavailable, match=r"no answer within 0\.4 s"):
            client.load(THE_GROUP)
        assert time.monotonic() - started < len(message) * 0.02 / 2


def test_orders_are_given_once() -> None:
    """What isn't a question isn't repeated after a status that says "in a moment"."""
    app = Fixed(PAGE, "503 Busy")
    with serving(app) as url:
        client = ChargePointClient(url, KEY, PASSWORD)
        with pytest.raises(NetworkUnavailable):
            client.register_feeds(["station_alarm"])
        assert app.asked == 1
        with pytest.raises(NetworkUnavailable):
            client.load(THE_GROUP)
        assert app.asked == 3

"""What a broken, slow, busy or hostile service does to the client: one clear fault, soon."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.networks.chargepoint import ChargePointClient, http
from chalicelib.core.model import Stations
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.carpark import CarPark
from practice.common.people import GROUP
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    PASSWORD,
    Fixed,
    SetClock,
    envelope,
    reply,
    serving,
    stand_in,
)

THE_GROUP = Stations(group=GROUP)
FINE = reply("getLoad", "<responseCode>100</responseCode>")
TIMEOUT = 0.3
LONGEST = 3 * TIMEOUT + 0.5 + 1.0  # two attempts, the pause, and a busy machine


def load(app: Callable[..., Any], timeout: float = 5.0) -> Any:
    """One getLoad from a server."""
    with serving(app) as url:
        return ChargePointClient(url, KEY, PASSWORD, timeout=timeout).load(THE_GROUP)


def fault(code: str) -> bytes:
    parts = f"<faultcode>{code}</faultcode><faultstring>No way</faultstring>"
    return envelope(f"<s:Fault>{parts}</s:Fault>", header="")


@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
@pytest.mark.parametrize(
    "code", ["wsse:InvalidSecurity", "FailedAuthentication", "a:b:InvalidSecurity"]
)
def test_auth_faults(status: str, code: str) -> None:
    """A fault about the token is a refusal on any status and prefix, and not tried again."""
    app = Fixed(fault(code), status)
    with pytest.raises(NetworkRefused, match="No way: check the API key"):
        load(app)
    assert app.asked == 1


def test_other_faults() -> None:
    """Any other fault is an outage, with its code and words."""
    app = Fixed(fault("soapenv:Server"), "500 Internal Server Error")
    with pytest.raises(NetworkUnavailable, match="getLoad: fault Server: No way"):
        load(app)
    assert app.asked == 1


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20 if n else "ha" * 20}">' for n in range(12))
TEXT = FINE.decode().replace("100<", "{}<")
RUBBISH = {
    "nothing": b"",
    "html": b"<html><body>Sorry<br></body></html>",
    "xhtml": b"<html/>",
    "text": b"No.",
    "bytes": bytes(range(256)),
    "cut off": FINE[:-30],
    "two documents": FINE + FINE,
    "empty body": envelope("", header=""),
    "another reply": reply("getStations", "<responseCode>100</responseCode>"),
    "no code": reply("getLoad", "<responseText>Fine!</responseText>"),
    "blank code": reply("getLoad", "<responseCode> </responseCode>"),
    "a DTD": b"<!DOCTYPE a>" + FINE,
    "entity bomb": f"<!DOCTYPE a [{BOMB}]>{TEXT.format('&e11;')}".encode(),
    "entity bomb in an attribute": f'<!DOCTYPE a [{BOMB}]><a b="&e11;"/>'.encode(),
    "UTF-16 DTD": f"<!DOCTYPE a [<!ENTITY b 'c'>]>{TEXT.format('&b;')}".encode("utf-16"),
    "deep": b"<a>" * 200_000,
}


@pytest.mark.parametrize("body", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish(body: bytes) -> None:
    """Whatever isn't a whole reply to the question is an outage, at once, and asked once."""
    app = Fixed(body)
    started = time.monotonic()
    with pytest.raises(NetworkUnavailable, match="getLoad: "):
        load(app)
    assert app.asked == 1
    assert time.monotonic() - started < 2


def test_external_entities(tmp_path: Path) -> None:
    """A reply can't make us read a file or ask another address."""
    secret = tmp_path / "secret"
    secret.write_text("100")
    canary = Fixed(b"100")
    with serving(canary) as elsewhere:
        for source in (secret.as_uri(), f"{elsewhere}/x"):
            dtd = f'<!DOCTYPE a SYSTEM "{source}" [<!ENTITY x SYSTEM "{source}">]>'
            with pytest.raises(NetworkUnavailable, match="DTD"):
                load(Fixed(dtd.encode() + TEXT.format("&x;").encode()))
    assert canary.asked == 0


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize(("busy", "works"), [(1, True), (2, False)])
def test_busy_is_tried_once_more(status: int, busy: int, works: bool) -> None:
    """A service that says "later" is asked once more, not twice."""
    app = stand_in(CarPark(SetClock()))
    app.fault_config.busy_status, app.fault_config.busy_times = status, busy
    if works:
        assert len(load(app)) == 2
    else:
        with pytest.raises(NetworkUnavailable, match=f"HTTP {status}"):
            load(app)
    assert app.fault_config.busy_times == 0


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "403 Forbidden", "404 Not Found", "500 Oops"]
)
def test_other_statuses_are_not_tried_again(status: str) -> None:
    """Other failures are told at once."""
    app = Fixed(b"<html><br></html>", status)
    with pytest.raises(NetworkUnavailable, match=f"HTTP {status[:3]}"):
        load(app)
    assert app.asked == 1


def test_too_slow() -> None:
    """A service that doesn't answer is given up after two timeouts, in bounded time."""
    app = stand_in(CarPark(SetClock()))
    app.fault_config.slow_seconds = 1.5
    with serving(app) as url:
        client = ChargePointClient(url, KEY, PASSWORD, timeout=TIMEOUT)
        started = time.monotonic()
        with pytest.raises(NetworkUnavailable, match=r"no answer within 0\.3 s"):
            client.load(THE_GROUP)
        assert 2 * TIMEOUT < time.monotonic() - started < LONGEST


def test_slow_once() -> None:
    """One timeout is forgiven."""
    fixed, waits = Fixed(FINE), [1.0, 0.0]

    def app(environ: Any, start: Any) -> list[bytes]:
        time.sleep(waits.pop(0))
        return fixed(environ, start)

    assert load(app, timeout=TIMEOUT) == []


def test_a_trickle() -> None:
    """A service that sends a byte now and then, within every read timeout, is cut off."""

    def app(environ: Any, start: Any) -> Iterator[bytes]:
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start("200 OK", [("Content-Type", "text/xml")])
        for _ in range(60):
            yield b" "
            time.sleep(0.1)

    with serving(app) as url:
        client = ChargePointClient(url, KEY, PASSWORD, timeout=TIMEOUT)
        started = time.monotonic()
        with pytest.raises(NetworkUnavailable, match="no answer within"):
            client.load(THE_GROUP)
        assert time.monotonic() - started < LONGEST


def test_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply larger than any real one is not read to its end."""
    monkeypatch.setattr(http, "LARGEST", 1000)
    with pytest.raises(NetworkUnavailable, match="larger than any real one"):
        load(Fixed(b" " * 100_000))


def test_a_redirect() -> None:
    """A redirect is not followed: the password stays with the configured host."""
    thief = Fixed(FINE)
    with (
        serving(thief) as elsewhere,
        pytest.raises(NetworkUnavailable, match="HTTP 307"),
    ):
        load(Fixed(b"", "307 Temporary Redirect", Location=f"{elsewhere}/x"))
    assert thief.asked == 0


def test_nobody_there() -> None:
    """An address where nobody listens is an outage that names it, not the password."""
    with serving(Fixed(b"")) as url:
        client = ChargePointClient(url, KEY, PASSWORD)
    with pytest.raises(NetworkUnavailable, match=f"can't reach {url}") as outage:
        client.load(THE_GROUP)
    assert PASSWORD not in str(outage.value)
    assert outage.value.__cause__ is not None


def test_cut_in_the_middle() -> None:
    """A connection that ends before the promised length is an outage."""

    def app(environ: Any, start: Any) -> list[bytes]:
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start("200 OK", [("Content-Type", "text/xml"), ("Content-Length", "100000")])
        return [FINE]

    with pytest.raises(NetworkUnavailable):
        load(app)

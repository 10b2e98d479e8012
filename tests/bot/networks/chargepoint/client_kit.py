"""What the ChargePoint tests share: loopback servers, a clock to set, and SOAP by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import requests
from lxml import etree

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.reply import Row
from chalicelib.core.inputs import PortSeen
from chalicelib.core.model import Site
from practice.carpark import CarPark
from practice.chargepoint.service import StandIn, make_app
from practice.common.people import make_ports

KEY, PASSWORD = "0123456789abcdef", "fedcba9876543210"
MONDAY = datetime(2031, 3, 3, 16, 30, tzinfo=UTC)
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:c="urn:dictionary:com.chargepoint.webservices">{header}<s:Body>{body}</s:Body></s:Envelope>'
)
TOKEN = (
    '<s:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-wssecurity-secext-1.0.xsd"><w:UsernameToken><w:Username>{key}</w:Username>'
    "<w:Password>{password}</w:Password></w:UsernameToken></w:Security></s:Header>"
)


class SetClock:
    """A clock that moves when told to."""

    speed = 1.0

    def __init__(self) -> None:
        self.time = MONDAY

    def now(self) -> datetime:
        return self.time

    def pass_minutes(self, minutes: float) -> None:
        self.time += timedelta(minutes=minutes)


class Server(ThreadingMixIn, WSGIServer):
    """Many at a time: a slow answer must not hold up the next question."""

    daemon_threads = True
    request_queue_size = 50


class Quiet(WSGIRequestHandler):
    """Keeps no access log."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(app: Callable[..., Any]) -> Iterator[str]:
    """A WSGI app on an ephemeral port of loopback; its address."""
    with make_server("127.0.0.1", 0, app, Server, Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def stand_in(carpark: CarPark) -> StandIn:
    return make_app(carpark, KEY, PASSWORD)


def envelope(body: str, header: str | None = None) -> bytes:
    """A SOAP message by hand; by default with the right token."""
    token = TOKEN.format(key=KEY, password=PASSWORD) if header is None else header
    return ENVELOPE.format(header=token, body=body).encode()


def reply(operation: str, fields: str) -> bytes:
    """A reply as the service would send it."""
    body = f"<c:{operation}Response>{fields}</c:{operation}Response>"
    return ENVELOPE.format(header="", body=body).encode()


@dataclass
class Service:
    """The stand-in, its car park, and a way to post to it by hand."""

    url: str
    app: StandIn
    carpark: CarPark
    clock: SetClock

    def post(self, message: bytes, version: str = "5.1", **headers: str) -> requests.Response:
        address = f"{self.url}/webservices/chargepoint/services/{version}"
        return requests.post(address, data=message, headers=headers, timeout=5)

    def ask(self, operation: str, query: str, version: str = "5.1") -> Row:
        """The reply to an operation whose children are written out."""
        answer = self.post(envelope(f"<c:{operation}>{query}</c:{operation}>"), version)
        assert answer.status_code == 200, answer.text
        return Row(etree.fromstring(answer.content)[-1][0])

    def code(self, operation: str, query: str, version: str = "5.1") -> str:
        return self.ask(operation, query, version).text("responseCode")


def search(inner: str) -> str:
    return f"<searchQuery>{inner}</searchQuery>"


def fault(answer: requests.Response) -> tuple[int, str]:
    """HTTP status and local name of the faultcode."""
    row = Row(etree.fromstring(answer.content)[-1][0])
    assert etree.QName(row.element).localname == "Fault"
    return answer.status_code, row.text("faultcode").rpartition(":")[2]


class Recorder:
    """Notes what an app is asked: paths, and the wrappers of the messages."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        self.paths: list[str] = []
        self.asked: list[Any] = []

    def __call__(self, environ: Any, start: Any) -> Any:
        self.paths.append(environ["PATH_INFO"])
        message = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
        if message:
            self.asked.append(etree.fromstring(message)[-1][0])
        return self.app({**environ, "wsgi.input": BytesIO(message)}, start)

    def of(self, operation: str) -> list[Any]:
        """The wrappers of one operation, in order."""
        return [one for one in self.asked if etree.QName(one).localname == operation]


@dataclass
class Garage:
    """A car park behind the stand-in, and the edge that looks at it."""

    app: StandIn
    carpark: CarPark
    clock: SetClock
    client: ChargePointClient
    network: ChargePoint
    record: Recorder

    def ports(self, site: Site) -> dict[str, PortSeen]:
        """One look, by port."""
        return {port.id: port for port in self.network.look(site).ports}


@contextmanager
def open_garage(version: str = "5.1", ports: int = 4) -> Iterator[Garage]:
    """Ports two to a station, from 1:900001 on, in the group GROUP."""
    clock = SetClock()
    carpark = CarPark(clock, make_ports(ports))
    app = stand_in(carpark)
    record = Recorder(app)
    with serving(record) as url:
        client = ChargePointClient(url, KEY, PASSWORD, version, clock=clock)
        yield Garage(app, carpark, clock, client, ChargePoint(client, clock), record)


class Fixed:
    """A server that answers the same whatever it is asked, and counts."""

    def __init__(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        self.body, self.status, self.asked = body, status, 0
        self.headers = [("Content-Type", "text/xml"), *headers.items()]

    def __call__(self, environ: Any, start: Any) -> list[bytes]:
        self.asked += 1
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
        start(self.status, [*self.headers, ("Content-Length", str(len(self.body)))])
        return [self.body]


class Scripted:
    """A server with a reply for each operation, which tests may change; it notes who asks."""

    def __init__(self, **replies: str) -> None:
        self.replies, self.calls = replies, list[str]()

    def __call__(self, environ: Any, start: Any) -> list[bytes]:
        message = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        operation = environ["HTTP_SOAPACTION"].strip('"').rpartition("/")[2]
        assert f":{operation} ".encode() in message
        self.calls.append(operation)
        body = reply(operation, self.replies[operation])
        start("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
        return [body]

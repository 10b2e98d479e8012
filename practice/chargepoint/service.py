"""A stand-in for ChargePoint's SOAP service, as strict and as odd as the real one is known to be.

A WSGI app over a `CarPark`. It serves the WSDL files with its own address and answers
versions 4.1, 5.0 and 5.1; what an operation says is in `answers`, `sessions`, `care`, `groups`,
`shed` and `feeds`, which stations a search finds in `search`.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from wsgiref.util import application_uri
from xml.sax.saxutils import quoteattr

from lxml import etree

from bot.networks.chargepoint.reply import Row
from bot.networks.chargepoint.soap import SHIPPED

from . import answers, care, feeds, groups, schema, sessions, shed
from .asked import Asked, FaultConfig, Field, head
from .schema import Malformed
from .subscriptions import Subscriptions

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from practice.carpark import CarPark

NAMESPACE = "urn:dictionary:com.chargepoint.webservices"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
LARGEST = 1_000_000  # bytes of a request
LONGEST_STALL = 15.0  # seconds that a request keeps its thread; ours gives up earlier

Operation = Callable[[Asked], list[Field]]
EVERYWHERE: dict[str, Operation] = {
    "getStations": answers.get_stations,
    "getPublicStations": answers.get_public_stations,
    "getPublicStationStatus": answers.get_public_station_status,
    "getLoad": answers.get_load,
    "shedLoad": shed.shed_load,
    "clearShedState": shed.clear_shed_state,
    "getChargingSessionData": sessions.get_charging_session_data,
    "getAlarms": care.get_alarms,
    "clearAlarms": care.clear_alarms,
    "registerFeeds": feeds.register_feeds,
    "updateFeed": feeds.update_feed,
    "getStationGroups": groups.get_station_groups,
    "getStationGroupDetails": groups.get_station_group_details,
    "getOrgsAndStationGroups": groups.get_orgs_and_station_groups,
    "getStationRights": groups.get_station_rights,
    "getCPNInstances": groups.get_cpn_instances,
}
SINCE_50 = {"getStationStatus": answers.get_station_status, "getUsers": care.get_users}
OPERATIONS: dict[str, dict[str, Operation]] = {
    "4.1": EVERYWHERE,
    "5.0": EVERYWHERE | SINCE_50,
    "5.1": EVERYWHERE | SINCE_50 | {"getStationActiveFaults": care.get_station_active_faults},
}

_WSDL = re.compile(r"/cp_api_(4\.1|5\.0|5\.1)\.wsdl")
_SERVICE = re.compile(r"/webservices/chargepoint/services/(4\.1|5\.0|5\.1)")
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}


class _Refused(Exception):
    """A SOAP fault: the local name of its code, and its words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class StandIn:
    """The WSGI app. `calls` are the latest operations asked for; `fault_config` is for tests.

    `subscriptions` are those of the event feed, for whoever sends it.
    """

    def __init__(self, carpark: CarPark, key: str, password: str) -> None:
        self.fault_config = FaultConfig()
        self.calls: deque[str] = deque(maxlen=1000)
        self.subscriptions = Subscriptions()
        self._carpark = carpark
        self._key = key
        self._password = password

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD")
        if wsdl := _WSDL.fullmatch(path):
            return _send(start, 200, _wsdl(wsdl[1], application_uri(environ)), "text/xml")
        service = _SERVICE.fullmatch(path)
        if service is None:
            return _send(start, 404, b"no such page\n", "text/plain")
        if method != "POST":
            return _send(start, 405, b"the service takes SOAP by POST\n", "text/plain")
        message = _body(environ)
        time.sleep(self.fault_config.slow_seconds)
        give_up = time.monotonic() + LONGEST_STALL
        while self.fault_config.stalled and time.monotonic() < give_up:
            time.sleep(0.05)
        if self.fault_config.busy_times > 0:
            self.fault_config.busy_times -= 1
            return _send(start, self.fault_config.busy_status, b"<html>busy</html>", "text/html")
        if self.fault_config.html:
            return _send(start, 200, b"<html><body>Sorry!<br></body></html>", "text/html")
        return self._soap(start, service[1], message)

    def _soap(self, start: StartResponse, version: str, message: bytes) -> Iterable[bytes]:
        try:
            operation, fields = self._answer(version, message)
        except (_Refused, Malformed) as refusal:
            code = refusal.code if isinstance(refusal, _Refused) else "Client"
            return _send(start, 500, self._envelope(_fault(code, str(refusal))), "text/xml")
        wrapper = etree.Element(f"{{{NAMESPACE}}}{operation}Response", nsmap={"ns1": NAMESPACE})
        _fill(wrapper, fields, odd=self.fault_config.odd)
        if self.fault_config.qualified:
            _qualify(wrapper)
        return _send(start, 200, self._envelope(wrapper), "text/xml")

    def _answer(self, version: str, message: bytes) -> tuple[str, list[Field]]:
        envelope = _parse(message)
        self._check_token(envelope)
        wrapper = envelope.find(f"{{{SOAP}}}Body/*")
        operation = None if wrapper is None else etree.QName(wrapper)
        if operation is None or operation.namespace != NAMESPACE:
            raise _Refused("Client", "the body holds no operation of ours")
        answer = OPERATIONS[version].get(operation.localname)
        if answer is None:
            raise _Refused("Client", f"there is no operation {operation.localname} here")
        self.calls.append(operation.localname)
        schema.check(version, operation.localname, wrapper)
        if self.fault_config.fault:
            raise _Refused(self.fault_config.fault, "something went wrong")
        if operation.localname in self.fault_config.denied:
            return operation.localname, head(101)
        if operation.localname in self.fault_config.troubled:
            return operation.localname, head(168)
        asked = Asked(self._carpark, self.fault_config, version, Row(wrapper), self.subscriptions)
        return operation.localname, answer(asked)

    def _check_token(self, envelope: Any) -> None:
        """Username and PasswordText in the header (docs site, SOAP header)."""
        token = f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken/{{{WSSE}}}"
        known = True
        for name, expected in (("Username", self._key), ("Password", self._password)):
            given = envelope.findtext(f"{token}{name}") or ""
            known &= compare_digest(given.encode(), expected.encode())
        if not known:
            raise _Refused("InvalidSecurity", "UsernameToken processing failed")

    def _envelope(self, content: Any) -> bytes:
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
        if self.fault_config.timestamps:
            envelope.append(_timestamp_header(self._carpark))
        etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
        message: bytes = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        return message


def make_app(carpark: CarPark, key: str, password: str) -> StandIn:
    """The service for one account, whose API key and password are these."""
    return StandIn(carpark, key, password)


def _send(start: StartResponse, status: int, body: bytes, media: str) -> list[bytes]:
    headers = [("Content-Type", f"{media}; charset=utf-8"), ("Content-Length", str(len(body)))]
    start(f"{status} {_REASONS.get(status, 'Busy')}", headers)
    return [body]


def _wsdl(version: str, address: str) -> bytes:
    text = (SHIPPED / f"cp_api_{version}.wsdl").read_text(encoding="utf-8")
    service = f"{address.rstrip('/')}/webservices/chargepoint/services/{version}"
    own = f"<soap:address location={quoteattr(service)}/>"
    return re.sub(r"<soap:address [^>]*/>", lambda _: own, text).encode()


def _body(environ: WSGIEnvironment) -> bytes:
    """The request's bytes; none when their number isn't told or is too large."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > LARGEST:
        return b""
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _parse(message: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        envelope = etree.fromstring(message, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _Refused("Client", "that is no XML, or too much of it") from error
    if envelope.tag != f"{{{SOAP}}}Envelope" or envelope.getroottree().docinfo.doctype:
        raise _Refused("Client", "that is no SOAP 1.1 envelope")
    return envelope


def _fault(code: str, words: str) -> Any:
    prefix, namespace = ("wsse", WSSE) if code == "InvalidSecurity" else ("soapenv", SOAP)
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={prefix: namespace})
    _fill(fault, [("faultcode", f"{prefix}:{code}"), ("faultstring", words)])
    return fault


def _fill(parent: Any, fields: list[Field], *, odd: bool = False) -> None:
    """Children without a namespace: the schema sets no elementFormDefault."""
    for name, value in reversed(fields) if odd else fields:
        child = etree.SubElement(parent, name)
        if isinstance(value, list):
            _fill(child, value, odd=odd)
        else:
            child.text = str(value)
    if odd:
        etree.SubElement(parent, "vendorExtra").text = "?"


def _qualify(wrapper: Any) -> None:
    """Puts all children into the namespace, as some SOAP stacks would."""
    for element in wrapper.iterdescendants():
        element.tag = f"{{{NAMESPACE}}}{element.tag}"


def _timestamp_header(carpark: CarPark) -> Any:
    """A header that the client doesn't process and must not choke on (seen in 2015)."""
    header = etree.Element(f"{{{SOAP}}}Header")
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    security.set(f"{{{SOAP}}}mustUnderstand", "1")
    stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp", nsmap={"wsu": WSU})
    for name, minutes in (("Created", 0), ("Expires", 5)):
        at = carpark.now + timedelta(minutes=minutes)
        etree.SubElement(stamp, f"{{{WSU}}}{name}").text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return header

"""Replies that a strict reader refuses, and what they mean all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from bot.networks.chargepoint import ChargePoint, ChargePointClient, http, markup
from chalicelib.core.model import Site, Stations, Status
from chalicelib.edges import NetworkRefused, NetworkUnavailable, NoAccess
from practice.common.people import GROUP
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    PASSWORD,
    Fixed,
    Scripted,
    SetClock,
    envelope,
    reply,
    serving,
)

THE_GROUP = Stations(group=GROUP)
STATION = "<stationData><stationID>1:900001</stationID><stationName>{}</stationName></stationData>"
OK = "<responseCode>100</responseCode>"
DECLARED = '<?xml version="1.0" encoding="{}"?>'


def body(name: str) -> str:
    return reply("getLoad", OK + STATION.format(name)).decode()


def name_in(content: bytes, content_type: str = "text/xml") -> str:
    """The station's name in a getLoad reply of these bytes."""
    app = Fixed(content)
    app.headers = [("Content-Type", content_type)]
    with serving(app) as url:
        (row,) = ChargePointClient(url, KEY, PASSWORD).load(THE_GROUP)
    return row.text("stationName")


LATIN = "text/xml; charset=iso-8859-1"
READABLE: dict[str, tuple[bytes, str, str]] = {
    "Latin-1 announced in HTTP alone": (body("Köln").encode("latin-1"), LATIN, "Köln"),
    "… in other words": (
        body("Köln").encode("cp1252"),
        'application/xml;Charset="Windows-1252"',
        "Köln",
    ),
    "… while the document says UTF-8": (
        (DECLARED.format("UTF-8") + body("Köln")).encode("latin-1"),
        LATIN,
        "Köln",
    ),
    "UTF-8 announced as Latin-1": (body("Köln").encode(), LATIN, "Köln"),
    "UTF-8 announced over another declaration": (
        (DECLARED.format("ISO-8859-1") + body("Köln")).encode(),
        "text/xml; charset=utf-8",
        "Köln",
    ),
    "Latin-1 announced nowhere": (body("Köln").encode("latin-1"), "text/xml", "Köln"),
    "an encoding that nobody knows": (body("Köln").encode(), "text/xml; charset=klingon", "Köln"),
    "UTF-16 with a mark": (body("Köln").encode("utf-16"), "text/xml", "Köln"),
    "UTF-16 without": (body("Köln").encode("utf-16-le"), "text/xml; charset=utf-16le", "Köln"),
    "a mark before UTF-8": (b"\xef\xbb\xbf" + body("A").encode(), "text/xml", "A"),
    "a mark, a blank line, a declaration": (
        ("\ufeff\r\n" + DECLARED.format("UTF-8") + body("A")).encode(),
        "text/xml",
        "A",
    ),
    "a blank line before the declaration": (
        ("\n" + DECLARED.format("UTF-8") + body("A")).encode(),
        "text/xml",
        "A",
    ),
    "a control character": (body("NORTH\x0b 01\x00").encode(), "text/xml", "NORTH 01"),
    "a control character by number": (body("NORTH&#11; 01&#x0;").encode(), "text/xml", "NORTH 01"),
    "a bare ampersand": (body("A & B &amp; C&D").encode(), "text/xml", "A & B & C&D"),
    "an entity of HTML's": (body("Caf&eacute;&nbsp;&LT;").encode(), "text/xml", "Café\xa0<"),
    "an entity that nobody knows": (body("A&B; C").encode(), "text/xml", "A&B; C"),
    "an ampersand where it may stand, and one where it mayn't": (
        body("<![CDATA[A & B]]> & C").encode(),
        "text/xml",
        "A & B & C",
    ),
}


@pytest.mark.parametrize("case", READABLE.values(), ids=READABLE.keys())
def test_readable_all_the_same(case: tuple[bytes, str, str]) -> None:
    """Encodings, blanks, marks, control characters and ampersands cost nothing."""
    content, content_type, name = case
    assert name_in(content, content_type) == name


@pytest.mark.parametrize("size", [10, 10_000])
def test_many_stations(size: int) -> None:
    """Ten thousand stations on one page, more than 8 MB, are all read."""
    station = STATION.format("N" * 900)
    content = reply("getLoad", OK + station * size)
    assert (len(content) > 8 * 1024 * 1024) is (size == 10_000)
    with serving(Fixed(content)) as url:
        assert len(ChargePointClient(url, KEY, PASSWORD).load(THE_GROUP)) == size


def test_bounds_of_the_odd() -> None:
    """What is huge isn't tidied, and what has too many elements isn't even begun."""
    with pytest.raises(markup.Unreadable):
        markup.read(b"<a>&" + b" " * markup.LARGEST_ODD + b"</a>")
    with pytest.raises(markup.Unreadable):
        markup.read(b"<a>" + b"<b/>" * markup.MOST_TAGS + b"</a>")


SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
CODE12 = "<s:Value>s:Sender</s:Value>{}"
SUB12 = "<s:Subcode><s:Value>wsse:{}</s:Value></s:Subcode>"


def fault12(subcode: str, words: str) -> bytes:
    code = CODE12.format(SUB12.format(subcode) if subcode else "")
    reason = f'<s:Reason><s:Text xml:lang="en">{words}</s:Text></s:Reason>'
    text = envelope(f"<s:Fault><s:Code>{code}</s:Code>{reason}</s:Fault>", header="").decode()
    return text.replace("http://schemas.xmlsoap.org/soap/envelope/", SOAP12).encode()


def fault11(code: str, words: str) -> bytes:
    parts = f"<faultcode>{code}</faultcode><faultstring>{words}</faultstring>"
    return envelope(f"<s:Fault>{parts}</s:Fault>", header="")


def fault_of(content: bytes, status: str = "500 Oops") -> Exception:
    with (
        serving(Fixed(content, status)) as url,
        pytest.raises((NetworkRefused, NetworkUnavailable)) as caught,
    ):
        ChargePointClient(url, KEY, PASSWORD).load(THE_GROUP)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        fault12("FailedAuthentication", "No way"),
        fault12("", "UsernameToken processing failed"),
        fault11("soapenv:Server", "UsernameToken processing failed"),
        fault11("Client.Authentication", "Authentication of user failed"),
        fault11("wsse:InvalidSecurityToken", "Oops"),
        fault11("Server", "You are not authorized to use this service"),
    ],
)
def test_logins_that_fail_in_other_words(content: bytes) -> None:
    """Whatever SOAP's version and the fault's code: it is the key, the password or the region."""
    refusal = fault_of(content)
    assert isinstance(refusal, NoAccess)
    assert "check the API key" in str(refusal)


@pytest.mark.parametrize("content", [fault12("", "Backend down"), fault11("Server", "Oops")])
def test_faults_that_are_outages(content: bytes) -> None:
    """A fault about something else is none of the operator's."""
    fault = fault_of(content)
    assert isinstance(fault, NetworkUnavailable)
    assert "fault " in str(fault)


def test_a_login_refused_by_http() -> None:
    """401 without SOAP is the same refusal."""
    assert isinstance(fault_of(b"<html><br></html>", "401 Unauthorized"), NoAccess)


@pytest.mark.parametrize("flag", ["1", "true", "True"])
def test_more_in_every_way_of_writing_it(flag: str) -> None:
    """A further page is asked for whether the flag is a number or a word."""
    page = (
        OK
        + "<stationData><stationID>1:9</stationID></stationData>"
        + f"<moreFlag>{flag}</moreFlag>"
    )
    app = Scripted(getStations=page)
    with serving(app) as url:
        ChargePointClient(url, KEY, PASSWORD).all_stations()
    assert len(app.calls) == 2  # the second brings nothing new


def station(ports: dict[str, str]) -> str:
    each = "".join(
        f"<Port><portNumber>{number}</portNumber><Status>{status}</Status></Port>"
        for number, status in ports.items()
    )
    return f"<stationData><stationID>1:900001</stationID>{each}</stationData>"


def test_one_station_in_two_rows() -> None:
    """Both rows' ports count, on one page or on two, and a port with two names is one port."""
    pages = [
        OK + station({"1": "INUSE"}) + station({"2": "AVAILABLE"}) + "<moreFlag>1</moreFlag>",
        OK + station({"02": "INUSE", "10": "INUSE"}) + "<moreFlag>0</moreFlag>",
    ]
    load = "<Port><portNumber>01</portNumber><portLoad>3.3</portLoad></Port>"
    app = Scripted(
        getLoad=f"{OK}<stationData><stationID>1:900001</stationID>{load}</stationData>",
        getChargingSessionData="<responseCode>136</responseCode>",
    )

    class Paged(Scripted):
        """The pages in turn, whatever else is asked."""

        def __call__(self, environ: Any, start: Any) -> list[bytes]:
            turn = min(self.calls.count("getStationStatus"), 1)
            self.replies = {**app.replies, "getStationStatus": pages[turn]}
            return super().__call__(environ, start)

    with serving(Paged()) as url:
        network = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock())
        ports = network.look(Site("hq", "HQ", stations=Stations(ids=("1:900001",)))).ports
    assert [(port.number, port.status) for port in ports] == [
        ("1", Status.INUSE),
        ("2", Status.AVAILABLE),
        ("10", Status.INUSE),
    ]
    assert ports[0].load_kw == 3.3


ASKING: list[Callable[[ChargePointClient], object]] = [
    lambda client: client.load(THE_GROUP),
    lambda client: client.all_stations(),
    lambda client: client.register_feeds(["station_alarm"]),
    lambda client: client.update_feed("1"),
    lambda client: client.users(),
]


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize("secret", ["pass\x00word", "pass\x0bword", "pass\ud800word"])
def test_a_secret_that_cannot_be_sent(
    ask: Callable[[ChargePointClient], object], secret: str
) -> None:
    """A NUL in the password or the key is a refusal that says so, without the secret."""
    for key, password in ((KEY, secret), (secret, PASSWORD)):
        with pytest.raises(NoAccess, match="holds a character that can't be sent") as refusal:
            ask(ChargePointClient("http://127.0.0.1:9", key, password))
        assert secret not in str(refusal.value)
        assert "pass" not in str(refusal.value).replace("password", "")


@pytest.mark.parametrize("ask", ASKING)
def test_a_wsdl_that_does_not_fit(
    ask: Callable[[ChargePointClient], object], tmp_path: Any
) -> None:
    """A WSDL of the operator's own that has other names, or none, is a refusal in words."""
    from bot.networks.chargepoint.soap import SHIPPED

    text = (SHIPPED / "cp_api_5.1.wsdl").read_text()
    other = tmp_path / "other.wsdl"
    other.write_text(
        text.replace('name="searchQuery"', 'name="query"').replace(
            'name="Refresh"', 'name="Again"'
        )
    )
    with pytest.raises(NetworkRefused, match=r"can't be asked by .*other\.wsdl"):
        ask(ChargePointClient("http://127.0.0.1:9", KEY, PASSWORD, wsdl=str(other)))
    tree = etree.fromstring(text.encode())
    for part in ("portType", "binding"):
        for one in tree.findall(f"{{*}}{part}/{{*}}operation"):
            one.getparent().remove(one)
    bare = tmp_path / "bare.wsdl"
    bare.write_bytes(etree.tostring(tree))
    with pytest.raises(NetworkRefused, match=r"bare\.wsdl doesn't have it"):
        ask(ChargePointClient("http://127.0.0.1:9", KEY, PASSWORD, wsdl=str(bare)))


def test_a_station_that_cannot_be_asked_for() -> None:
    """An id that can't be in XML is refused, too, and isn't a bug."""
    with pytest.raises(NetworkRefused, match="can't be asked"):
        ChargePointClient("http://127.0.0.1:9", KEY, PASSWORD).status(["1:9\x000001"])


def test_the_answer_keeps_what_http_says() -> None:
    """The encoding and the wish to be asked later are passed on."""
    app = Fixed(b"x", **{"Retry-After": "120"})
    app.headers[0] = ("Content-Type", LATIN)
    with serving(app) as url:
        answer = http.Transport(5).post(url, b"", {})
    assert (answer.charset, answer.retry_after and answer.retry_after.total_seconds()) == (
        "iso-8859-1",
        120,
    )

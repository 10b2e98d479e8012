"""Thousands of broken replies: each is a look or a fault of the network, never anything else."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from lxml import etree

from bot.networks.chargepoint import ChargePoint, ChargePointClient, http
from bot.networks.chargepoint.http import Answer
from bot.networks.chargepoint.translate import NetworkDriver
from chalicelib.core.inputs import Alarm, Observed, PortSeen
from chalicelib.core.model import Site, Stations, Status
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.carpark import CarPark
from practice.chargepoint.asked import Trouble
from practice.chargepoint.service import StandIn
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import KEY, MONDAY, PASSWORD, SetClock, stand_in

HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
LIST = Site("hq", "HQ garage", stations=Stations(ids=("1:900001", "1:900002")))
MEGABYTE = 1024  # in ru_maxrss
Spoiler = Callable[[bytes], Answer]


class Loopback:
    """The stand-in without sockets. `spoil` gets its hands on the `turn`-th reply."""

    def __init__(self) -> None:
        self.carpark = CarPark(SetClock())
        self.carpark.plug("1:900001", "1", BY_NAME["ana"])
        self.carpark.shed(allowed_kw=3.3, places=[("1:900001", "1")])
        self.app: StandIn = stand_in(self.carpark)
        self.app.fault_config.alarms = self.app.fault_config.faults = (
            Trouble("1:900001", "1", "GFCI Trip", MONDAY),
            Trouble("1:900002", "", "Unreachable", MONDAY),
        )
        self.spoil: Spoiler = lambda content: Answer(200, content)
        self.turn = 0
        self.replies: dict[tuple[ChargePointClient, int], int] = {}

    def post(self, address: str, message: bytes, headers: Any) -> Answer:
        """In the place of the transport's own."""
        environ: Any = {
            "PATH_INFO": "/" + address.split("/", 3)[3],
            "REQUEST_METHOD": "POST",
            "CONTENT_LENGTH": str(len(message)),
            "wsgi.input": BytesIO(message),
        }
        lines: list[str] = []
        answer: Any = self.app(environ, lambda line, _: lines.append(line))  # type: ignore[arg-type] # our own server
        content = b"".join(answer)
        self.turn -= 1
        return self.spoil(content) if self.turn == -1 else Answer(int(lines[0][:3]), content)


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    wire = Loopback()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http.Transport, "_post", lambda _, *asked: wire.post(*asked))
        patch.setattr(
            "bot.networks.chargepoint.http.time.sleep", lambda _: None
        )  # before it asks again
        yield wire


@pytest.fixture(scope="module")
def clients() -> dict[str, ChargePointClient]:
    """One for each version: reading a WSDL takes a while."""
    return {
        version: ChargePointClient("http://127.0.0.1:1", KEY, PASSWORD, version, clock=SetClock())
        for version in ("4.1", "5.0", "5.1")
    }


# --- what can happen to a reply -------------------------------------------------------------

ODD_TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "-1", "1e999", "NaN", "inf", "0x10", "١", "9" * 400, "true", "100 ", "\t"]
    ),
)
XML_TEXT = ODD_TEXT.map(
    lambda text: "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff"))
)  # fmt: skip
ENCODINGS = ["utf-16", "utf-16-be", "utf-32", "utf-7", "latin-1", "cp037", "utf-8-sig", "ascii"]


@st.composite
def byte_mutation(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Cut, doubled, overwritten, or told to be in another encoding than it is."""
    start, size = draw(st.integers(0, 3000)), draw(st.integers(0, 400))
    rubbish = draw(st.binary(max_size=20))
    encoding, honest = draw(st.sampled_from(ENCODINGS)), draw(st.booleans())

    def reencode(content: bytes) -> bytes:
        text = content.decode(errors="replace").replace("UTF-8", encoding)
        return text.encode(encoding if honest else "utf-8", errors="replace")

    mutation: Callable[[bytes], bytes] = draw(
        st.sampled_from(
            [
                lambda content: content[:start],
                lambda content: content[start:],
                lambda content: content[:start] + content[start + size :],
                lambda content: content[:start] + rubbish + content[start + len(rubbish) :],
                lambda content: content[: start + size] + content[start:],
                reencode,
            ]
        )
    )
    return mutation


@st.composite
def tree_mutation(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Elements doubled, dropped, swapped, renamed, emptied, nested or given odd text."""
    picks = draw(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 6)), min_size=1, max_size=6))  # fmt: skip
    text, other = draw(XML_TEXT), draw(st.integers(0, 10**6))
    times = draw(st.sampled_from([1, 2, 50]))

    def mutate(content: bytes) -> bytes:
        root = etree.fromstring(content)
        for pick, how in picks:
            elements = list(root.iter())
            element = elements[pick % len(elements)]
            change(element, how, text, elements[other % len(elements)], times)
        result: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return result

    return mutate


def change(element: Any, how: int, text: str, other: Any, times: int) -> None:
    """One change to one element of a tree; the root can only be changed in place."""
    parent = element.getparent()
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    if how == 0 or parent is None:
        element.text = text
    elif how == 1:
        for _ in range(times):
            parent.append(etree.fromstring(etree.tostring(copy)))
    elif how == 2:
        parent.remove(element)
    elif how == 3:
        element.tag = other.tag
    elif how == 4:
        for child in list(element):
            element.remove(child)
    elif how == 5:
        element.append(copy)
    elif other.getparent() is not None:
        parent.replace(element, etree.fromstring(etree.tostring(other, with_tail=False)))


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20 if n else "ha" * 20}">' for n in range(12))


@st.composite
def bomb(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """A document type with entities that would fill the memory, or that name a file."""
    dtd = draw(
        st.sampled_from([f"[{BOMB}]", '[<!ENTITY e11 SYSTEM "file:///etc/passwd">]', 'SYSTEM "x"'])
    )
    place = draw(st.sampled_from([b"<responseCode>100", b"<responseText>", b"<portNumber>1"]))

    def plant(content: bytes) -> bytes:
        head, declaration, rest = content.partition(b"?>")
        with_dtd = head + declaration + f"<!DOCTYPE a {dtd}>".encode() + rest
        return with_dtd.replace(place, place + b"&e11;", 1)

    return plant


mutations = st.one_of(tree_mutation(), tree_mutation(), byte_mutation(), bomb())
statuses = st.sampled_from([200, 200, 200, 500, 503, 429, 302, 404])


# --- what may come of it --------------------------------------------------------------------


def check_look(seen: Any) -> None:
    """An observation of the site's stations, in the types that the core counts on."""
    assert isinstance(seen, Observed)
    assert seen.at == MONDAY
    for port in seen.ports:
        assert type(port) is PortSeen
        assert port.station in {"1:900001", "1:900002"}
        assert port.number
        assert isinstance(port.status, Status)
        assert port.load_kw is None or 0 <= port.load_kw < float("inf")
        assert port.allowed_kw is None or 0 <= port.allowed_kw < float("inf")
        assert port.percent_shed is None or 1 <= port.percent_shed <= 100
        assert max(map(len, (port.number, port.user, port.credential))) <= 500


def check_alarms(found: Any) -> None:
    assert all(type(one) is Alarm and one.kind and one.at.tzinfo for one in found)


def check_drivers(found: Any) -> None:
    assert all(type(one) is NetworkDriver and (one.user or one.credentials) for one in found)


QUESTIONS: list[tuple[Callable[[ChargePoint], Any], Callable[[Any], None]]] = [
    (lambda network: network.look(HQ), check_look),
    (lambda network: network.look(LIST), check_look),
    (lambda network: network.alarms(LIST), check_alarms),
    (lambda network: network.users(), check_drivers),
    (lambda network: network.limit(LIST, 3.3, 30), lambda result: None),
    (lambda network: network.lift(LIST), lambda result: None),
]


USERS = 3  # of QUESTIONS: 4.1 can't be asked it


def replies_to(loopback: Loopback, client: ChargePointClient, question: int) -> int:
    """How many replies an answer takes when none is broken."""
    known = loopback.replies.get((client, question))
    if known is None:
        loopback.turn = 1000
        QUESTIONS[question][0](ChargePoint(client, SetClock()))
        known = loopback.replies[client, question] = 1000 - loopback.turn
        assert known
    return known


@settings(
    max_examples=2500, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
@given(
    mutate=mutations,
    status=statuses,
    version=st.sampled_from(["5.1", "5.0", "4.1"]),
    question=st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, 5]),  # a look three times as often
    turn=st.integers(0, 3),
)
def test_mutants(
    loopback: Loopback,
    clients: dict[str, ChargePointClient],
    mutate: Callable[[bytes], bytes],
    status: int,
    version: str,
    question: int,
    turn: int,
) -> None:
    """2,500 real replies, broken: a sound answer, or one of the two faults of the network."""
    version = "5.1" if question == USERS and version == "4.1" else version
    ask, check = QUESTIONS[question]
    network = ChargePoint(clients[version], loopback_clock(clients[version]))
    loopback.turn = turn % replies_to(loopback, clients[version], question)
    loopback.spoil = lambda content: Answer(status, mutate(content))
    told = ""
    try:
        check(ask(network))
    except (NetworkUnavailable, NetworkRefused) as fault:
        told = str(fault)
    assert len(told) < 2000
    assert loopback.turn < 0, "the broken reply was never asked for"


def loopback_clock(client: ChargePointClient) -> SetClock:
    """A clock on which no refusal is remembered from one example to the next."""
    client._refusals._known.clear()
    return SetClock()


@settings(max_examples=200, deadline=None)
@given(mutate=bomb(), question=st.integers(0, 5))
def test_every_bomb_is_refused(
    loopback: Loopback,
    clients: dict[str, ChargePointClient],
    mutate: Callable[[bytes], bytes],
    question: int,
) -> None:
    """A reply with a document type is never read, whatever is in it."""
    network = ChargePoint(clients["5.1"], loopback_clock(clients["5.1"]))
    loopback.turn, loopback.spoil = 0, lambda content: Answer(200, mutate(content))
    with pytest.raises(NetworkUnavailable, match="XML"):
        QUESTIONS[question][0](network)


def test_memory_is_bounded(loopback: Loopback, clients: dict[str, ChargePointClient]) -> None:
    """The largest reply that is let in, and pages of it without end, cost bounded memory."""
    network = ChargePoint(clients["5.1"], loopback_clock(clients["5.1"]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for filling in (b"<Port/>", b"<stationData><a/></stationData>", b"x"):
        stuffed = b"</responseText>" + filling * ((http.LARGEST - 3000) // len(filling))
        loopback.turn, loopback.spoil = (
            0,
            lambda content: Answer(
                200,
                content.replace(b"</responseText>", stuffed, 1),  # noqa: B023 — used at once
            ),
        )
        with suppress(NetworkUnavailable, NetworkRefused):
            check_look(network.look(LIST))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400 * MEGABYTE

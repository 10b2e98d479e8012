"""Reading events: what is known is understood, and nothing that arrives does harm."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from bot.networks.chargepoint.events import (
    KNOWN,
    LARGEST,
    MOST_UNKNOWN,
    START,
    STATUS,
    STOP,
    USED,
    Event,
    EventReader,
)
from practice.chargepoint.event_feed import body

NOW = datetime(2031, 3, 4, 15, 30, tzinfo=UTC)
STARTED = body(
    stationID="1:900001",
    feedEventName=START,
    sessionID="527",
    startTime="2031-03-04T15:20:30Z",
    portNumber="1",
    rfID="00A1B2C3D4E5F607",
    userID="700123",
)


def message(text: str) -> ET.Element:
    """A chat message with this body."""
    stanza = ET.Element("{jabber:client}message", {"type": "chat"})
    ET.SubElement(stanza, "{jabber:client}body").text = text
    return stanza


def read(text: str, reader: EventReader | None = None) -> Event | None:
    return (reader or EventReader()).read(message(text), NOW)


def test_a_start_as_it_was_seen() -> None:
    """The one form that is public is read whole, and kept as it came."""
    at = datetime(2031, 3, 4, 15, 20, 30, tzinfo=UTC)
    assert read(STARTED) == Event(
        START, "1:900001", "1", "700123", "00A1B2C3D4E5F607", at, STARTED
    )


def test_a_stop_has_no_user_and_no_zone() -> None:
    """Times without a zone are UTC unless told otherwise; the end counts, not the start."""
    text = body(
        endTime="2031-03-04 15:25:00",
        startTime="2031-03-04 15:20:30",
        portNumber="2",
        feedEventName=STOP,
        stationID="1:900001",
    )
    event = read(text)
    assert event is not None
    assert (event.port, event.user, event.at) == (
        "2",
        "",
        datetime(2031, 3, 4, 15, 25, tzinfo=UTC),
    )
    event = read(text, EventReader(ZoneInfo("America/Los_Angeles")))
    assert event is not None
    assert event.at == datetime(2031, 3, 4, 23, 25, tzinfo=UTC)


@pytest.mark.parametrize("when", ["", "soon", "0001-01-01 00:00:00", "9999-12-31T23:59:59-23:59"])
def test_a_missing_or_impossible_time_is_the_time_of_receipt(when: str) -> None:
    """Status changes tell no time at all; and no time stops us."""
    far_east = EventReader(ZoneInfo("Asia/Tokyo"))
    event = read(body(stationID="1:9", feedEventName=STATUS, startTime=when), far_east)
    assert event is not None
    assert event.at == NOW


def test_all_21_names_are_known() -> None:
    """The table is complete, and what isn't in it is kept and counted."""
    assert len(KNOWN) == 21
    assert set(USED) < KNOWN
    reader = EventReader()
    for name in [*sorted(KNOWN), "station_painted", "station_painted"]:
        event = read(body(stationID="1:9", feedEventName=name), reader)
        assert event is not None
        assert event.name == name
    assert reader.unknown == {"station_painted": 2}


def test_counting_takes_no_room() -> None:
    """However many names somebody invents, few are counted one by one."""
    reader = EventReader()
    for n in range(10 * MOST_UNKNOWN):
        read(body(stationID="1:9", feedEventName=f"name_{n}"), reader)
    assert len(reader.unknown) == MOST_UNKNOWN + 1
    assert reader.unknown.total() == 10 * MOST_UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        STARTED.replace("<![CDATA[", "").replace("]]>", ""),
        STARTED.replace("<event>", '<event xmlns="urn:somewhere">'),
        "\n " + STARTED + "\n",
        STARTED.replace("UTF-8", "UTF-16"),
        STARTED.replace("<event>", "<events><event>") + "</events>",
        STARTED.replace("<event>", "<!-- hello --><?php?><event><extra><more/></extra>"),
    ],
)
def test_what_is_tolerated(text: str) -> None:
    """Other ways to write the same."""
    event = read(text)
    assert event is not None
    assert (event.name, event.station, event.port, event.user) == (
        START,
        "1:900001",
        "1",
        "700123",
    )


def test_a_payload_as_a_child_element() -> None:
    """Where the document is part of the message and not its body's text."""
    inner = STARTED.partition("?>")[2]
    stanza = ET.fromstring(
        f'<message xmlns="jabber:client"><body>see below</body><x xmlns="urn:x">{inner}</x></message>'
    )
    event = EventReader().read(stanza, NOW)
    assert event is not None
    assert (event.name, event.station, event.user) == (START, "1:900001", "700123")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + STARTED,
        "\r\n \ufeff" + STARTED,
        STARTED.replace("1:900001", "1:9\x0b00001"),
        STARTED.replace("</event>", "<note>A & B &nbsp;</note></event>"),
        STARTED.replace("<![CDATA[1]]>", "<![CDATA[01]]>"),
    ],
)
def test_events_as_they_are_meant(text: str) -> None:
    """A byte-order mark, blanks, a control character, a bare ampersand, a port with a nought."""
    event = read(text)
    assert event is not None
    assert (event.station, event.port, event.name) == ("1:900001", "1", START)


BOMB = (
    '<!DOCTYPE event [<!ENTITY a "ha"><!ENTITY b "'
    + "&a;" * 50
    + '"><!ENTITY c "'
    + "&b;" * 50
    + '">]><event><stationID>&c;</stationID><feedEventName>&c;</feedEventName></event>'
)
RUBBISH = [
    "",
    "hello",
    "<event>",
    "<event/>",
    STARTED[:-3],
    STARTED.replace("stationID", "stationId"),
    STARTED.replace("1:900001", " "),
    STARTED.replace("1:900001", "1" * 201),
    STARTED.replace("<event>", "<event>" + " " * LARGEST),
    "<event>" * 1000 + "</event>" * 1000,
    STARTED.replace("1:900001", "\ud800"),
    BOMB,
    STARTED.replace("?><", '?><!DOCTYPE event SYSTEM "file:///etc/passwd"><'),
    (
        '<!DOCTYPE event [<!ENTITY x SYSTEM "file:///etc/passwd">]><event><stationID>&x;</stationID>'
        "<feedEventName>&x;</feedEventName></event>"
    ),
]


@pytest.mark.parametrize("text", RUBBISH)
def test_rubbish_is_counted_and_forgotten(text: str) -> None:
    """Nothing is understood, nothing raised, nothing expanded; at once."""
    reader = EventReader()
    began = time.monotonic()
    assert read(text, reader) is None
    assert reader.rubbish == 1
    assert time.monotonic() - began < 1


def test_deep_elements_are_no_event() -> None:
    """A message that is nested beyond all reason is refused without descending into it."""
    stanza = ET.fromstring("<message>" + "<event>" * 20_000 + "</event>" * 20_000 + "</message>")
    assert EventReader().read(stanza, NOW) is None


NAMES = st.sampled_from(
    [
        "stationID",
        "feedEventName",
        "portNumber",
        "userID",
        "rfID",
        "startTime",
        "endTime",
        "x",
        "event",
    ]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([*sorted(KNOWN), "1:900001", "2031-03-04 15:25:00", "]]>", "&a;", "<event>"]),
    st.datetimes().map(str),
)
CARELESS = st.lists(st.tuples(NAMES, VALUES), max_size=8).map(
    lambda pairs: "<event>" + "".join(f"<{n}>{v}</{n}>" for n, v in pairs) + "</event>"
)
CAREFUL = st.lists(st.tuples(NAMES, VALUES), max_size=8).map(lambda pairs: body(**dict(pairs)))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A good event with a piece torn out and something else put in."""
    first, last = sorted((draw(st.integers(0, len(STARTED))), draw(st.integers(0, len(STARTED)))))
    return STARTED[:first] + draw(st.text(max_size=10) | st.sampled_from(RUBBISH)) + STARTED[last:]


@settings(max_examples=2500, deadline=timedelta(seconds=1))
@given(st.text(max_size=200) | CARELESS | CAREFUL | damaged() | st.sampled_from(RUBBISH))
def test_malformed_messages_do_no_harm(text: str) -> None:
    """Whatever arrives is an event with a name and a station, or counted as rubbish."""
    reader = EventReader(ZoneInfo("America/Los_Angeles"))
    event = read(text, reader)
    if event is None:
        assert reader.rubbish == 1
    else:
        assert event.name
        assert event.station
        assert event.at.tzinfo is UTC
        assert all(
            len(part) <= 200 for part in (event.name, event.station, event.port, event.user)
        )
        assert reader.rubbish == 0

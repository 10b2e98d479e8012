"""What is odd about the feed's payloads, and what isn't public: each with what we make of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slixmpp import JID

from bot.listener.event_feed import EventFeedService
from bot.listener.poller import StationPoller
from bot.networks.chargepoint.arrivals import FRESH, Arrivals
from bot.networks.chargepoint.events import (
    ALARM,
    KNOWN,
    START,
    STATUS,
    STOP,
    USED,
    Event,
    EventReader,
)
from bot.networks.chargepoint.xmpp import Account
from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Status
from practice.chargepoint.event_feed import body
from tests.bot.networks.chargepoint.test_feed_events import message
from tests.fakes import MONDAY, STATION, World, world

UPDATE = "station_charging_session_update"
ANA = "7000001"
DOMAIN = "feed.example"


def read(zone: str = "UTC", **fields: str) -> Event:
    """The event of these fields, received on Monday."""
    event = EventReader(ZoneInfo(zone)).read(message(body(**fields)), MONDAY)
    assert event is not None
    return event


def filled(arrivals: Arrivals, status: Status = Status.INUSE, credential: str = "") -> PortSeen:
    """The port, looked at with what the feed told of it."""
    seen = PortSeen(STATION, "1", status, 6.6, "", credential)
    return arrivals.fill(Observed(MONDAY + timedelta(seconds=5), (seen,))).ports[0]


def started(**fields: str) -> Event:
    return read(stationID=STATION, feedEventName=START, portNumber="1", userID=ANA, **fields)


# --- payloads -------------------------------------------------------------------------------


def test_a_start_names_its_driver_and_says_its_zone() -> None:
    """A userID, a tag number of 16 hexadecimal digits, and a time with Z."""
    event = started(startTime="2031-03-03T15:20:30Z", rfID="00A1B2C3D4E5F607")
    assert (event.user, event.rfid, f"{event.at:%H:%M %Z}") == (
        ANA,
        "00A1B2C3D4E5F607",
        "15:20 UTC",
    )


def test_a_tag_number_is_no_credential() -> None:
    """The rfID has not the form of getLoad's credentialID, and is never taken for one."""
    arrivals = Arrivals()
    arrivals.note(read(stationID=STATION, feedEventName=START, portNumber="1", rfID="00A1B2C3D4E5F607"), MONDAY)  # fmt: skip
    assert (filled(arrivals).user, filled(arrivals).credential) == ("", "")


def test_a_stop_has_no_user_and_local_looking_times() -> None:
    """The port and the end are all that it tells, in whatever zone is configured."""
    times = {"startTime": "2031-03-03 07:20:30", "endTime": "2031-03-03 08:20:30"}
    fields = {"stationID": STATION, "feedEventName": STOP, "portNumber": "1", **times}
    assert read(**fields).user == ""
    assert f"{read(**fields).at:%H:%M}" == "08:20"
    assert f"{read('America/Los_Angeles', **fields).at:%H:%M}" == "16:20"


def test_a_zone_taken_wrongly_loses_nobody() -> None:
    """A stop that seems hours older or newer than its start does no harm: looks decide."""
    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        arrivals = Arrivals()
        stop = read(zone, stationID=STATION, feedEventName=STOP, portNumber="1", endTime=f"{MONDAY - timedelta(hours=1):%Y-%m-%d %H:%M:%S}")  # fmt: skip
        arrivals.note(stop, MONDAY)
        arrivals.note(started(startTime=f"{MONDAY:%Y-%m-%dT%H:%M:%SZ}"), MONDAY)
        assert filled(arrivals).user == ANA
        assert filled(arrivals, Status.AVAILABLE).user == ""


def test_an_update_tells_neither_driver_nor_power() -> None:
    """Energy and a fragment's number only: nothing to join, and we don't ask for it."""
    fields = {
        "sessionID": "527",
        "fragmentNumber": "3",
        "netEnergy": "1.250000",
        "energy": "0.400000",
    }
    event = read(stationID=STATION, feedEventName=UPDATE, portNumber="1", stationTime="2031-03-03 08:00:00", **fields)  # fmt: skip
    assert (event.user, event.rfid, event.at.tzinfo) == ("", "", UTC)
    arrivals = Arrivals()
    arrivals.note(started(), MONDAY)
    arrivals.note(event, MONDAY)
    assert filled(arrivals).user == ANA
    assert UPDATE not in USED


def test_a_status_change_has_no_time_at_all() -> None:
    """It counts from when it came."""
    assert (
        read(stationID=STATION, feedEventName=STATUS, portNumber="1", status="AVAILABLE").at
        == MONDAY
    )


@pytest.mark.parametrize("session", ["527", "800000042", "", "x"])
def test_the_feeds_session_numbers_are_its_own(session: str) -> None:
    """Three digits or nine: whatever they are, driver and car meet by station and port."""
    arrivals = Arrivals()
    arrivals.note(started(sessionID=session), MONDAY)
    assert filled(arrivals, credential="CNCP0000000042").user == ANA


def test_fields_in_any_order() -> None:
    """Their order is not assured."""
    fields = {"stationID": STATION, "feedEventName": START, "portNumber": "1", "userID": ANA}
    turned = dict(reversed(fields.items()))
    one, other = read(**fields), read(**turned)
    assert (one.name, one.station, one.port, one.user) == (other.name, other.station, other.port, other.user)  # fmt: skip


# --- what isn't public ----------------------------------------------------------------------


class Stanza(dict[str, Any]):
    """As much of slixmpp's message as the feed reads."""

    def __init__(self, sender: str, **fields: str) -> None:
        super().__init__({"type": "chat", "from": JID(sender)})
        self.xml = message(body(**fields))


class Deaf:
    """A network and a subscription that nobody asks."""

    def note(self, event: Event) -> None:
        pass

    def heard(self) -> None:
        pass


def heard() -> tuple[World, StationPoller, Callable[..., None]]:
    """A poller that hears a feed: `tell(**fields)` is an event that arrives."""
    here, deaf = world(), Deaf()
    here.network.ports = {"p1": "?", "p2": "?"}  # nothing that is looked at twice
    poller = StationPoller(here.concierge, timedelta(hours=1))
    poller.turn()
    here.clock.advance(seconds=60)
    here.network.looks = 0
    account = Account("127.0.0.1", 1, "key", "password", domain=DOMAIN)
    feed = EventFeedService(poller, deaf, deaf, account, here.clock)._new_feed()  # type: ignore[arg-type] # fakes

    def tell(sender: str = f"cpfeed@{DOMAIN}", **fields: str) -> None:
        feed._hear(Stanza(sender, **fields))

    return here, poller, tell


@pytest.mark.parametrize("name", [ALARM, *sorted(KNOWN - set(USED)), "station_painted"])
def test_payloads_that_nobody_has_seen(name: str) -> None:
    """A name and a station are enough for a look, whatever else is in it or missing."""
    here, poller, tell = heard()
    tell(stationID=STATION, feedEventName=name, surprise="yes")
    poller.turn()
    assert here.network.looks == 1


def test_a_stop_is_not_a_car_that_leaves() -> None:
    """Whether it means that charging ended or that the cable is out isn't public: a look says
    that the port is still in use, and the stay goes on.
    """
    here, poller, tell = heard()
    here.network.ports = {"p1": ANA, "p2": None}
    poller.look_everywhere()
    poller.turn()
    (before,) = [port.stay for port in here.site().ports.values() if port.stay]
    here.clock.advance(seconds=60)
    tell(stationID=STATION, feedEventName=STOP, portNumber="1", endTime="2031-03-03 08:00:00")
    poller.turn()
    assert here.network.looks == 2
    (after,) = [port.stay for port in here.site().ports.values() if port.stay]
    assert (after.id, after.since) == (before.id, before.since)


def test_what_was_kept_while_we_were_away() -> None:
    """An event that a server kept for hours tells of a car that may be gone: it names nobody."""
    arrivals = Arrivals()
    hours_ago = MONDAY - timedelta(hours=3)
    arrivals.note(started(startTime=f"{hours_ago:%Y-%m-%dT%H:%M:%SZ}"), MONDAY)
    assert filled(arrivals).user == ""
    assert timedelta(hours=3) > FRESH


@pytest.mark.parametrize(
    ("sender", "believed"),
    [
        (f"cpfeed@{DOMAIN}", True),
        (f"anybody@{DOMAIN}/laptop", True),
        (DOMAIN, True),
        ("cpfeed@elsewhere.example", False),
        (f"cpfeed@{DOMAIN}.elsewhere.example", False),
        (f"{DOMAIN}@elsewhere.example", False),
    ],
)
def test_who_sends_is_not_public(sender: str, believed: bool) -> None:
    """Any sender of the feed's own domain will do, and no other."""
    here, poller, tell = heard()
    tell(sender, stationID=STATION, feedEventName=STATUS)
    poller.turn()
    assert here.network.looks == int(believed)

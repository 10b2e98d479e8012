"""Reading the event feed: one chat message is one event, or rubbish. Nothing here raises.

Events are ordinary messages whose body is itself an XML document: `<event>` with one child
per field, in any order, every value in CDATA (observed, 2019). Payloads that are child
elements of the message are tolerated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any
from xml.etree import ElementTree as ET

from . import markup
from .translate import one_number

START = "station_charging_session_start"
STOP = "station_charging_session_stop"
STATUS = "station_usage_status_change"
ALARM = "station_alarm"
USED = (START, STOP, STATUS, ALARM)  # what we register for; the others say nothing we look at
KNOWN = frozenset(
    {
        *USED,
        "station_charging_session_update",
        # inventory
        "station_provisioned",
        "station_unprovisioned",
        "station_head_swap",
        "station_hidden_visible_toggle",
        "station_token_change",
        "station_plan_warranty_change",
        # descriptive
        "station_address_change",
        "station_name_change",
        "station_timezone_change",
        "station_description_change",
        # access and price
        "station_acl_applied",
        "station_acl_removed",
        "station_pricing_applied",
        "station_pricing_removed",
        # reservation
        "station_reservation_enabled",
        "station_reservation_disabled",
    }
)
TIMES = ("endTime", "stationTime", "startTime")  # what an event is about, before what led to it
LARGEST = 64 * 1024  # characters of a document; a real one has about 400
MARGIN = 50  # characters before a document: blanks, a byte-order mark
MOST_ELEMENTS = 200
LONGEST_FIELD = 200
MOST_UNKNOWN = 50  # names that are counted one by one


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened at a station. What the feed didn't say is blank.

    `at` is aware UTC, the time of receipt if the event tells none. `rfid` is a raw tag
    number, not the credentialID of the SOAP calls. `raw` is the document as it came.
    """

    name: str
    station: str
    port: str
    user: str
    rfid: str
    at: datetime
    raw: str = field(repr=False)


class EventReader:
    """Reads messages, and counts.

    `zone` is that of times which don't say theirs (API guide: not stated; UTC by the
    samples). `unknown` counts events by names that we don't know, `rubbish` the messages
    that are no events.
    """

    def __init__(self, zone: tzinfo = UTC) -> None:
        self.unknown: Counter[str] = Counter()
        self.rubbish = 0
        self._zone = zone

    def read(self, message: ET.Element, received: datetime) -> Event | None:
        """The event in a `<message>` stanza that arrived at `received`, or None."""
        for raw, document in _documents(message):
            event = self._event(document, raw, received)
            if event is not None:
                self._count(event.name)
                return event
        self.rubbish += 1
        return None

    def _event(self, document: Any, raw: str, received: datetime) -> Event | None:
        fields = _fields(document)
        name, station = fields.get("feedEventName", ""), fields.get("stationID", "")
        if not name or not station or any(len(text) > LONGEST_FIELD for text in fields.values()):
            return None
        return Event(
            name,
            station,
            one_number(fields.get("portNumber", "")),
            fields.get("userID", ""),
            fields.get("rfID", ""),
            self._time(fields, received),
            raw,
        )

    def _time(self, fields: dict[str, str], received: datetime) -> datetime:
        for name in TIMES:
            try:
                at = datetime.fromisoformat(fields.get(name, ""))
                return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        return received

    def _count(self, name: str) -> None:
        if name not in KNOWN:
            room = name in self.unknown or len(self.unknown) < MOST_UNKNOWN
            self.unknown[name if room else "…"] += 1


def _documents(message: ET.Element) -> Iterator[tuple[str, Any]]:
    """The documents in a message: texts of its bodies first, then its elements."""
    for body in message.iterfind("{*}body"):
        text = (body.text or "").strip()
        document = _parse(text)
        if document is not None:
            yield text, document
    for element in message.iter():
        if _local(element) == "event" and sum(1 for _ in _some(element)) < MOST_ELEMENTS:
            raw = ET.tostring(element, encoding="unicode")
            if len(raw) <= LARGEST:
                yield raw, element


def _parse(text: str) -> Any:
    """The `<event>` in a text, or None. A DTD is never even begun."""
    if "<" not in text[:MARGIN] or len(text) > LARGEST or "<!DOCTYPE" in text:
        return None
    try:
        root = markup.read_text(text)
    except markup.Unreadable:
        return None
    return next((element for element in _some(root) if _local(element) == "event"), None)


def _some(element: Any) -> Iterator[Any]:
    return islice(element.iter(), MOST_ELEMENTS)


def _fields(document: Any) -> dict[str, str]:
    """The first child of each name; what is nested deeper isn't ours."""
    found: dict[str, str] = {}
    for child in islice(document, MOST_ELEMENTS):
        found.setdefault(_local(child), (child.text or "").strip())
    return found


def _local(element: Any) -> str:
    """The name without its namespace; entities and the like have none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""

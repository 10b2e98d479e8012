"""What devices and facilities get to talk to: `POST /meters/{meter}/readings`, `GET /energy`.

Who asks is proven before anything of what they sent is read.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from chalicelib import telemetry
from chalicelib.edges import Clock, FaultLog, Series, StoreUnavailable
from chalicelib.energy.buckets import Bucket
from chalicelib.energy.readings import BadReading, Reading, read_body
from chalicelib.links import is_over

from .asking import As, Asked, BadQuestion, Graph, answer, check_rows, read_query
from .events import BadEvent, NotNow, Sensors, is_event, read_event
from .keys import Meter, Meters
from .links import is_signed
from .pace import Pace
from .tables import HEADER, as_json, csv_pieces, rows

log = logging.getLogger(__name__)

LARGEST = 128 * 1024  # bytes; 500 readings with all their figures are less than half of it
AGAIN_SECONDS = 5  # when the store is down
Reply = tuple[int, dict[str, str], str | bytes]


class Refused(Exception):
    """The answer is a refusal, and this is all of it."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}
        self.more: dict[str, object] = {}

    def reply(self) -> Reply:
        body = msgspec.json.encode({"error": str(self), **self.more}).decode()
        return self.status, {"Content-Type": "application/json", **self.headers}, body


class MeterWebhook:
    """Takes readings in, and gives figures out. `kept` is how long slots are kept."""

    def __init__(
        self,
        meters: Meters,
        series: Series,
        clock: Clock,
        kept: timedelta,
        pace: Pace | None = None,
        sensors: Sensors | None = None,
    ) -> None:
        self._meters = meters
        self._series = series
        self._clock = clock
        self._kept = kept
        self._pace = pace or Pace()
        self._sensors = sensors
        self._faults = FaultLog(log)

    def readings(self, headers: Mapping[str, str], body: bytes, /, *, meter: str) -> Reply:
        """202 when all of them are kept, and only then."""
        return self._kindly(lambda: self._take(headers, body, meter))

    def energy(self, headers: Mapping[str, str], _body: bytes, /, **query: str) -> Reply:
        """A meter's energy, to who has its key or a link."""
        return self._kindly(lambda: self._give(headers, query))

    def _take(self, headers: Mapping[str, str], body: bytes, name: str) -> Reply:
        meter = self._proven(headers, name)
        wait = self._pace.wait(meter.name)
        if wait:
            too_often = f"{meter.name} speaks too often: send more readings at once"
            raise Refused(429, too_often, Retry_After=str(math.ceil(wait)))
        if len(body) > LARGEST:
            raise Refused(413, f"at most {LARGEST} bytes at once")
        found = decoded(body)
        if is_event(found):
            return self._sense(meter, found)
        readings = self._read(found)
        self._series.keep(meter.name, readings)
        telemetry.count(readings=len(readings))
        taken = msgspec.json.encode({"taken": len(readings)}).decode()
        return 202, {"Content-Type": "application/json"}, taken

    def _sense(self, meter: Meter, body: Mapping[str, object]) -> Reply:
        """A sensor's event. 409: well said, and not so (any more)."""
        try:
            event, at = read_event(body, self._clock.now())
        except BadEvent as bad:
            raise Refused(400, str(bad)) from bad
        if self._sensors is None:
            raise Refused(501, "no events here")
        try:
            self._sensors.sense(meter.name, event, at)
        except NotNow as why:
            raise Refused(409, str(why)) from why
        telemetry.annotate(event=str(event))
        return 202, {"Content-Type": "application/json"}, '{"taken":1}'

    def _read(self, found: object) -> tuple[Reading, ...]:
        """The readings that stand in a body."""
        try:
            return read_body(found, self._clock.now(), self._kept)
        except BadReading as bad:
            refused = Refused(400, str(bad))
            if bad.index is not None:
                refused.more = {"index": bad.index}
            raise refused from bad

    def _give(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Reply:
        meter = self._admitted(headers, query)
        try:
            asked = read_query(query, meter.zone, self._clock.now())
            check_rows(asked)
        except BadQuestion as error:
            raise Refused(400, str(error)) from error
        return self._as(asked)

    def _as(self, asked: Asked) -> Reply:
        found = answer(self._series, asked)
        private = {"Cache-Control": "private, no-store"}
        if asked.form is As.JSON:
            return 200, {"Content-Type": "application/json", **private}, as_json(asked, found)
        if asked.form is As.CSV:
            name = f"{asked.meter}-{asked.by}-{asked.begin.astimezone(asked.zone):%Y-%m-%d}.csv"
            head = {"Content-Type": "text/csv; charset=utf-8", **private}
            head["Content-Disposition"] = f'attachment; filename="{name}"'
            return 200, head, "".join(csv_pieces(HEADER, rows(found, asked.zone)))
        return 200, {"Content-Type": "image/png", **private}, picture(asked, list(found))

    def _admitted(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Meter:
        """By a link, which stands in the address, or by the key. Raises Refused."""
        name = query.get("meter", "")
        if not query.get("signature"):
            return self._proven(headers, name)
        meter = self._meters.get(name)
        if meter is None or not is_signed(meter, query):
            raise Refused(403, "this link isn't good any more: ask for a new one")
        if is_over(query, self._clock.now()):
            raise Refused(403, "this link has ended: ask for a new one")
        return meter

    def _proven(self, headers: Mapping[str, str], name: str) -> Meter:
        """The meter whose key was sent along. Raises Refused."""
        kind, _, key = given(headers, "authorization").partition(" ")
        meter = self._meters.proven(name, key.strip() if kind.lower() == "bearer" else "")
        if meter is None:
            why = "send this meter's key: Authorization: Bearer KEY"
            raise Refused(401, why, WWW_Authenticate='Bearer realm="meters"')
        return meter

    def _kindly(self, act: Callable[[], Reply]) -> Reply:
        """A store that is down is the sender's cue to send again; it is logged once."""
        try:
            reply = act()
        except Refused as refused:
            telemetry.annotate(refused=refused.status)
            return refused.reply()
        except StoreUnavailable as fault:
            self._faults.failed("the readings", fault)
            down = "our store is down, and nothing was kept: send it again"
            return Refused(503, down, Retry_After=str(AGAIN_SECONDS)).reply()
        self._faults.worked("the readings")
        return reply


def decoded(body: bytes) -> Any:
    """What stands in a body. Raises Refused."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Refused(400, "that is no JSON (NaN and Infinity aren't, either)") from error


def given(headers: Mapping[str, str], name: str) -> str:
    """A header, however it is spelt; "" if it isn't there."""
    return next((text for key, text in headers.items() if key.lower() == name), "")


def picture(asked: Asked, found: list[Bucket]) -> bytes:
    """Drawn where the libraries for it are: not in the function that answers people."""
    try:
        from chalicelib.charts import draw
    except ImportError as error:
        raise Refused(501, "no pictures here: ask for csv or json") from error
    return draw(found, asked.title, asked.zone, asked.by, is_line=asked.graph is Graph.LINE)

"""What a sensor sends, and what becomes of it: `{"event": "occupied", "at": "…"}`.

By the same address and key as a meter's readings, since many a bay sensor is one. It is taken
whole or refused whole, and answered when the site has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.core import Outcome
from chalicelib.core.inputs import Input, Sensed, SensorEvent
from chalicelib.edges import Busy, NewerFormat, StoreUnavailable, UnknownSite
from chalicelib.energy.readings import AHEAD, ahead_of, read_time

FRESH = timedelta(hours=1)  # what a sensor saw before says nothing of now
EVENTS = ", ".join(SensorEvent)


class BadEvent(ValueError):
    """It can't be taken; the words say why."""


class NotNow(Exception):
    """It is well said, and can't be so (any more): the words say why."""


class Desk(Protocol):
    """What this needs of the concierge."""

    def site_of(self, channel: str) -> str | None: ...

    def handle(self, site_id: str, given: Input) -> Outcome: ...


def is_event(body: object) -> bool:
    return isinstance(body, Mapping) and "event" in body


def read_event(body: Mapping[str, object], now: datetime) -> tuple[SensorEvent, datetime]:
    """The event, and when it was; now, if it doesn't say. Raises BadEvent."""
    if "readings" in body:
        raise BadEvent("send readings or an event, not both at once")
    strange = sorted(str(name) for name in body if name not in ("event", "at"))
    if strange:
        raise BadEvent(f"unknown: {', '.join(strange)[:100]}; known: event, at")
    event = body["event"]
    if not isinstance(event, str) or event not in tuple(SensorEvent):
        raise BadEvent(f"event is one of {EVENTS}")
    if "at" not in body:
        return SensorEvent(event), now
    try:
        at = read_time(body["at"])
    except ValueError as error:
        raise BadEvent(str(error)) from error
    if at > now + AHEAD:
        raise BadEvent(f"at is {ahead_of(at, now)} ahead of our clock ({now:%Y-%m-%dT%H:%M:%SZ})")
    if at < now - FRESH:
        raise BadEvent("at is longer ago than an hour: that says nothing of now")
    return SensorEvent(event), at


def binding(sensor: str) -> str:
    """How the store knows whose sensor it is."""
    return f"meter:sensor:{sensor}"


class Sensors:
    """Passes on what sensors say to the sites that they are at."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def sense(self, sensor: str, event: SensorEvent, at: datetime) -> None:
        """Raises NotNow and StoreUnavailable; then nothing was changed."""
        nowhere = f"{sensor} is at no port: python -m bot site set SITE --sensor {sensor}=PORT"
        site_id = self._desk.site_of(binding(sensor))
        if site_id is None:
            raise NotNow(nowhere)
        try:
            site = self._desk.handle(site_id, Sensed(sensor, event, at)).site
        except UnknownSite as fault:
            raise NotNow(nowhere) from fault
        except (Busy, NewerFormat) as fault:
            raise StoreUnavailable(str(fault) or "too many at once") from fault
        known = site.sensors.get(sensor)
        if known is None or known.port not in site.ports:
            raise NotNow(nowhere)
        if not site.stations.is_manual and event is not SensorEvent.ALARM:
            raise NotNow("this site's chargers are seen by their network, which knows better")
        if known.at is not None and known.at > at:
            raise NotNow(f"something newer is known, of {known.at:%Y-%m-%dT%H:%M:%S.%fZ}")

"""Alarms: what the network finds broken, told to the admins once."""

from __future__ import annotations

from chalicelib.core.draft import Draft
from chalicelib.core.effects import AlarmRaised
from chalicelib.core.inputs import Alarm, Alarmed

GOOD_NEWS = ("reachable",)  # an alarm type that ends trouble (observed in getAlarms)


def take_in(d: Draft, alarmed: Alarmed) -> None:
    """All alarms that stand now: new ones are told, ended ones forgotten.

    Admins sleep at night: what still stands in the morning is new then (rule 25).
    """
    standing: dict[str, str] = {}
    for alarm in alarmed.alarms:
        if alarm.kind.casefold() in GOOD_NEWS:
            continue
        key = f"{alarm.station}/{alarm.number}"
        known = standing.get(key, "").split(", ") if key in standing else []
        if alarm.kind in known:
            continue
        if alarm.kind not in d.before.alarms.get(key, "").split(", "):
            if not d.speaks:
                continue
            d.alarm(AlarmRaised(alarm.station, port_of(d, alarm), alarm.kind))
        standing[key] = ", ".join([*known, alarm.kind])
    d.alarms = standing


def port_of(d: Draft, alarm: Alarm) -> str | None:
    key = f"{alarm.station}/{alarm.number}"
    return key if key in d.ports else None

"""Sensors: a bay without a network gets eyes (rule 44). What one says counts as a person's word
would: at once, until somebody, or it, says otherwise.
"""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.draft import Draft
from chalicelib.core.effects import SensorAlarm
from chalicelib.core.inputs import Sensed, SensorEvent
from chalicelib.core.model import Port, Sensor, Status
from chalicelib.values import replace

from . import by_hand, plugging

QUIET = timedelta(hours=1)  # an alarm that goes on isn't passed on again so soon


def take_in(d: Draft, sensed: Sensed) -> None:
    """What a sensor says of its port; nothing, where there is none, or something newer is known."""
    sensor = d.sensors.get(sensed.sensor)
    port = d.ports.get(sensor.port) if sensor is not None else None
    if sensor is None or port is None or not is_news(sensor, sensed):
        return
    at = min(sensed.at, d.now)  # a clock may be a little in front of ours
    sensor = replace(sensor, at=sensed.at, said=str(sensed.event))
    if sensed.event is SensorEvent.ALARM:
        d.sensors = {**d.sensors, sensed.sensor: alarmed(d, sensed.sensor, sensor)}
        return
    d.sensors = {**d.sensors, sensed.sensor: replace(sensor, alarm_at=None)}
    if not d.stations.is_manual or (port.since is not None and at < port.since):
        return  # somebody has said since what is there
    if sensed.event is SensorEvent.OCCUPIED and port.stay is None:
        by_hand.occupy(d, port)
        plugging.ask_who(d, port.id)
    elif sensed.event is SensorEvent.FREE and not is_empty(port):
        by_hand.free_by_hand(d, port)


def is_news(sensor: Sensor, sensed: Sensed) -> bool:
    """Not the same again, and nothing that was overtaken."""
    if sensor.at is None:
        return True
    return sensed.at > sensor.at or (sensed.at == sensor.at and sensor.said != sensed.event)


def is_empty(port: Port) -> bool:
    return port.stay is None and port.status is Status.AVAILABLE


def alarmed(d: Draft, name: str, sensor: Sensor) -> Sensor:
    """Passed on once, until it says something else, or for a while."""
    if sensor.alarm_at is not None and d.now - sensor.alarm_at < QUIET:
        return sensor
    d.alarm(SensorAlarm(sensor.port, name))
    return replace(sensor, alarm_at=d.now)

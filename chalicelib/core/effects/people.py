"""About a person's addresses, and what whoever wants to hears of the house."""

from __future__ import annotations

from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class WayFound:
    """To the driver: an address of yours (`platform`) takes messages; `chosen`: you are told there."""

    driver: str
    platform: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class WayLost:
    """To the driver: an address of yours (`platform`) takes no messages any more."""

    driver: str
    platform: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """To an address that is nobody's any more: nothing goes there again."""


@dataclass(frozen=True, slots=True)
class SensorAlarm:
    """To admins and whoever wants to hear: the sensor at a port raises an alarm."""

    port: str
    sensor: str


PeopleMessage = WayFound | WayLost | LetGo | SensorAlarm

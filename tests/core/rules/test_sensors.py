"""Sensors: a bay of a site by hand that tells by itself (rule 44)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import next_deadline, step
from chalicelib.core.effects import Called, IsItYou, SensorAlarm
from chalicelib.core.inputs import Add, Asked, In, Sensed, SensorEvent, Tick
from chalicelib.core.model import Sensor, Site, Stations, Status
from chalicelib.core.rules.stations import by_hand
from chalicelib.values import replace
from tests.fakes import ANA, BOB, BOSS, MONDAY, site_of

FIRST, SECOND = "manual/1", "manual/2"
MINUTE = timedelta(minutes=1)


def park() -> Site:
    """Two ports by hand, each with a sensor; nobody is there."""
    ports = {port.id: port for port in map(by_hand, ("1", "2"))}
    sensors = {"bay-1": Sensor(FIRST), "bay-2": Sensor(SECOND)}
    return site_of(
        stations=Stations(manual=("1", "2")), ports=ports, sensors=sensors, admins=(BOSS,)
    )


def sensed(site: Site, event: str, minutes: float = 0, sensor: str = "bay-1") -> Site:
    at = MONDAY + minutes * MINUTE
    return step(site, Sensed(sensor, SensorEvent(event), at), at).site


def told(site: Site, kind: type) -> list[str]:
    return [one.to for one in site.outbox if isinstance(one.effect, kind)]


def test_occupied_and_free() -> None:
    """A car comes and leaves, though nobody says so."""
    site = sensed(park(), "occupied")
    assert site.ports[FIRST].stay is not None
    assert site.ports[FIRST].status is Status.INUSE
    assert site.ports[SECOND].stay is None
    site = sensed(site, "free", 30)
    assert site.ports[FIRST].stay is None
    assert site.ports[FIRST].status is Status.AVAILABLE


def test_who_waits_is_called() -> None:
    """When the sensor sees a bay empty, whoever waits is called there at once."""
    site = sensed(sensed(park(), "occupied"), "occupied", sensor="bay-2")
    site = step(site, Asked(ANA, Add()), MONDAY + MINUTE).site
    assert told(site, Called) == []
    site = sensed(site, "free", 2)
    assert told(site, Called) == [ANA]
    assert site.queue[0].turn is not None
    assert site.queue[0].turn.port == FIRST


def test_whose_car() -> None:
    """A car that the sensor sees is taken for nobody's until its driver says so."""
    site = sensed(park(), "occupied")
    site = step(site, Asked(ANA, In("1")), MONDAY + MINUTE).site
    stay = site.ports[FIRST].stay
    assert stay is not None
    assert stay.driver == ANA
    assert sensed(site, "occupied", 2).ports[FIRST].stay == stay


def test_the_called_are_asked() -> None:
    """Somebody is called, and the sensor sees a car: they are asked whether it is theirs."""
    site = sensed(sensed(park(), "occupied"), "occupied", sensor="bay-2")
    site = step(site, Asked(ANA, Add()), MONDAY + MINUTE).site
    site = sensed(site, "free", 2)
    site = sensed(site, "occupied", 4)
    for minutes in (5, 6, 7):
        site = step(site, Tick(), MONDAY + minutes * MINUTE).site
    assert told(site, IsItYou) == [ANA]


@pytest.mark.parametrize("event", ["occupied", "free", "alarm"])
def test_the_same_again(event: str) -> None:
    """The very same event changes nothing, however often it comes."""
    site = sensed(park(), event)
    assert sensed(site, event) is site


def test_out_of_order() -> None:
    """What was overtaken counts for nothing."""
    site = sensed(sensed(park(), "occupied", 1), "free", 3)
    late = step(
        site, Sensed("bay-1", SensorEvent.OCCUPIED, MONDAY + 2 * MINUTE), MONDAY + 4 * MINUTE
    )
    assert late.site is site


def test_a_hand_knows_better() -> None:
    """What a sensor saw before somebody said what is there isn't believed after it."""
    site = step(park(), Asked(ANA, In("1")), MONDAY + 5 * MINUTE).site
    late = step(site, Sensed("bay-1", SensorEvent.FREE, MONDAY + 4 * MINUTE), MONDAY + 6 * MINUTE)
    assert late.site.ports[FIRST].stay is not None


@pytest.mark.parametrize("sensor", ["", "nobody", "bay-3"])
def test_unknown(sensor: str) -> None:
    """A sensor that is at no port says nothing."""
    site = park()
    assert sensed(site, "occupied", sensor=sensor) is site


def test_a_port_that_is_gone() -> None:
    """Nor does one whose port isn't there any more."""
    site = site_of(sensors={"bay-1": Sensor("manual/9")}, stations=Stations(manual=("1",)))
    assert sensed(site, "occupied") is site


def test_a_network_knows_better() -> None:
    """Where the network sees the ports a sensor raises alarms, and no more."""
    site = site_of(sensors={"bay-1": Sensor("1:900001/1")}, admins=(BOSS,))
    if "1:900001/1" in site.ports:
        before = site.ports["1:900001/1"]
        assert sensed(site, "occupied").ports["1:900001/1"] == before
        assert told(sensed(site, "alarm"), SensorAlarm) == [BOSS]


def test_alarms() -> None:
    """Whoever wants to hear hears an alarm once; again after an hour, or when it was over."""
    site = park()
    site = sensed(replace(site, alarm_to=(BOB,)), "alarm")
    assert told(site, SensorAlarm) == [BOSS, BOB]
    site = replace(site, outbox=())
    site = sensed(site, "alarm", 10)
    assert told(site, SensorAlarm) == []
    assert told(sensed(site, "alarm", 59), SensorAlarm) == []
    assert told(sensed(site, "alarm", 60), SensorAlarm) == [BOSS, BOB]
    site = sensed(sensed(site, "free", 20), "alarm", 21)
    assert told(site, SensorAlarm) == [BOSS, BOB]


def test_overnight() -> None:
    """Rule 24 doesn't empty a port whose sensor still sees a car."""
    site = sensed(park(), "occupied")
    site = step(site, Asked(ANA, In("2")), MONDAY + MINUTE).site
    while (deadline := next_deadline(site)) is not None and deadline < MONDAY + timedelta(days=1):
        site = step(site, Tick(), deadline).site
    assert site.ports[FIRST].stay is not None
    assert site.ports[SECOND].stay is not None  # it has a sensor, too
    site = replace(site, sensors={"bay-1": Sensor(FIRST)})
    while (deadline := next_deadline(site)) is not None and deadline < MONDAY + timedelta(days=2):
        site = step(site, Tick(), deadline).site
    assert site.ports[FIRST].stay is not None
    assert site.ports[SECOND].stay is None

"""What the network's own book of sessions adds to the looks, and what it may cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.networks.chargepoint import ChargePoint
from bot.networks.chargepoint.events import START, Event
from chalicelib.core.inputs import Observed, SessionEnded
from chalicelib.core.model import Ladder, Port, Site, Stations, Stay
from chalicelib.values import replace
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import MONDAY, Garage, open_garage

ANA, BOB = BY_NAME["ana"], BY_NAME["bob"]
HERE = "1:900001", "1"
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))


def calls(garage: Garage) -> int:
    return list(garage.app.calls).count("getChargingSessionData")


def looks(garage: Garage, minutes: int) -> list[Observed]:
    """A look each minute."""
    seen = []
    for _ in range(minutes):
        garage.clock.pass_minutes(1)
        seen.append(garage.network.look(HQ))
    return seen


def test_a_true_start_and_the_networks_energy(garage: Garage) -> None:
    """Who plugged in before we looked has the network's start, at each look, and its energy
    whenever the book was asked: at once, and every five minutes then.
    """
    session = garage.carpark.plug(*HERE, ANA)
    garage.clock.pass_minutes(59)
    ports = [look.ports[0] for look in looks(garage, 7)]
    assert {(port.session, port.since) for port in ports} == {(str(session), MONDAY)}
    told = [port.energy_kwh for port in ports]
    assert [energy is not None for energy in told] == [True, *[False] * 4, True, False]
    assert told[0] == pytest.approx(6.6 * 59.75 / 60, abs=0.1)
    assert calls(garage) == 2


def test_whom_the_feed_tells_of_waits_for_no_book(garage: Garage) -> None:
    """Their start is the event's, without a call that they would wait for; the next look asks."""
    looks(garage, 1)
    at = garage.clock.now()
    session = garage.carpark.plug(*HERE, ANA)
    garage.network.note(Event(START, *HERE, ANA.user_id, "", at, ""))
    garage.clock.pass_minutes(1)
    told = garage.network.look(HQ).ports[0]
    assert (told.user, told.since, calls(garage)) == (ANA.user_id, at, 0)
    told = looks(garage, 1)[0].ports[0]
    assert (told.session, told.since, calls(garage)) == (str(session), at, 1)
    assert told.energy_kwh is not None


def test_an_end_is_told_once(garage: Garage) -> None:
    """When a car has left, the look tells what its session came to."""
    session = garage.carpark.plug(*HERE, ANA)
    looks(garage, 60)
    garage.carpark.unplug(*HERE)
    at = garage.clock.now()
    ended = [one for look in looks(garage, 20) for one in look.ended]
    (one,) = ended
    assert replace(one, energy_kwh=None) == SessionEnded(
        *HERE, str(session), at, MONDAY, None, ANA.user_id, ANA.credential_id
    )
    assert one.energy_kwh == pytest.approx(6.6, abs=0.1)


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_every_version_tells_of_ends(version: str) -> None:
    """Also those that tell nothing of a session while it runs, nor its id: place and time do."""
    with open_garage(version) as garage:
        garage.carpark.plug(*HERE, ANA)
        looks(garage, 30)
        garage.carpark.unplug(*HERE)
        garage.carpark.plug(*HERE, BOB)
        garage.clock.pass_minutes(1)
        garage.carpark.unplug(*HERE)
        (one,) = [one for look in looks(garage, 3) for one in look.ended]
        assert (one.port, one.since) == ("1:900001/1", MONDAY)
        assert one.energy_kwh == pytest.approx(3.3, abs=0.1)


def test_another_car_at_once(garage: Garage) -> None:
    """Between two looks one car left and another came: the first is told of, the second asked for."""
    first = garage.carpark.plug(*HERE, ANA)
    looks(garage, 3)
    garage.carpark.unplug(*HERE)
    second = garage.carpark.plug(*HERE, BOB)
    (look,) = looks(garage, 1)
    assert [one.session for one in look.ended] == [str(first)]
    assert (look.ports[0].session, look.ports[0].since) == (
        str(second),
        MONDAY + timedelta(minutes=3),
    )


def test_after_a_restart(garage: Garage) -> None:
    """Who left while nobody looked is known from the site's own stay."""
    garage.carpark.plug(*HERE, ANA)
    garage.clock.pass_minutes(60)
    garage.carpark.unplug(*HERE)
    stay = Stay(1, MONDAY + timedelta(minutes=1), Ladder(MONDAY.date(), MONDAY))
    site = replace(HQ, ports={"1:900001/1": Port("1:900001/1", "1", stay=stay)})
    garage.clock.pass_minutes(60)
    (one,) = ChargePoint(garage.client, garage.clock).look(site).ended
    assert (one.since, one.ended_at) == (MONDAY, MONDAY + timedelta(minutes=60))


def test_a_late_book(garage: Garage) -> None:
    """An end that isn't booked yet is asked for every five minutes, for two hours."""
    garage.carpark.plug(*HERE, ANA)
    looks(garage, 1)
    over, garage.carpark.sessions = garage.carpark.sessions, list  # type: ignore[method-assign]  # a fake in its place
    garage.carpark.unplug(*HERE)
    before = calls(garage)
    assert not any(look.ended for look in looks(garage, 9))
    assert calls(garage) - before == 2
    garage.carpark.sessions = over  # type: ignore[method-assign]  # a fake in its place
    assert sum(len(look.ended) for look in looks(garage, 5)) == 1
    before = calls(garage)
    looks(garage, 130)
    assert calls(garage) == before


def test_dark_ports_keep_their_sessions(garage: Garage) -> None:
    """Out of sight is not gone: no end is asked for, and no question is repeated for it."""
    garage.carpark.plug(*HERE, ANA)
    looks(garage, 1)
    garage.carpark.unreachable(*HERE)
    assert not any(look.ended for look in looks(garage, 12))
    asked = garage.record.of("getChargingSessionData")
    assert all(one.find(".//activeSessionsOnly") is not None for one in asked)
    garage.carpark.reachable(*HERE)
    (look,) = looks(garage, 1)
    assert look.ports[0].since == MONDAY


def test_a_plan_without_it(garage: Garage) -> None:
    """A plan that denies it costs a question each quarter of an hour, and no look."""
    garage.app.fault_config.denied = frozenset({"getChargingSessionData"})
    garage.carpark.plug(*HERE, ANA)
    ports = [look.ports[0] for look in looks(garage, 14)]
    garage.carpark.unplug(*HERE)
    assert {(port.energy_kwh, port.since) for port in ports} == {(None, None)}
    assert ports[0].session
    assert calls(garage) == 1


def test_trouble_with_it_is_no_trouble_with_the_look(garage: Garage) -> None:
    """A book that answers nonsense is left alone for five minutes; the looks go on."""
    garage.app.fault_config.troubled = frozenset({"getChargingSessionData"})
    garage.carpark.plug(*HERE, ANA)
    seen = looks(garage, 4)
    assert all(look.ports[0].user == ANA.user_id for look in seen)
    assert calls(garage) == 1
    garage.app.fault_config.troubled = frozenset()
    looks(garage, 2)
    assert calls(garage) == 2

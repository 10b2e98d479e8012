"""The make-believe car park behaves as cars, cables and load shed do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from practice.carpark import CarPark, CarParkError
from practice.common.people import ADMIN, BY_NAME, DRIVERS, make_ports
from tests.bot.networks.chargepoint.client_kit import SetClock

ANA = BY_NAME["ana"]
FIRST, SECOND = ("1:900001", "1"), ("1:900001", "2")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def carpark(clock: SetClock) -> CarPark:
    return CarPark(clock)


def loads(carpark: CarPark) -> list[float]:
    return [port["load_kw"] for port in carpark.state()]


def test_people_are_distinct() -> None:
    """At least 35 drivers, and no name or id stands for two of them."""
    assert len(DRIVERS) >= 35
    for field in ("name", "slack_id", "user_id", "credential_id"):
        assert len({getattr(driver, field) for driver in DRIVERS}) == len(DRIVERS)
    assert [d.name for d in DRIVERS[:4]] == ["ana", "bob", "cleo", "dave"]
    assert ADMIN.name == "dave"


def test_any_number_of_ports() -> None:
    """Ports come two to a station, and an odd one is alone."""
    assert make_ports(3) == (FIRST, SECOND, ("1:900002", "1"))


def test_empty_car_park(carpark: CarPark) -> None:
    """Four free ports that draw nothing and are not limited."""
    assert carpark.state()[0] == {
        "station": "1:900001",
        "port": "1",
        "status": "AVAILABLE",
        "driver": None,
        "load_kw": 0.0,
        "allowed_kw": None,
        "percent": None,
    }
    assert len(carpark.state()) == 4


def test_charging_from_plug_to_unplug(carpark: CarPark, clock: SetClock) -> None:
    """A car ramps up to about 6.6 kW, draws nothing once full, and leaves a free port."""
    carpark.plug(*FIRST, ANA)
    assert loads(carpark)[0] == 0.0
    clock.pass_minutes(0.25)
    assert 3.0 < loads(carpark)[0] < 3.4
    clock.pass_minutes(10)
    assert 6.5 < loads(carpark)[0] <= 6.6
    carpark.full(*FIRST)
    assert (carpark.state()[0]["status"], carpark.state()[0]["load_kw"]) == ("INUSE", 0.0)
    carpark.unplug(*FIRST)
    assert carpark.state()[0]["status"] == "AVAILABLE"


def test_sessions_and_draws_differ(carpark: CarPark, clock: SetClock) -> None:
    """Every plug is a session of its own, and no two cars draw quite the same."""
    sessions = {carpark.plug(*place, ANA) for place in (FIRST, SECOND)}
    clock.pass_minutes(5)
    assert len(sessions) == 2
    assert loads(carpark)[0] != loads(carpark)[1]
    assert all(round(load, 3) == load for load in loads(carpark))


def test_stranger_has_no_ids(carpark: CarPark) -> None:
    """A stranger's port is in use, and nobody can say by whom."""
    carpark.plug(*FIRST, None)
    port = carpark.ports()[0]
    assert (port.status, port.user_id, port.credential_id) == ("INUSE", "", "")
    assert carpark.state()[0]["driver"] is None


@pytest.mark.parametrize(("users", "credentials"), [(True, False), (False, True), (True, True)])
def test_withheld_ids(carpark: CarPark, users: bool, credentials: bool) -> None:
    """The network may know the card and not the user, or neither; the car park knows."""
    carpark.omit_users, carpark.omit_credentials = users, credentials
    carpark.plug(*FIRST, ANA)
    port = carpark.ports()[0]
    assert port.user_id == ("" if users else ANA.user_id)
    assert port.credential_id == ("" if credentials else ANA.credential_id)
    assert carpark.state()[0]["driver"] == "ana"


def test_out_of_reach(carpark: CarPark) -> None:
    """A port out of reach keeps its car, and shows it when it is back."""
    carpark.plug(*FIRST, ANA)
    carpark.unreachable(*FIRST)
    assert carpark.state()[0]["status"] == "UNREACHABLE"
    carpark.reachable(*FIRST)
    assert (carpark.state()[0]["status"], carpark.state()[0]["driver"]) == ("INUSE", "ana")


@pytest.mark.parametrize(
    ("act", "place", "words"),
    [
        ("plug", ("1:900009", "1"), "there is no port 1 of station 1:900009"),
        ("plug", FIRST, "in use"),
        ("unplug", SECOND, "nothing is plugged into port 2"),
        ("full", SECOND, "nothing is plugged into port 2"),
        ("unreachable", ("1:900001", "3"), "there is no port 3"),
    ],
)
def test_impossible_acts(carpark: CarPark, act: str, place: tuple[str, str], words: str) -> None:
    """What can't be done is refused in words and changes nothing."""
    carpark.plug(*FIRST, ANA)
    before = carpark.state()
    with pytest.raises(CarParkError, match=words):
        getattr(carpark, act)(*place, *([None] if act == "plug" else []))
    assert carpark.state() == before


def test_limit_in_kw(carpark: CarPark, clock: SetClock) -> None:
    """A limit in kW holds on every port until it is cleared."""
    carpark.plug(*FIRST, ANA)
    clock.pass_minutes(5)
    carpark.shed(allowed_kw=3.3)
    state = carpark.state()
    assert [(p["allowed_kw"], p["percent"]) for p in state] == [(3.3, None)] * 4
    assert state[0]["load_kw"] == 3.3
    carpark.shed()
    assert loads(carpark)[0] > 6.5
    assert carpark.state()[0]["allowed_kw"] is None


def test_limit_in_percent_is_of_what_flows(carpark: CarPark, clock: SetClock) -> None:
    """60 percent less of what flows now; who comes to an idle port gets nothing."""
    carpark.plug(*FIRST, ANA)
    clock.pass_minutes(5)
    flowing = loads(carpark)[0]
    carpark.shed(percent=60)
    carpark.plug(*SECOND, None)
    clock.pass_minutes(5)
    assert loads(carpark)[0] == pytest.approx(flowing * 0.4, abs=0.001)
    assert loads(carpark)[1] == 0.0
    assert [(p["allowed_kw"], p["percent"]) for p in carpark.state()] == [(None, 60)] * 4


def test_limit_on_one_port(carpark: CarPark) -> None:
    """A limit may be set on some ports only."""
    carpark.shed(allowed_kw=0, places=[SECOND])
    assert [p["allowed_kw"] for p in carpark.state()] == [None, 0, None, None]


def test_limit_arrives_late(carpark: CarPark, clock: SetClock) -> None:
    """Orders take their time to arrive, in both directions."""
    carpark.shed_delay, carpark.clear_delay = timedelta(minutes=5), timedelta(minutes=10)
    carpark.shed(allowed_kw=1)
    clock.pass_minutes(4.9)
    assert carpark.state()[0]["allowed_kw"] is None
    clock.pass_minutes(0.2)
    assert carpark.state()[0]["allowed_kw"] == 1
    carpark.shed()
    clock.pass_minutes(9.9)
    assert carpark.state()[0]["allowed_kw"] == 1
    clock.pass_minutes(0.2)
    assert carpark.state()[0]["allowed_kw"] is None


def test_late_percentage_is_of_what_flowed_on_arrival(carpark: CarPark, clock: SetClock) -> None:
    """A car that comes after the order has arrived doesn't change what the order meant."""
    carpark.shed_delay = timedelta(minutes=5)
    carpark.shed(percent=50)
    clock.pass_minutes(6)
    carpark.plug(*FIRST, ANA)
    clock.pass_minutes(6)
    assert loads(carpark)[0] == 0.0


def test_limit_for_a_time(carpark: CarPark, clock: SetClock) -> None:
    """A limit with a duration ends by itself."""
    carpark.shed(allowed_kw=2, minutes=30)
    clock.pass_minutes(29)
    assert carpark.state()[0]["allowed_kw"] == 2
    clock.pass_minutes(2)
    assert carpark.state()[0]["allowed_kw"] is None


@pytest.mark.parametrize(
    "limit",
    [
        {"percent": 101},
        {"percent": 0},
        {"percent": "half"},
        {"percent": True},
        {"allowed_kw": -1},
        {"allowed_kw": float("nan")},
        {"percent": 50, "allowed_kw": 3.3},
        {"percent": 50, "minutes": -1},
        {"percent": 50, "minutes": 10**12},
        {"percent": 50, "places": [("1:900009", "1")]},
    ],
)
def test_impossible_limits(carpark: CarPark, limit: dict[str, Any]) -> None:
    """A limit that makes no sense is refused and changes nothing."""
    with pytest.raises(CarParkError):
        carpark.shed(**limit)
    assert carpark.state() == CarPark(SetClock()).state()


def test_many_hands(carpark: CarPark) -> None:
    """Of many who grab the same port at once, one gets it."""

    def grab(_: int) -> bool:
        try:
            carpark.plug(*FIRST, ANA)
        except CarParkError:
            return False
        return True

    with ThreadPoolExecutor(16) as hands:
        assert sum(hands.map(grab, range(200))) == 1


def test_orders_keep_their_order(carpark: CarPark, clock: SetClock) -> None:
    """A limit that was asked for after a clear arrives after it, however slow the clear is."""
    carpark.shed(allowed_kw=1)
    carpark.shed_delay, carpark.clear_delay = timedelta(minutes=5), timedelta(minutes=10)
    carpark.shed(places=[FIRST])
    carpark.shed(allowed_kw=2, places=[FIRST])
    carpark.shed(allowed_kw=3, places=[SECOND])
    clock.pass_minutes(5)
    assert [port["allowed_kw"] for port in carpark.state()[:3]] == [1, 3, 1]
    clock.pass_minutes(5)
    assert [port["allowed_kw"] for port in carpark.state()[:3]] == [2, 3, 1]


def test_units_of_limits(carpark: CarPark) -> None:
    """The unit of a limit counts from when it is asked for, until a clear is asked for."""
    carpark.shed_delay = carpark.clear_delay = timedelta(minutes=5)
    assert carpark.units([FIRST]) == set()
    carpark.shed(percent=50, places=[FIRST])
    carpark.shed(allowed_kw=1, places=[SECOND])
    assert (carpark.units([FIRST]), carpark.units([FIRST, SECOND])) == ({"%"}, {"%", "kW"})
    carpark.shed(places=[FIRST])
    assert carpark.units([FIRST]) == set()


def test_energy_is_what_flowed(carpark: CarPark, clock: SetClock) -> None:
    """A session's energy is the power over the time, whoever asks and how often: ramp, limits
    that come and go meanwhile, and a car that is full.
    """
    carpark.plug(*FIRST, ANA)
    clock.pass_minutes(60)
    rated = loads(carpark)[0]
    (hour,) = carpark.sessions()
    assert hour.energy_kwh == pytest.approx(rated * (60 - 0.25) / 60)
    carpark.shed(allowed_kw=3.0, minutes=30)
    clock.pass_minutes(60)
    carpark.full(*FIRST)
    clock.pass_minutes(60)
    carpark.unplug(*FIRST)
    (over,) = carpark.sessions()
    assert over.energy_kwh == pytest.approx(hour.energy_kwh + 1.5 + rated / 2)
    assert (over.charging, over.until) == (timedelta(hours=2), clock.now())
    assert (over.id, over.driver, over.since) == (hour.id, ANA, hour.since)

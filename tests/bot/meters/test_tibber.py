"""Our Tibber client against the stand-in, and what it makes of what it hears."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.meters.register import DayRegister
from bot.meters.tibber import WAIT_OUT, WAITS, Amps, Tibber, TibberLost, TibberRefused
from chalicelib.edges import Series
from chalicelib.energy.readings import Reading
from chalicelib.meters.keys import Meters
from chalicelib.stores import open_store
from chalicelib.stores.series import open_series
from practice.meter.building import Building, Power
from practice.meter.tibber import HOME, Tibber as StandIn, serving
from tests.fakes import FakeClock

NOW = datetime(2026, 3, 2, 9, 0, 3, tzinfo=UTC)
BEGIN, END = NOW - timedelta(hours=1), NOW + timedelta(days=2)
NOBODY = "http://127.0.0.1:9/"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def series(tmp_path: Path, clock: FakeClock) -> Series:
    return open_series(f"sqlite:{tmp_path / 'ev.db'}", clock.now)


@pytest.fixture
def there(clock: FakeClock) -> Iterator[StandIn]:
    """Tibber, with a building whose clock goes a second on with each measurement."""
    building = Building(clock, "Europe/Oslo", lambda: 6.6)

    def power() -> Power:
        clock.advance(seconds=1)
        return building.now()

    with serving(StandIn("token", power, every=0.01)) as found:
        yield found


@pytest.fixture
def make(there: StandIn, series: Series, tmp_path: Path) -> Callable[..., Tibber]:
    def make(token: str = "token", home: str = "", url: str = "") -> Tibber:
        records = open_store(f"sqlite:{tmp_path / 'ev.db'}").records
        register, meters = DayRegister(records, "tibber"), Meters(records)
        return Tibber(token, series, register, meters, home, url or there.url)

    return make


def kept(series: Series) -> list[Reading]:
    return list(series.readings("tibber", BEGIN, END))


def hold(tibber: Tibber, until: Callable[[], bool]) -> float:
    """Take a turn until something holds, then stop; what it says to wait."""
    waits: list[float] = []
    thread = threading.Thread(target=lambda: waits.append(tibber.turn()))
    thread.start()
    wait_until(until)
    tibber.over.set()
    thread.join(10)
    assert waits, "it didn't end"
    return waits[0]


def wait_until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not holds() and time.monotonic() < give_up:
        time.sleep(0.01)
    assert holds()


class TestFeed:
    """One connection, held."""

    def test_readings_come_in(
        self, make: Callable[..., Tibber], there: StandIn, series: Series
    ) -> None:
        """One in ten seconds is kept, with power, register and amps, over one connection."""
        hold(make(), lambda: len(kept(series)) >= 5)
        found = kept(series)
        assert all(other.at - one.at >= timedelta(seconds=10) for one, other in pairwise(found))
        assert all(one.kw and one.kwh is not None for one in found)
        assert len(found[-1].amps) == 3
        assert there.opened == 1
        assert not there.violations

    def test_once(self, make: Callable[..., Tibber], there: StandIn, series: Series) -> None:
        """For a schedule: open, one reading, a clean close, so that nothing stays open."""
        tibber = make()
        for _ in range(5):
            tibber.once()
        assert len(kept(series)) == 5
        assert there.opened == 5
        wait_until(lambda: there.open == 0)
        assert not there.violations

    def test_it_is_opened_again_later(self, make: Callable[..., Tibber], there: StandIn) -> None:
        """Tibber ends a subscription at will; each loss in a row waits longer."""
        there.faults.complete_after = 1
        assert 0.8 * WAITS[0] <= make().turn() <= 1.2 * WAITS[0]
        lost = make(url=NOBODY)
        for least in (*WAITS, WAITS[-1]):
            assert 0.8 * least <= lost.turn() <= 1.2 * least

    def test_too_many_connections(self, make: Callable[..., Tibber], there: StandIn) -> None:
        """4429: it is left alone for long."""
        there.faults.too_many = True
        assert make().turn() >= 0.8 * WAIT_OUT

    def test_too_many_questions(self, make: Callable[..., Tibber], there: StandIn) -> None:
        """429: as long as it says."""
        there.faults.busy = True
        assert 0.8 * 120 <= make().turn() <= 1.2 * 120

    def test_refusals(self, make: Callable[..., Tibber], there: StandIn) -> None:
        """A wrong token, no such home, no live feed: said, and not asked for again at once."""
        with pytest.raises(TibberRefused, match="TIBBER_TOKEN"):
            make("wrong").once()
        with pytest.raises(TibberRefused, match=f"TIBBER_HOME is one of: {HOME}"):
            make(home="elsewhere").once()
        there.faults.no_feed = True
        with pytest.raises(TibberRefused, match="no live feed"):
            make(home=HOME).once()
        assert there.opened == 0
        assert make().turn() >= 0.8 * WAIT_OUT

    def test_nobody_there(self, make: Callable[..., Tibber]) -> None:
        """A fault, not a crash, in a few words."""
        with pytest.raises(TibberLost, match=r"can't ask Tibber: [A-Za-z ]+$"):
            make(url=NOBODY).once()


class TestAmps:
    """Phases that are told only now and then."""

    def test_the_last_word_of_a_phase_ages(self) -> None:
        """It is believed for half a minute, and then unknown."""
        amps = Amps()
        assert amps.update(NOW, [None, None, None]) == ()
        assert amps.update(NOW, [5.0, -6.0, 7.0]) == (5.0, 6.0, 7.0)
        later = NOW + timedelta(seconds=29)
        assert amps.update(later, [None, 8.0, None]) == (5.0, 8.0, 7.0)
        assert amps.update(NOW + timedelta(seconds=31), [None] * 3) == (None, 8.0, None)
        assert amps.update(NOW + timedelta(minutes=2), [None] * 3) == ()


AT = "2026-03-02T10:00:00Z"


class TestMeasurements:
    """What Tibber may say, and what we make of it."""

    @pytest.mark.parametrize(
        "found",
        [
            None, {"timestamp": "2026-03-02T10:00:00", "power": 5}, {"power": 5},
            {"timestamp": "soon", "power": 5}, {"timestamp": AT, "power": "5"},
            {"timestamp": AT, "power": None}, {"timestamp": AT, "power": 1e30}, {"timestamp": AT},
        ],
    )  # fmt: skip
    def test_nonsense_is_passed_over(self, make: Callable[..., Tibber], found: object) -> None:
        """Until there is something to keep."""
        tibber = make()
        assert tibber.read({"data": {"liveMeasurement": found}}) is None
        assert tibber.read({"data": None}) is None
        assert tibber.read(None) is None

    def test_who_feeds_the_grid_draws_nothing(self, make: Callable[..., Tibber]) -> None:
        """Whichever of the two figures is stale."""
        for power, sent in ((0, 1500), (300, 1500), (-1500, None)):
            found = {"timestamp": AT, "power": power, "powerProduction": sent}
            reading = make().read({"data": {"liveMeasurement": found}})
            assert reading
            assert reading.kw == 0.0


class TestDayRegister:
    """A register out of what was counted since midnight."""

    @pytest.fixture
    def fresh(self, tmp_path: Path) -> Callable[[], DayRegister]:
        records = open_store(f"sqlite:{tmp_path / 'ev.db'}").records
        return lambda: DayRegister(records, "tibber")

    def told(self, register: DayRegister, *words: tuple[int, int, int, float]) -> list[float]:
        found = []
        for day, hour, minute, kwh in words:
            found.append(register.reading(datetime(2026, 10, day, hour, minute, tzinfo=UTC), kwh))
        return found

    def test_it_goes_on_over_midnight(self, fresh: Callable[[], DayRegister]) -> None:
        """The count of the day begins at 0 again, at once or a little late; ours doesn't."""
        words = [
            (24, 23, 50, 30.0), (24, 23, 59, 30.5), (25, 0, 0, 30.6), (25, 0, 1, 0.1),
            (25, 9, 0, 12.0), (26, 9, 0, 13.0),
        ]  # fmt: skip
        found = self.told(fresh(), *words)
        assert found == pytest.approx([30.0, 30.5, 30.6, 30.7, 42.6, 55.6])

    def test_it_goes_on_after_a_restart(self, fresh: Callable[[], DayRegister]) -> None:
        """On the same day by what was counted meanwhile, on another from where we were."""
        assert self.told(fresh(), (24, 9, 0, 5.0)) == [5.0]
        assert self.told(fresh(), (24, 11, 0, 7.0)) == [7.0]
        assert self.told(fresh(), (26, 8, 0, 3.0)) == [10.0]

    def test_a_slip_is_not_counted_twice(self, fresh: Callable[[], DayRegister]) -> None:
        """What falls within a day counts again when it is more than was told."""
        words = [(24, 9, n, kwh) for n, kwh in enumerate((5.0, 4.0, 4.5, 5.5))]
        assert self.told(fresh(), *words) == [5.0, 5.0, 5.0, 5.5]

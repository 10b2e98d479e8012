"""What every store of readings must do. A backend's test subclasses these.

`series` is a fresh Series whose time is `clock`'s; `down` one whose medium can't be reached.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from chalicelib.edges import Series, StoreUnavailable
from chalicelib.energy.readings import Reading
from chalicelib.energy.slots import SLOT, Register, Slot, draw_together, slot_start
from tests.fakes import FakeClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=1000)
EVER = NOON + timedelta(days=1000)


def reading(
    seconds: float, kw: float | None = 3.25, kwh: float | None = None, *amps: float | None
) -> Reading:
    """So many seconds after noon."""
    return Reading(NOON + timedelta(seconds=seconds), kw, kwh, amps)


def readings_of(series: Series, meter: str = "hq") -> list[Reading]:
    return list(series.readings(meter, LONG_AGO, EVER))


def slots_of(series: Series, meter: str = "hq") -> list[Slot]:
    return list(series.slots(meter, LONG_AGO, EVER))


def is_as_drawn(found: Sequence[Slot], readings: Sequence[Reading]) -> bool:
    """Whether the slots are those of the readings, but for how a mean is rounded."""
    by_slot: dict[datetime, list[Reading]] = {}
    for one in readings:
        by_slot.setdefault(slot_start(one.at), []).append(one)
    wanted = [draw_together(start, by_slot[start]) for start in sorted(by_slot)]

    def rounded(slot: Slot) -> tuple[object, ...]:
        kw = slot.kw if slot.kw is None else round(slot.kw, 6)
        return slot.start, slot.count, kw, slot.peak_kw, slot.first, slot.last, slot.amps

    return list(map(rounded, found)) == list(map(rounded, wanted))


class SeriesContract:
    """Keeping, reading, forgetting."""

    LONG = 500  # slots; more than a page where that is soon done

    def test_nothing_is_known_of_an_unknown_meter(self, series: Series) -> None:
        """It has neither readings nor slots."""
        assert readings_of(series) == []
        assert slots_of(series) == []
        assert series.latest("hq") is None
        assert series.newest("hq") is None
        assert series.register_before("hq", EVER) is None
        assert series.register_after("hq", LONG_AGO) is None

    @pytest.mark.parametrize(
        "one",
        [
            reading(0, 0.0),
            reading(1, None, 1234567.891),
            reading(2, 3.2, 0.0, 4.0, 5.0, 6.0),
            reading(3, None, None, 16.0),
            reading(4, None, None, 4.0, None, 6.0),
            reading(5, None, None, None, 5.0, None),
            reading(299.999, 1e5),
        ],
    )
    def test_a_reading_comes_back_as_it_was(self, series: Series, one: Reading) -> None:
        """Whatever of its figures is there, and nothing of what isn't."""
        series.keep("hq", [one])
        assert readings_of(series) == [one]
        assert is_as_drawn(slots_of(series), [one])
        assert series.newest("hq") == one

    def test_the_same_again_changes_nothing(self, series: Series) -> None:
        """A device that saw no answer sends again; nothing is counted twice."""
        batch = [reading(n, 1.0 + n, 100.0 + n) for n in range(7)]
        series.keep("hq", batch)
        before = slots_of(series)
        series.keep("hq", batch)
        series.keep("hq", batch[2:4])
        assert readings_of(series) == batch
        assert slots_of(series) == before

    def test_the_later_word_about_a_moment_counts(self, series: Series) -> None:
        """A device may correct itself."""
        series.keep("hq", [reading(0, 3.0), reading(10, 5.0)])
        series.keep("hq", [reading(10, 7.0)])
        assert [one.kw for one in readings_of(series)] == [3.0, 7.0]
        assert [slot.kw for slot in slots_of(series)] == [5.0]

    def test_order_does_not_matter(self, series: Series) -> None:
        """Readings that overtook each other, a reading a time, make the slots of those in order."""
        batch = [reading(60 * n, 3 + n / 4, 100 + n / 8, 15 + n, 0.0, 9.5) for n in range(-14, 6)]
        mixed = batch.copy()
        random.Random(7).shuffle(mixed)
        for one in mixed:
            series.keep("hq", [one])
        assert readings_of(series) == batch
        assert is_as_drawn(slots_of(series), batch)
        series.sweep("hq")
        assert is_as_drawn(slots_of(series), batch)

    def test_a_slot_is_exact_while_it_lasts(self, series: Series) -> None:
        """Whenever somebody looks, the newest slot is that of all its readings."""
        batch = [reading(5 * n, n / 4, 100 + n / 8) for n in range(23)]
        for n, one in enumerate(batch, 1):
            series.keep("hq", [one])
            assert is_as_drawn(slots_of(series), batch[:n])
            assert series.latest("hq") == slots_of(series)[-1]

    def test_a_slot_is_settled_when_the_next_begins(
        self, series: Series, clock: FakeClock
    ) -> None:
        """Years later, when the readings are forgotten, it is still that of all of them."""
        batch = [reading(5 * n, n / 4, 100 + n / 8) for n in range(63)]
        for one in batch:
            series.keep("hq", [one])
        clock.advance(days=3)
        series.sweep("hq")
        assert readings_of(series) == []
        assert is_as_drawn(slots_of(series), batch)

    def test_the_last_slot_is_settled_by_a_sweep(self, series: Series, clock: FakeClock) -> None:
        """That of a meter that fell silent for good."""
        batch = [reading(5 * n, n / 4, 100 + n / 8) for n in range(7)]
        for one in batch:
            series.keep("hq", [one])
        series.sweep("hq")
        clock.advance(days=3)
        series.keep("hq", [reading(3 * 86400)])
        assert is_as_drawn(slots_of(series)[:1], batch)

    def test_a_late_reading_counts(self, series: Series, clock: FakeClock) -> None:
        """A device was offline for weeks, and tells all at last, in several bodies."""
        clock.advance(days=30)
        batch = [reading(20 * n, n / 4) for n in range(40)]
        series.keep("hq", [reading(30 * 86400)])
        for begin in (30, 0, 10, 20):
            series.keep("hq", batch[begin : begin + 10])
        assert is_as_drawn(slots_of(series)[:-1], batch)

    def test_what_is_settled_is_not_made_anew_from_few(
        self, series: Series, clock: FakeClock
    ) -> None:
        """When the readings are forgotten, a late one can't stand for all of its slot."""
        batch = [reading(5 * n, 4.0) for n in range(60)]
        series.keep("hq", batch)
        clock.advance(days=3)
        series.sweep("hq")
        self.forget_readings(series)
        series.keep("hq", [reading(2, 99.0)])
        assert [(slot.count, slot.kw) for slot in slots_of(series)] == [(60, 4.0)]

    def forget_readings(self, series: Series) -> None:
        """What time does where a sweep does not."""

    def test_500_at_once(self, series: Series) -> None:
        """The most that a body holds, some of the same slot and some of many."""
        close = [reading(n / 2, n / 8) for n in range(500)]
        series.keep("close", close)
        assert readings_of(series, "close") == close
        assert is_as_drawn(slots_of(series, "close"), close)
        far = [reading(-300 * n, n / 8) for n in reversed(range(500))]
        series.keep("far", far)
        assert readings_of(series, "far") == far
        assert is_as_drawn(slots_of(series, "far"), far)

    def test_a_range_has_its_first_and_not_its_last(self, series: Series) -> None:
        """So that ranges that touch share nothing and miss nothing."""
        batch = [reading(300 * n) for n in range(30)]
        series.keep("hq", batch)
        begin, end = NOON + 3 * SLOT, NOON + 25 * SLOT
        assert list(series.readings("hq", begin, end)) == batch[3:25]
        assert [slot.start for slot in series.slots("hq", begin, end)] == [
            one.at for one in batch[3:25]
        ]

    def test_meters_do_not_know_each_other(self, series: Series) -> None:
        """Not even where one's name begins with the other's."""
        series.keep("hq", [reading(0, 1.0)])
        series.keep("hq-2", [reading(0, 2.0)])
        series.forget("hq")
        assert readings_of(series) == []
        assert slots_of(series) == []
        assert [one.kw for one in readings_of(series, "hq-2")] == [2.0]
        assert series.latest("hq-2") is not None

    def test_several_meters_at_once(self, series: Series) -> None:
        """Each has its own; of none there is nothing to keep."""
        series.keep_all({})
        series.keep_all({"hq": [reading(0, 1.0), reading(400, 3.0)], "hall": [reading(0, 2.0)]})
        assert [one.kw for one in readings_of(series, "hq")] == [1.0, 3.0]
        assert [slot.kw for slot in slots_of(series, "hall")] == [2.0]

    def test_the_registers_around_a_time(self, series: Series, clock: FakeClock) -> None:
        """Slots without one are passed over, and that of the time itself comes after it."""
        clock.advance(hours=6)
        series.keep(
            "hq", [reading(300 * n, 1.0, 50.0 if n in (2, 40) else None) for n in range(60)]
        )
        early, late = NOON + 2 * SLOT, NOON + 40 * SLOT
        before, after = series.register_before("hq", late), series.register_after("hq", late)
        assert before is not None
        assert after is not None
        assert (before.start, before.first) == (early, Register(early, 50.0))
        assert after.start == late
        assert series.register_before("hq", early + SLOT / 2) is None
        last = series.register_before("hq", late + SLOT)
        assert last is not None
        assert last.start == late
        assert series.register_after("hq", late + SLOT) is None

    def test_what_is_too_old_is_gone(self, series: Series, clock: FakeClock) -> None:
        """Readings after two days, slots after two years, swept or not."""
        series.keep("hq", [reading(0, 1.0, 10.0)])
        clock.advance(days=2, seconds=1)
        assert readings_of(series) == []
        assert series.newest("hq") is None
        assert len(slots_of(series)) == 1
        clock.advance(days=728)
        for _ in range(2):
            assert slots_of(series) == []
            assert series.latest("hq") is None
            assert series.register_before("hq", EVER) is None
            assert series.register_after("hq", LONG_AGO) is None
            series.sweep("hq")

    def test_a_long_range_is_read_in_pages(self, series: Series) -> None:
        """All of it, once, in order."""
        for begin in range(0, self.LONG, 500):
            series.keep("hq", [reading(-300 * n, n / 8) for n in range(begin, begin + 500)])
        starts = [slot.start for slot in slots_of(series)]
        assert starts == [NOON - n * SLOT for n in reversed(range(self.LONG))]


class RacingSeriesContract:
    """What only a store that is safe among threads can show."""

    def test_of_many_at_once_none_is_lost(self, series: Series, clock: FakeClock) -> None:
        """Eight devices' connections write the same five minutes of one meter, a reading a time."""
        parts = [[reading(8 * n + part, n / 4, 100 + n) for n in range(30)] for part in range(8)]
        start = Barrier(8)

        def send(part: list[Reading]) -> None:
            start.wait()
            for one in part:
                series.keep("hq", [one])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send, parts))
        every = sorted((one for part in parts for one in part), key=lambda one: one.at)
        assert readings_of(series) == every
        assert is_as_drawn(slots_of(series), every)
        series.sweep("hq")
        clock.advance(days=3)
        series.keep("hq", [reading(3 * 86400)])
        assert is_as_drawn(slots_of(series)[:-1], every)

    def test_many_meters_at_once(self, series: Series) -> None:
        """Each has its own, once."""

        def send(meter: int) -> None:
            for n in range(5):
                series.keep(f"m{meter}", [reading(n, float(meter))])

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(send, range(48)))
        for meter in range(48):
            assert [one.kw for one in readings_of(series, f"m{meter}")] == [float(meter)] * 5


class DownSeriesContract:
    """A medium that can't be reached."""

    def test_each_method_says_so(self, down: Series) -> None:
        """Nobody waits for ever, and nobody is told "kept"."""
        for act in (
            lambda: down.keep("hq", [reading(0)]),
            lambda: down.keep_all({"hq": [reading(0)]}),
            lambda: readings_of(down),
            lambda: slots_of(down),
            lambda: down.latest("hq"),
            lambda: down.forget("hq"),
        ):
            with pytest.raises(StoreUnavailable):
                act()

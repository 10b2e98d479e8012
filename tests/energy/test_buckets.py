"""Energy by the hour, the day and the month: all of it, once, where it belongs."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from chalicelib.energy.buckets import Bucket, By, buckets, grid, slices
from chalicelib.energy.readings import Reading
from chalicelib.energy.slots import SLOT, Slot, draw_together, slot_start

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")
UTC_ZONE = ZoneInfo("UTC")


def slots_of(*readings: Reading) -> list[Slot]:
    by_slot: dict[datetime, list[Reading]] = {}
    for one in readings:
        by_slot.setdefault(slot_start(one.at), []).append(one)
    return [draw_together(start, by_slot[start]) for start in sorted(by_slot)]


def reading(minutes: float, kw: float | None = None, kwh: float | None = None) -> Reading:
    return Reading(NOON + timedelta(minutes=minutes), kw, kwh)


def energies(*readings: Reading) -> list[float | None]:
    """Of each slot, and of those that a register bridges."""
    found = [one.kwh for one in slices(slots_of(*readings))]
    return [one if one is None else round(one, 6) for one in found]


def total(*readings: Reading) -> float:
    return math.fsum(one or 0.0 for one in energies(*readings))


class TestByPower:
    """A meter without a register."""

    def test_a_slot_is_its_mean_power_over_five_minutes(self) -> None:
        """12 kW are 1 kWh; nothing is made up for what wasn't read."""
        assert energies(reading(0, 12), reading(5, 6), reading(7, 18), reading(20, 0)) == [1, 1, 0]

    def test_amps_alone_are_no_energy(self) -> None:
        """Nobody knows the voltage."""
        found = list(slices([draw_together(NOON, [Reading(NOON, amps=(4.0,))])]))
        assert [one.kwh for one in found] == [None]


class TestByRegister:
    """A meter that counts."""

    def test_the_difference_counts(self) -> None:
        """However the power was, which a look every few minutes hardly knows."""
        assert energies(reading(0, 9, 100), reading(5, 9, 101), reading(10, 9, 103)) == [
            1,
            2,
            None,
        ]

    def test_within_one_slot(self) -> None:
        """The first and the last count."""
        assert total(reading(0, kwh=100), reading(2, kwh=100.5), reading(4, kwh=101)) == 1

    def test_it_is_spread_over_the_time_between(self) -> None:
        """From the middle of a slot to that of another."""
        found = energies(reading(2.5, kwh=100), reading(12.5, kwh=104))
        assert found == [1, 2, 1]

    def test_it_is_spread_after_the_power_where_that_is_known(self) -> None:
        """A register that is told once an hour, and the power each five minutes."""
        found = energies(reading(0, 0, 100), reading(5, 6), reading(10, 18), reading(15, 0, 104))
        assert found == [0, 1, 3, None]

    def test_a_gap_is_bridged(self) -> None:
        """What was drawn while nobody listened is counted, evenly."""
        found = list(slices(slots_of(reading(0, kwh=100), reading(60, kwh=112))))
        assert [one.kwh for one in found[:12]] == pytest.approx([1.0] * 12)
        assert [one.slot is not None for one in found] == [True, *[False] * 11, True]

    @pytest.mark.parametrize(
        ("before", "after", "drawn"),
        [
            (9_999.5, 0.5, 1.0),  # five figures: four and the next
            (99_998.0, 3.0, 5.0),
            (99_998.0, 50_000.0, 0.0),  # another meter
            (5_000.0, 10.0, 0.0),  # reset in the middle
            (999.0, 1.0, 0.0),  # no register is so short
            (100.0, 99.0, 0.0),  # runs backwards
            (100.0, 1e9, 0.0),  # another meter, forwards
        ],
    )
    def test_a_register_that_falls(self, before: float, after: float, drawn: float) -> None:
        """After a roll-over counting goes on, after anything else it starts anew."""
        found = total(reading(0, kwh=before), reading(5, kwh=after), reading(10, kwh=after + 2))
        assert found == pytest.approx(drawn + 2)

    def test_a_broken_stretch_is_reckoned_by_its_power(self) -> None:
        """Where the register tells nothing, the power does."""
        found = energies(reading(0, 12, 500), reading(5, 12, 2), reading(10, 12, 3))
        assert found == [1, 1, None]

    def test_beside_the_register_power_counts_only_where_none_is_near(self) -> None:
        """Before the first register and after the last."""
        found = energies(
            reading(0, 12), reading(5, 12, 100), reading(10, 12, 102), reading(15, 12)
        )
        assert found == [1, 2, None, 1]


def year_of_slots(zone: ZoneInfo) -> tuple[datetime, datetime, list[Slot]]:
    """2026 at a place, five minutes each, with a register; a week in May is missing."""
    begin, end = (datetime(y, 1, 1, tzinfo=zone).astimezone(UTC) for y in (2026, 2027))
    gap = range(40_000, 42_016)
    kwh, found = 1000.0, []
    for n in range((end - begin) // SLOT):
        kw = 10 + 5 * math.sin(n / 45.8)
        if n not in gap:
            at = begin + n * SLOT
            found.append(draw_together(at, [Reading(at, kw, kwh)]))
        kwh += kw / 12
    return begin, end, found


class TestBuckets:
    """On the clock of the site."""

    def test_sums_agree_over_both_clock_changes(self) -> None:
        """Hours, days and months are the same energy as the register's, to the last watt-hour."""
        begin, end, found = year_of_slots(OSLO)
        last, first = found[-1].last, found[0].first
        assert last
        assert first
        counts = {}
        for by in By:
            rows = list(buckets(slices(found), begin, end, by, OSLO))
            counts[by] = len(rows)
            assert math.fsum(row.kwh or 0 for row in rows) == pytest.approx(last.kwh - first.kwh)
            assert all(one.end == other.start for one, other in pairwise(rows))
            assert (rows[0].start, rows[-1].end) == (begin, end)
        assert counts == {By.SLOT: 105_120, By.HOUR: 8760, By.DAY: 365, By.MONTH: 12}

    @pytest.mark.parametrize(("day", "hours"), [((3, 29), 23), ((10, 25), 25), ((6, 1), 24)])
    def test_a_day_has_its_hours(self, day: tuple[int, int], hours: int) -> None:
        """Two hours at the same time of the clock are two buckets."""
        begin, end = (
            datetime(2026, day[0], day[1] + more, tzinfo=OSLO).astimezone(UTC) for more in (0, 1)
        )
        assert len(list(grid(begin, end, By.DAY, OSLO))) == 1
        rows = list(grid(begin, end, By.HOUR, OSLO))
        assert len(rows) == hours
        assert all(stop - start == timedelta(hours=1) for start, stop in rows)

    @pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago"])
    @pytest.mark.parametrize("by", By)
    def test_odd_zones(self, zone: str, by: By) -> None:
        """Quarter hours off, half-hour changes, changes at midnight: no gap, no overlap, no end
        that isn't one.
        """
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        rows = list(grid(begin, begin + timedelta(days=365), by, ZoneInfo(zone)))
        assert all(one[1] == other[0] > one[0] for one, other in pairwise(rows))
        if by is By.DAY:
            assert {(stop.astimezone(ZoneInfo(zone)).minute) for _, stop in rows[:-1]} == {0}

    def test_what_was_not_read_is_a_gap(self) -> None:
        """An empty bucket, not a zero; what was seen of the others is said."""
        slots = slots_of(reading(0, 12), reading(5, 12), reading(120, 12))
        rows = list(buckets(slices(slots), NOON, NOON + timedelta(hours=3), By.HOUR, UTC_ZONE))
        assert [row.kwh for row in rows] == [2.0, None, 1.0]
        assert [row.kw for row in rows] == [12.0, None, 12.0]
        assert [round(row.seen, 3) for row in rows] == [0.167, 0, 0.083]

    def test_a_bucket_tells_the_most(self) -> None:
        """Of power, and of each phase that was measured at any time."""
        one = Reading(NOON, 3.0, amps=(4.0, None, 6.0))
        other = Reading(NOON + timedelta(minutes=1), 5.0, amps=(2.0, 3.0, None))
        slots = [draw_together(NOON, [one, other])]
        [row] = buckets(slices(slots), NOON, NOON + SLOT, By.SLOT, UTC_ZONE)
        assert row == Bucket(NOON, NOON + SLOT, 4 / 12, 4.0, 5.0, (4.0, 3.0, 6.0), 1.0)

    def test_a_register_alone_has_power_where_it_was_read(self) -> None:
        """By its energy; what is only bridged has none."""
        slots = slots_of(reading(0, kwh=100), reading(5, kwh=101), reading(20, kwh=104))
        end = NOON + timedelta(minutes=20)
        rows = list(buckets(slices(slots), NOON, end, By.SLOT, UTC_ZONE))
        assert [row.kw for row in rows] == pytest.approx([12.0, 12.0, None, None])
        assert [row.kwh for row in rows] == pytest.approx([1.0] * 4)


class TestWhatever:
    """Any series at all."""

    READING = st.builds(
        Reading,
        st.integers(0, 3_000).map(lambda minutes: NOON + timedelta(minutes=minutes)),
        st.none() | st.floats(0, 50),
        st.none() | st.floats(0, 12_000),
    )

    @given(st.lists(READING, max_size=40, unique_by=lambda one: one.at))
    @settings(max_examples=100, deadline=None)
    def test_each_slot_is_told_once_in_order(self, readings: list[Reading]) -> None:
        """With an energy that is never negative; days hold the same as hours and slots."""
        slots = slots_of(*readings)
        found = list(slices(slots))
        starts = [one.start for one in found]
        assert starts == sorted(set(starts))
        assert {slot.start for slot in slots} <= set(starts)
        assert all(one.kwh is None or one.kwh >= 0 for one in found)
        end = NOON + timedelta(days=3)
        sums = [
            math.fsum(row.kwh or 0 for row in buckets(found, NOON, end, by, OSLO)) for by in By
        ]
        assert sums == pytest.approx([math.fsum(one.kwh or 0 for one in found)] * 4)

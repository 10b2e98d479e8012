"""Energy by the hour, the day or the month, from the slots of a meter.

A register says how much was drawn between two of its readings, not when. So the difference
is spread over the slots between, after their power where each of them has one, else evenly;
whatever is summed up afterwards agrees with the meter. A register that falls was exchanged
or reset, or has rolled over: after a roll-over counting goes on, after the others it starts
anew. Where no register tells, a slot's energy is its mean power over its five minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.values import dataclass

from .readings import Amps
from .slots import SLOT, Register, Slot, most, slot_start

HOUR = timedelta(hours=1)
ABSURD_KW = 50_000.0  # no register climbs faster: another meter's
NEARLY = 0.99  # of its figures, when a register rolls over, and no more than the rest after


class By(StrEnum):
    """How long a bucket is, on the clock of the site."""

    SLOT = "5min"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Slice:
    """Five minutes with their energy. `slot` None: nothing was read, a register bridges it."""

    start: datetime
    kwh: float | None
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """Times are UTC. None: nothing is known. `seen` is the share of it that has readings."""

    start: datetime
    end: datetime
    kwh: float | None = None
    kw: float | None = None  # the mean of what was read
    peak_kw: float | None = None
    amps: Amps = ()  # the most on each phase
    seen: float = 0.0


def slices(slots: Iterable[Slot]) -> Iterator[Slice]:
    """Slots in order of time, with the energy that belongs to each, and those between them.

    Holds only what lies between two readings of the register.
    """
    unsaid: dict[datetime, Slot] = {}
    energy: dict[datetime, float] = {}
    last: Register | None = None
    for slot in slots:
        if last is None and slot.first is None:
            yield Slice(slot.start, by_power(slot), slot)
            continue
        unsaid[slot.start] = slot
        for register in dict.fromkeys(one for one in (slot.first, slot.last) if one is not None):
            if last is not None:
                for start, kwh in between(last, register, unsaid):
                    energy[start] = energy.get(start, 0.0) + kwh
            last = register
        if slot.first is not None:
            yield from told(unsaid, energy, before=slot.start)
    yield from told(unsaid, energy, before=None)


def told(
    unsaid: dict[datetime, Slot], energy: dict[datetime, float], before: datetime | None
) -> Iterator[Slice]:
    """What is known by now of the slots before a time, taken out of both."""
    for start in sorted(unsaid.keys() | energy.keys()):
        if before is not None and start >= before:
            return
        slot = unsaid.pop(start, None)
        kwh = energy.pop(start, None)
        if kwh is None and slot is not None and slot.first is None:
            kwh = by_power(slot)
        yield Slice(start, kwh, slot)


def by_power(slot: Slot) -> float | None:
    return None if slot.kw is None else slot.kw * (SLOT / HOUR)


def between(
    one: Register, other: Register, slots: dict[datetime, Slot]
) -> Iterator[tuple[datetime, float]]:
    """The energy between two readings of the register, for each slot that it touches."""
    kwh = drawn(one, other)
    if kwh is None:
        for start, time in pieces(one.at, other.at):
            slot = slots.get(start)
            if slot is not None and slot.kw is not None:
                yield start, slot.kw * (time / HOUR)
        return
    weight = weigher(one, other, slots)
    total = sum(weight(start, time) for start, time in pieces(one.at, other.at))
    for start, time in pieces(one.at, other.at):
        yield start, kwh * weight(start, time) / total if total else 0.0


def weigher(
    one: Register, other: Register, slots: dict[datetime, Slot]
) -> Callable[[datetime, timedelta], float]:
    """By their power where each slot has one and some power flowed, else by their time."""
    powers: dict[datetime, float] = {}
    for start, _ in pieces(one.at, other.at):
        slot = slots.get(start)
        if slot is None or slot.kw is None:
            return lambda _, time: time.total_seconds()
        powers[start] = slot.kw
    if not any(powers.values()):
        return lambda _, time: time.total_seconds()
    return lambda start, time: powers[start] * time.total_seconds()


def pieces(begin: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """The slots between two times, and how much of each lies between."""
    start = slot_start(begin)
    while start < end:
        yield start, min(end, start + SLOT) - max(begin, start)
        start += SLOT


def drawn(one: Register, other: Register) -> float | None:
    """What the register counted between; None: it isn't the same count any more."""
    kwh = other.kwh - one.kwh
    if kwh < 0:
        full = 10.0 ** len(str(int(one.kwh)))
        if full < 10_000 or one.kwh < full * NEARLY or other.kwh > full * (1 - NEARLY):
            return None
        kwh += full
    hours = max((other.at - one.at) / HOUR, 1 / 3600)
    return kwh if kwh / hours <= ABSURD_KW else None


def buckets(
    found: Iterable[Slice], begin: datetime, end: datetime, by: By, zone: ZoneInfo
) -> Iterator[Bucket]:
    """All buckets that begin in [begin, end), the empty ones included; slices in order.

    The first begins where `begin` does, and the last ends with `end`.
    """
    coming = iter(found)
    one = next(coming, None)
    for start, stop in grid(begin, end, by, zone):
        inside = []
        while one is not None and one.start < stop:
            if one.start >= start:
                inside.append(one)
            one = next(coming, None)
        yield bucket(start, stop, inside)


def bucket(start: datetime, end: datetime, inside: list[Slice]) -> Bucket:
    slots = [one.slot for one in inside if one.slot is not None]
    energies = [one.kwh for one in inside if one.kwh is not None]
    powers = [power for one in inside if (power := power_of(one)) is not None]
    amps = [most(slot.amps[phase : phase + 1] for slot in slots) for phase in range(3)]
    wide = next((len(slot.amps) for slot in slots if slot.amps), 0)
    return Bucket(
        start,
        end,
        sum(energies) if energies else None,
        sum(powers) / len(powers) if powers else None,
        max((slot.peak_kw for slot in slots if slot.peak_kw is not None), default=None),
        tuple(amps[:wide]),
        len(slots) * SLOT / (end - start),
    )


def power_of(one: Slice) -> float | None:
    """The mean power of a slot that was read; where only the register was, by its energy."""
    if one.slot is None:
        return None
    if one.slot.kw is not None or one.kwh is None:
        return one.slot.kw
    return one.kwh / (SLOT / HOUR)


def grid(
    begin: datetime, end: datetime, by: By, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Where each bucket begins and ends, cut at both ends."""
    start = begin
    while start < end:
        stop = min(after(start, by, zone), end)
        yield start, stop
        start = stop


def after(at: datetime, by: By, zone: ZoneInfo) -> datetime:
    """Where the next bucket begins after a time; a day has 23, 24 or 25 hours."""
    if by is By.SLOT:
        return slot_start(at) + SLOT
    local = at.astimezone(zone)
    if by is By.HOUR:
        into = timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        return at - into + HOUR
    day = local.date()
    following = next_month(day) if by is By.MONTH else day + timedelta(days=1)
    return midnight(following, zone)


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins at the site, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

"""The series for AWS: a DynamoDB table beside that of the sites.

    pk         sk                       besides
    meter#M    slots#2026-11-29T08      expires_at; for each slot that has readings, named by
                                        its minute: `05` its figures, `05n` how many readings
    meter#M    readings#…T08:05         expires_at; each reading, named by its milliseconds

Each figure is a top-level attribute: setting into a map fails where there is no map yet.

A reading is one write, of its own item, which answers with all readings of its five minutes.
What they come to is written when the next five minutes begin, when a late reading comes, with
the 8th, 16th, 32nd …, and by a sweep. Until then whoever reads the newest slots looks at their
readings. So a meter that speaks every few seconds costs little more than one write a reading.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from typing import Any

from chalicelib.energy.readings import Reading, phases
from chalicelib.energy.slots import SLOT, Register, Slot, draw_together, slot_start
from chalicelib.stores.table import ConditionFailed, Item, Table

from .kept import Kept

HOUR = timedelta(hours=1)
HOUR_KEY, SLOT_KEY = "%Y-%m-%dT%H", "%Y-%m-%dT%H:%M"
UNSETTLED = 3  # slots at most that aren't written down: a device's clock may run ahead
FEW = 8  # readings of a slot that nothing is written for before it is over
AT_ONCE = 100  # readings in one update: its expression may have 4 KB
# Whoever has seen fewer of a slot's readings has nothing to say about it
NOT_FEWER = "attribute_not_exists(#1) OR #1 <= :1"


class DynamoDBSeries:
    """A Series in a table."""

    def __init__(
        self,
        table: str,
        now: Callable[[], datetime],
        kept: Kept,
        client: Any = None,
        real: Callable[[], float] = time.time,
    ) -> None:
        self._table = Table(table, client)
        self._now = now
        self._kept = kept
        self._real = real  # DynamoDB deletes by this clock, whatever the site's says

    def keep(self, meter: str, readings: Sequence[Reading]) -> None:
        by_slot: dict[datetime, list[Reading]] = {}
        for one in readings:
            by_slot.setdefault(slot_start(one.at), []).append(one)
        for start in sorted(by_slot):
            self._keep_in(meter, start, by_slot[start])

    def keep_all(self, readings: Mapping[str, Sequence[Reading]]) -> None:
        for meter, its in readings.items():
            self.keep(meter, its)

    def _keep_in(self, meter: str, start: datetime, readings: list[Reading]) -> None:
        key = key_of(meter, "readings", start.strftime(SLOT_KEY))
        expires_at = {"expires_at": self._expiry(start, self._kept.readings)}
        values = {str(millis(one.at)): {"S": text_of(one)} for one in readings}
        names, item = list(values), {}
        for begin in range(0, len(names), AT_ONCE):
            part = {name: values[name] for name in names[begin : begin + AT_ONCE]}
            item = self._table.update(key, part | expires_at)
        slot = draw_together(start, readings_in(item))
        is_over = slot.end <= self._now()
        if is_over or is_doubled(slot.count) or len(readings) > 1:
            self._settle(meter, slot)
        if not is_over and slot.count == len(values):  # it begins: the one before it is over
            for before in self._newest_slots(meter, 1, before=start):
                self._settle(meter, before)

    def _settle(self, meter: str, slot: Slot) -> None:
        """Write what a slot's readings come to, unless others wrote what more of them do."""
        minute = slot.start.strftime("%M")
        attributes = {
            minute: {"S": figures(slot)},
            f"{minute}n": {"N": str(slot.count)},
            "expires_at": self._expiry(slot.start + HOUR, self._kept.slots),
        }
        key = key_of(meter, "slots", slot.start.strftime(HOUR_KEY))
        with suppress(ConditionFailed):
            self._table.update(key, attributes, NOT_FEWER)

    def readings(self, meter: str, start: datetime, end: datetime) -> Iterator[Reading]:
        begin = max(start, self._now() - self._kept.readings)
        first, last = slot_start(begin).strftime(SLOT_KEY), end.strftime(SLOT_KEY)
        for item in self._walk(meter, "readings", first, last):
            yield from (one for one in readings_in(item) if begin <= one.at < end)

    def slots(self, meter: str, start: datetime, end: datetime) -> Iterator[Slot]:
        begin = max(start, self._horizon())
        first, last = begin.strftime(HOUR_KEY), end.strftime(HOUR_KEY)
        hours = self._walk(meter, "slots", first, last)
        written = (slot for item in hours for slot in slots_in(item))
        return within(merged(written, self._young(meter)), begin, end)

    def latest(self, meter: str) -> Slot | None:
        found = next(self._backwards(meter, None), None)
        return found if found is not None and found.start >= self._horizon() else None

    def newest(self, meter: str) -> Reading | None:
        item = next(self._back(meter, "readings", None, limit=1), None)
        found = readings_in(item)[-1] if item else None
        return found if found and found.at >= self._now() - self._kept.readings else None

    def register_before(self, meter: str, at: datetime) -> Slot | None:
        begin, horizon = slot_start(at), self._horizon()
        for slot in self._backwards(meter, at.strftime(HOUR_KEY)):
            if slot.start < horizon:
                return None
            if slot.start < begin and slot.first is not None:
                return slot
        return None

    def _backwards(self, meter: str, upto: str | None) -> Iterator[Slot]:
        """All slots, the latest first, from an hour on."""
        hours = self._back(meter, "slots", upto)
        written = (slot for item in hours for slot in reversed(slots_in(item)))
        return merged(written, self._young(meter)[::-1], reverse=True)

    def register_after(self, meter: str, at: datetime) -> Slot | None:
        begin = max(slot_start(at), self._horizon())
        found = self.slots(meter, begin, self._now() + HOUR)
        return next((slot for slot in found if slot.first is not None), None)

    def forget(self, meter: str) -> None:
        for kind in ("readings", "slots"):
            for item in self._walk(meter, kind, "", "~"):
                self._table.delete({"pk": item["pk"], "sk": item["sk"]})

    def sweep(self, meter: str) -> None:
        """DynamoDB deletes by itself; the last slot of a meter that fell silent is settled."""
        young = self._newest_slots(meter, UNSETTLED)
        if not young:
            return
        hours = islice(self._back(meter, "slots", None, limit=2), 2)
        written = {slot.start: slot.count for item in hours for slot in slots_in(item)}
        for slot in young:  # a look costs a fifth of a write
            if written.get(slot.start, 0) < slot.count:
                self._settle(meter, slot)

    def _horizon(self) -> datetime:
        return self._now() - self._kept.slots

    def _young(self, meter: str) -> list[Slot]:
        """The newest slots by their readings, in order: they may not be written down."""
        return self._newest_slots(meter, UNSETTLED)[::-1]

    def _newest_slots(self, meter: str, most: int, before: datetime | None = None) -> list[Slot]:
        """By their readings, the latest first."""
        upto = before.strftime(SLOT_KEY) if before is not None else None
        items = self._back(meter, "readings", upto, limit=most + 1)
        found = (slot_in(item) for item in islice(items, most + 1))
        return [slot for slot in found if slot.start != before][:most]

    def _back(self, meter: str, kind: str, upto: str | None, *, limit: int = 50) -> Iterator[Item]:
        """Items of a kind, the newest first, from a key on."""
        values = {
            ":pk": {"S": f"meter#{meter}"},
            ":first": {"S": f"{kind}#"},
            ":last": {"S": f"{kind}#{'~' if upto is None else upto}"},
        }
        condition = "pk = :pk AND sk BETWEEN :first AND :last"
        return self._table.walk(condition, values, ScanIndexForward=False, Limit=limit)

    def _walk(self, meter: str, kind: str, first: str, last: str) -> Iterator[Item]:
        """Items of a kind between two keys, both included, in order of time."""
        if first > last:  # DynamoDB calls that invalid
            return iter(())
        values = {
            ":pk": {"S": f"meter#{meter}"},
            ":first": {"S": f"{kind}#{first}"},
            ":last": {"S": f"{kind}#{last}"},
        }
        return self._table.walk("pk = :pk AND sk BETWEEN :first AND :last", values)

    def _expiry(self, since: datetime, kept: timedelta) -> dict[str, str]:
        """When an item is of no more use, on DynamoDB's clock."""
        left = max(since + SLOT + kept - self._now(), HOUR)  # what comes late has company soon
        return {"N": str(int(self._real() + left.total_seconds()))}


def merged(written: Iterable[Slot], young: list[Slot], *, reverse: bool = False) -> Iterator[Slot]:
    """Both, each slot once: as its readings have it, where they are no fewer."""
    both = merge(written, young, key=lambda slot: slot.start, reverse=reverse)
    for _, same in groupby(both, key=lambda slot: slot.start):
        yield max(reversed(list(same)), key=lambda slot: slot.count)


def within(slots: Iterable[Slot], begin: datetime, end: datetime) -> Iterator[Slot]:
    return (slot for slot in slots if begin <= slot.start < end)


def is_doubled(count: int) -> bool:
    """Whether a slot of so many readings is written down when the last of them comes."""
    return count >= FEW and count & (count - 1) == 0


def key_of(meter: str, kind: str, when: str) -> Item:
    return {"pk": {"S": f"meter#{meter}"}, "sk": {"S": f"{kind}#{when}"}}


def text_of(reading: Reading) -> str:
    """kw, kwh and the amps; nothing where there is none."""
    return ",".join(map(number, (reading.kw, reading.kwh, *reading.amps)))


def readings_in(item: Item) -> list[Reading]:
    """In order of time."""
    texts = sorted((int(name), value["S"]) for name, value in item.items() if name.isdigit())
    found = []
    for at, text in texts:
        kw, kwh, *amps = map(figure, text.split(","))
        found.append(Reading(moment(at), kw, kwh, phases(*amps)))
    return found


def slot_in(item: Item) -> Slot:
    """What an item of readings comes to."""
    when = item["sk"]["S"].partition("#")[2]
    start = datetime.strptime(when, SLOT_KEY).replace(tzinfo=UTC)
    return draw_together(start, readings_in(item))


def figures(slot: Slot) -> str:
    """A slot's own, apart from its start and count; times are milliseconds in it."""
    first, last = (in_slot(slot, one) for one in (slot.first, slot.last))
    return ",".join(
        [number(slot.kw), number(slot.peak_kw), *first, *last, *map(number, slot.amps)]
    )


def in_slot(slot: Slot, register: Register | None) -> tuple[str, str]:
    if register is None:
        return "", ""
    return str((register.at - slot.start) // timedelta(milliseconds=1)), number(register.kwh)


def slots_in(item: Item) -> list[Slot]:
    """The slots of an hour, in order."""
    when = item["sk"]["S"].partition("#")[2]
    hour = datetime.strptime(when, HOUR_KEY).replace(tzinfo=UTC)
    found = []
    for minute in sorted(name for name in item if name.isdigit()):
        start = hour + timedelta(minutes=int(minute))
        kw, peak, first_at, first, last_at, last, *amps = map(figure, item[minute]["S"].split(","))
        found.append(
            Slot(
                start,
                int(item[f"{minute}n"]["N"]),
                kw,
                peak,
                register_at(start, first_at, first),
                register_at(start, last_at, last),
                phases(*amps),
            )
        )
    return found


def register_at(start: datetime, into: float | None, kwh: float | None) -> Register | None:
    if into is None or kwh is None:
        return None
    return Register(start + timedelta(milliseconds=into), kwh)


def number(value: float | None) -> str:
    return "" if value is None else repr(value)


def figure(text: str) -> float | None:
    return float(text) if text else None


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def moment(since_1970: int) -> datetime:
    """Exact: a float of milliseconds would not be."""
    return EPOCH + timedelta(milliseconds=since_1970)

"""A meter's figures as CSV (RFC 4180) and as JSON. Units stand in the names."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from chalicelib.energy.buckets import Bucket

from .asking import Asked

HEADER = (
    "from", "to", "energy_kWh", "mean_kW", "peak_kW", "L1_max_A", "L2_max_A", "L3_max_A",
    "read_percent",
)  # fmt: skip
AT_ONCE = 500  # rows of a piece
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would run


def csv_pieces(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV, some hundred rows a piece. What people wrote is never a formula."""
    import csv  # the webhook has no use for it

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow(map(cell, row))
        if number % AT_ONCE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def rows(buckets: Iterable[Bucket], zone: ZoneInfo) -> Iterator[list[object]]:
    """A row for each bucket, in the order of HEADER."""
    for one in buckets:
        amps = (*one.amps, None, None, None)[:3]
        yield [
            local(one.start, zone), local(one.end, zone), figure(one.kwh, 9), figure(one.kw, 4),
            figure(one.peak_kw, 4), *(figure(each, 3) for each in amps), round(100 * one.seen),
        ]  # fmt: skip


def as_json(asked: Asked, buckets: Iterable[Bucket]) -> str:
    found = [as_object(one, asked.zone) for one in buckets]
    total = sum(one["kwh"] for one in found if one["kwh"] is not None)
    begin, end = local(asked.begin, asked.zone), local(asked.end, asked.zone)
    head: dict[str, Any] = {"meter": asked.meter, "from": begin, "to": end, "by": asked.by}
    head |= {"zone": asked.zone.key, "kwh": round(total, 6), "buckets": found}
    return msgspec.json.encode(head).decode()


def as_object(one: Bucket, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "from": local(one.start, zone),
        "to": local(one.end, zone),
        "kwh": figure(one.kwh, 9),
        "kw": figure(one.kw, 4),
        "peak_kw": figure(one.peak_kw, 4),
        "amps": [figure(each, 3) for each in one.amps],
        "read": round(one.seen, 3),
    }


def local(at: datetime, zone: ZoneInfo) -> str:
    """With its offset: an hour that is there twice is two."""
    return at.astimezone(zone).isoformat(timespec="minutes")


def figure(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)

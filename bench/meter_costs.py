"""What meters cost on AWS a month, from the operations of an hour, counted one by one.

    python -m bench.meter_costs

The webhook keeps the readings of a make-believe DynamoDB; what an operation costs is reckoned
from the sizes of its items, as AWS does. Prices as in `bench.costs`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
from moto import mock_aws

from chalicelib.meters.keys import Meters
from chalicelib.meters.watch import MeterWatch
from chalicelib.meters.webhook import MeterWebhook
from chalicelib.stores.dynamodb import DynamoDBRecords, create_table
from chalicelib.stores.series.dynamodb import DynamoDBSeries
from chalicelib.stores.series.kept import BESIDE, KEPT
from chalicelib.stores.table import Table

from .costs import GATEWAY, GB_SECONDS, INVOCATIONS, MEMORY, READS, WRITES, Clock

HOURS = 730  # of a month
SECONDS = 0.05  # that a POST takes, assumed, generously
PACES = (  # what is said of it, seconds between two readings, readings of a body
    ("a reading each 5 minutes", 300, 1),
    ("each 5 s, 60 at once", 5, 60),
    ("each 5 s, one by one", 5, 1),
)
METERS = (1, 10, 770)


def hour_of(seconds: int, at_once: int) -> Counter[str]:
    """Units and requests of one meter's second hour: the first has what never comes again."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(client, "ev")
        clock, counted = Clock(), Counter[str]()
        client.meta.events.register("after-call.dynamodb", lambda **call: count(counted, **call))
        meters = Meters(DynamoDBRecords(Table("ev", client)))
        series = DynamoDBSeries(f"ev{BESIDE}", clock.now, KEPT, client)
        door, watch = MeterWebhook(meters, series, clock, KEPT.slots), MeterWatch(meters, series, clock)  # fmt: skip
        key = meters.add("m", "UTC")
        for hour in range(2):
            if hour:
                counted.clear()
            for batch in batches(clock, seconds, at_once):
                body = json.dumps({"readings": batch}).encode()
                status, _, _ = door.readings({"Authorization": f"Bearer {key}"}, body, meter="m")
                if status != 202:
                    raise AssertionError(status)
                counted["posts"] += 1
            for _ in range(4):
                watch.look()
        return counted


def batches(clock: Clock, seconds: int, at_once: int) -> Iterator[list[dict[str, Any]]]:
    """An hour of readings, which the clock goes along with."""
    batch: list[dict[str, Any]] = []
    for _ in range(3600 // seconds):
        clock.at += timedelta(seconds=seconds)
        batch.append({"at": clock.at.isoformat(), "kw": 31.234, "kwh": 48123.456, "amps": [41.25, 38.5, 44.75]})  # fmt: skip
        if len(batch) == at_once:
            yield batch
            batch = []


def count(counted: Counter[str], model: Any, parsed: dict[str, Any], **_: Any) -> None:
    """Units of one operation, by the sizes of what it wrote or read."""
    items = parsed.get("Items") or [parsed.get("Attributes") or parsed.get("Item") or {}]
    size = sum(size_of(item) for item in items)
    if model.name in ("UpdateItem", "PutItem", "DeleteItem"):
        counted["writes"] += max(1, math.ceil(size / 1024))
    elif model.name in ("Query", "GetItem"):
        counted["reads"] += max(1, math.ceil(size / 4096))


def size_of(item: dict[str, Any]) -> int:
    return sum(len(name) + len(str(*value.values())) for name, value in item.items())


def dollars(hour: Counter[str], meters: int) -> tuple[float, float]:
    """A month's DynamoDB, and the gateway and the functions."""
    million = HOURS * meters / 1e6
    store = (hour["writes"] * WRITES + hour["reads"] * READS) * million
    web = hour["posts"] * (GATEWAY + INVOCATIONS + SECONDS * MEMORY * GB_SECONDS) * million
    return store, web


def main() -> None:
    print("| a meter sends | writes, reads an hour | " + " | ".join(f"{n} a month" for n in METERS) + " |")  # fmt: skip
    print("|---|--:|" + "--:|" * len(METERS))
    for what, seconds, at_once in PACES:
        hour = hour_of(seconds, at_once)
        each = (dollars(hour, meters) for meters in METERS)
        sums = " | ".join(f"${store + web:.2f} (DynamoDB ${store:.2f})" for store, web in each)
        print(f"| {what} | {hour['writes']}, {hour['reads']} | {sums} |")


if __name__ == "__main__":
    main()

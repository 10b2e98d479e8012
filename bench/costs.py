"""What a month on AWS costs, from the store's operations of an hour, counted one by one.

    python -m bench.costs

The listener's loop, the schedule, commands and deliveries run as on AWS, with a clock that
leaps. DynamoDB is a make-believe one; what an operation costs there is reckoned from the
sizes of its items, as AWS does. Prices: us-east-1, on demand, as known in November 2026.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import boto3
from moto import mock_aws

from bot.listener.lease import Lease
from bot.listener.poller import PAID_GLANCE, StationPoller
from bot.listener.run import Pump
from chalicelib.concierge import Concierge
from chalicelib.core.effects import Effect
from chalicelib.core.inputs import Add, Asked, Observed, PortSeen, Profile, ShowLine
from chalicelib.core.model import Site, Status
from chalicelib.endpoints import Endpoints
from chalicelib.stores.dynamodb import DynamoDBRecords, DynamoDBStore, create_table
from chalicelib.stores.table import Table
from chalicelib.values import replace

from .garage import CHANNEL, NOON, STATIONS, garage

HOUR = timedelta(hours=1)
STEP = timedelta(seconds=PAID_GLANCE)
RENEWAL = timedelta(seconds=10)  # half a lease's term
MINUTE = timedelta(minutes=1)
BUSY, MONTH = 22 * 9, 730  # hours in a month: people at work, and all
COMMAND = timedelta(minutes=3)  # between two commands of a busy hour
STAY = timedelta(minutes=15)  # a port is left this often then

# Dollars; a million, a GB, an hour or a month each
WRITES, READS = 0.625, 0.125  # a million units
GATEWAY, INVOCATIONS, GB_SECONDS = 3.50, 0.20, 16.67  # a million
LOGS = 0.50  # a GB
MEMORY, LOG_LINE = 0.5, 1e-6  # GB, of a function and of what it logs in a run
COMMAND_SECONDS, DELIVERY_SECONDS, TICK_SECONDS = 0.2, 1.0, 0.2  # assumed, generously
FARGATE = 730 * (0.25 * 0.04048 + 0.5 * 0.004445)
ADDRESS = 730 * 0.005
MACHINE = 730 * 0.0104 + 8 * 0.08  # t3.micro and its disk
NAT = 730 * 0.045 + ADDRESS


@dataclass
class Clock:
    """It leaps."""

    at: datetime = NOON
    speed: float = 1.0

    def now(self) -> datetime:
        return self.at


@dataclass
class Meter:
    """A DynamoDB client that reckons what each call is charged for.

    A glance is a read of the index, which costs half as much.
    """

    client: Any
    spent: Counter[str] = field(default_factory=Counter)
    wakes: dict[str, Any] = field(default_factory=dict)  # what the index has, by pk
    pending: set[str] = field(default_factory=set)
    began: list[str] = field(default_factory=list)  # sites that the stream tells of

    def get_item(self, **request: Any) -> Any:
        answer = self.client.get_item(**request)
        self.spent["reads"] += units(answer.get("Item", {}), 4096)
        return answer

    def query(self, **request: Any) -> Any:
        answer = self.client.query(**request)
        size = sum(weight(item) for item in answer["Items"])
        kind = "reads" if request["ConsistentRead"] else "glances"
        self.spent[kind] += max(1, math.ceil(size / 4096))
        return answer

    def put_item(self, **request: Any) -> Any:
        item = request["Item"]
        self.spent["writes"] += units(item, 1024) + self._index(item)
        self._stream(item)
        return self.client.put_item(**request)

    def delete_item(self, **request: Any) -> Any:
        self.spent["writes"] += 1
        return self.client.delete_item(**request)

    def _index(self, item: dict[str, Any]) -> int:
        """A changed key of the index is a deletion and a put there."""
        pk = item["pk"]["S"]
        before, after = self.wakes.get(pk), item.get("wake_at")
        self.wakes[pk] = after
        return 0 if before == after else (before is not None) + (after is not None)

    def _stream(self, item: dict[str, Any]) -> None:
        pk = item["pk"]["S"]
        if "pending" not in item:
            return
        if item["pending"]["BOOL"] and pk not in self.pending:
            self.began.append(pk.removeprefix("site#"))
            self.pending.add(pk)
        elif not item["pending"]["BOOL"]:
            self.pending.discard(pk)


def units(item: dict[str, Any], each: int) -> int:
    return max(1, math.ceil(weight(item) / each))


def weight(item: dict[str, Any]) -> int:
    """Bytes, as AWS counts them, or nearly."""
    values = {name: next(iter(value.values())) for name, value in item.items()}
    return sum(
        len(name) + len(one if isinstance(one, bytes) else str(one))
        for name, one in values.items()
    )


class Chat:
    """Takes every message."""

    sent = 0

    def send(self, _to: str, _effect: Effect, _site: Site, _edits: str | None) -> str:
        self.sent += 1
        return f"{self.sent}.0"

    def profile(self, driver: str) -> Profile:
        return Profile(driver, "")  # it knows no better: nothing to write down


@dataclass
class Chargers:
    """Four ports; `cars` has the charging network's id of who is plugged in."""

    clock: Clock
    cars: dict[tuple[str, str], str]

    def look(self, _site: Site) -> Observed:
        return Observed(self.clock.now(), tuple(self._port(*port) for port in self.cars))

    def _port(self, station: str, number: str) -> PortSeen:
        user = self.cars[station, number]
        if not user:
            return PortSeen(station, number, Status.AVAILABLE, load_kw=0.0)
        return PortSeen(station, number, Status.INUSE, load_kw=6.6, user=user)

    def limit(self, _site: Site, _kw: float, _minutes: int) -> None: ...
    def lift(self, _site: Site) -> None: ...
    def alarms(self, _site: Site) -> tuple[()]:
        return ()


@mock_aws
def hour(*, sites: int, busy: bool = False, length: timedelta = HOUR) -> Counter[str]:
    """What an hour spends: units read and written, and runs of the functions."""
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")  # fmt: skip
    create_table(client, "ev")
    clock, meter = Clock(), Meter(client)
    store = DynamoDBStore("ev", meter)
    site = garage(8 if busy else 0, known=35)
    if sites:
        store.save(replace(site, version=0), None)
        store.bind(CHANNEL, "hq")
    charging = [user for _, user in zip(range(4), (p.ids[0] for p in site.people.values()), strict=False)]  # fmt: skip
    ports = [(station, number) for station in STATIONS for number in ("1", "2")]
    chargers = Chargers(clock, dict(zip(ports, charging, strict=True)))
    concierge = Concierge(store, {"slack": Chat()}, clock, chargers)
    records = DynamoDBRecords(Table("ev", meter), lambda: clock.now().timestamp())
    lease = Lease(records)
    poller, pump = StationPoller(concierge, MINUTE), Pump(delivers=False)
    office = Endpoints(concierge, {}, records)
    people = [driver for driver in site.people if site.people[driver].ids[0] not in charging]
    meter.spent.clear()
    end, began = clock.now() + length, clock.now()
    while clock.now() < end:
        since = clock.now() - began
        if since % RENEWAL == timedelta(0):
            lease._held_until = 0.0  # noqa: SLF001 — real time stands still, the lease is due
            lease.leads()
        poller.turn()
        pump.turn(concierge)
        if since % MINUTE == timedelta(0):
            meter.spent["ticks"] += 1
            office.wake_due()
        if busy:
            work(concierge, chargers, people, since, meter.spent)
        while meter.began:
            meter.spent["deliveries"] += 1
            office.deliver([meter.began.pop()])
        clock.at += STEP
    return meter.spent


def work(concierge: Concierge, chargers: Chargers, people: list[str], since: timedelta, spent: Counter[str]) -> None:  # fmt: skip
    """Commands, half of them looking only; every quarter a port is left, and taken later."""
    if since % COMMAND == timedelta(0):
        number = since // COMMAND
        found = concierge.site_of(CHANNEL)
        assert found is not None
        concierge.handle(
            found, Asked(people[-1 - number // 2], Add() if number % 2 else ShowLine())
        )
        spent["commands"] += 1
    port = list(chargers.cars)[since // STAY % 4]
    if since % STAY == timedelta(0):
        chargers.cars[port] = ""
    elif not chargers.cars[port]:
        site = concierge.store.load("hq")
        called = [entry.driver for entry in site.queue if entry.turn] if site else []
        if called and site and since % STAY == timedelta(minutes=8):
            chargers.cars[port] = site.people[called[0]].ids[0]


def month(base: Counter[str], idle: Counter[str], busy: Counter[str], sites: int) -> Counter[str]:
    """A month of one listener, the schedule, and so many sites."""
    found: Counter[str] = Counter()
    for name in {*base, *idle, *busy}:
        each = BUSY * (busy[name] - base[name]) + (MONTH - BUSY) * (idle[name] - base[name])
        found[name] = round(MONTH * base[name] + sites * each)
    return found


def dollars(spent: Counter[str]) -> dict[str, float]:
    runs = spent["commands"] + spent["deliveries"] + spent["ticks"]
    seconds = (
        spent["commands"] * COMMAND_SECONDS
        + spent["deliveries"] * DELIVERY_SECONDS
        + spent["ticks"] * TICK_SECONDS
    )
    return {
        "table, writes": spent["writes"] / 1e6 * WRITES,
        "table, reads": (spent["reads"] + spent["glances"] / 2) / 1e6 * READS,
        "gateway": spent["commands"] / 1e6 * GATEWAY,
        "functions": runs / 1e6 * INVOCATIONS + seconds * MEMORY / 1e6 * GB_SECONDS,
        "logs": runs * LOG_LINE * LOGS,
    }


def main() -> None:
    base = hour(sites=0)
    idle, busy = hour(sites=1), hour(sites=1, busy=True)
    print("An hour: | no site | an idle site more | a busy one more")
    for name in sorted({*base, *idle, *busy}):
        print(
            f"{name} | {base[name]:g} | {idle[name] - base[name]:g} | {busy[name] - base[name]:g}"
        )
    print("\n| a month | 1 site | 10 sites | 1,000 sites |\n|---|--:|--:|--:|")
    months = [month(base, idle, busy, sites) for sites in (1, 10, 1000)]
    for name in sorted(months[0]):
        print(f"| {name} | " + " | ".join(f"{one[name]:,}" for one in months) + " |")
    bills = [dollars(one) for one in months]
    for name in bills[0]:
        print(f"| {name} | " + " | ".join(f"${one[name]:,.2f}" for one in bills) + " |")
    print("| together | " + " | ".join(f"${sum(one.values()):,.2f}" for one in bills) + " |")
    print(f"\nFargate ${FARGATE:.2f}, its public address ${ADDRESS:.2f}; a machine ${MACHINE:.2f}; NAT gateway ${NAT:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()

"""Everybody at once, on workers of the packaged app: what is acknowledged is true.

    python -m bench.load [--faults 0.05] [--workers 16] [--sites 770]

A hundred drivers add at one site; five add at each of 770 sites. Then the same with a
DynamoDB that throttles, or does not answer. Afterwards every line is read and compared
with what each driver was told.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text import wording
from chalicelib.core.answers import Repeated
from chalicelib.core.model import Site, Stations, What
from chalicelib.stores.dynamodb import DynamoDBStore, create_table
from practice.ministack import AWS, ministack

from .flaky import Flaky, flaky
from .garage import NOON, TEAM
from .knocks import SECRET, command
from .workers import Pool, pool, posted, unpacked

TABLE = "load"
SERVED_WITHIN = 3.0  # seconds that Slack waits
CLASHES = 100  # drivers at one site
EACH = 5  # drivers at each of many sites
MARKUP = SlackMarkup()
KINDLY = {
    wording.BUSY: "busy",
    wording.STORE_DOWN: "store down",
    wording.UNSURE.format(command=MARKUP.command): "unsure",
    # its own write had been done, unanswered, and somebody had written since
    wording.words(Repeated(), Site("", ""), MARKUP).text: "done before",
}


@dataclass(frozen=True)
class Told:
    """What a driver was told, and after how long."""

    site: str
    driver: str
    what: str  # added, or what else KINDLY knows, or the answer itself
    seconds: float


@dataclass
class Outcome:
    """A whole scenario: what everybody was told, and what the table was asked."""

    name: str
    told: list[Told]
    seconds: float
    asked: int
    stale: int  # conditional writes that somebody faster made void, and that were made anew
    suffered: dict[str, int]
    wrong: list[str]

    def __str__(self) -> str:
        took = sorted(one.seconds for one in self.told)
        p50, p99 = statistics.median(took), took[int(len(took) * 0.99)]
        words = ", ".join(f"{n} {what}" for what, n in Counter(one.what for one in self.told).most_common())  # fmt: skip
        late = sum(one > SERVED_WITHIN for one in took)
        return (
            f"{self.name}: {words}; lost or doubled: {len(self.wrong)}; "
            f"p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms, max {took[-1]:.2f} s, {late} over 3 s; "
            f"{len(took) / self.seconds:.0f} commands/s; {self.asked / len(took):.2f} round trips a command, "
            f"{self.stale} stale writes, {sum(self.suffered.values())} requests disturbed"
        )


def site(name: str) -> Site:
    """Two ports that nobody has seen yet: whoever adds waits."""
    channel = f"slack:{TEAM}:C{name.upper()}"
    return Site(
        name,
        name,
        channels=(channel,),
        timezone="America/Los_Angeles",
        stations=Stations(ids=("1:900001",)),
    )


Webhook = Callable[[str, str], tuple[str, float]]  # who adds where; the answer's body, seconds


def play(name: str, door: Webhook, store: DynamoDBStore, proxy: Flaky, drivers: list[tuple[str, str]], width: int) -> Outcome:  # fmt: skip
    """Let each driver add at a site; `width` of them at a time, all in no order."""
    random.Random(1).shuffle(drivers)
    proxy.reset()
    with ThreadPoolExecutor(width) as crowd:
        began = time.monotonic()
        told = list(crowd.map(lambda one: add(door, *one), drivers))
        seconds = time.monotonic() - began
    wrong = [found for one in {site_id for site_id, _ in drivers} for found in untrue(store, one, told)]  # fmt: skip
    return Outcome(name, told, seconds, proxy.asked.total(), proxy.stale, dict(proxy.suffered), wrong)  # fmt: skip


def through(workers: Pool) -> Webhook:
    """By a worker that is free; the time is the worker's own."""

    def door(driver: str, channel: str) -> tuple[str, float]:
        request = command("add", driver, channel)
        with workers.free() as one:
            began = time.monotonic()
            answer = one.call("app", posted(*request))
            return answer["body"], time.monotonic() - began

    return door


def add(door: Webhook, site_id: str, driver: str) -> Told:
    """One signed `/ev add`, and what it came to."""
    answer, seconds = door(driver, site(site_id).channels[0])
    said = json.loads(answer)
    public = said.get("response_type") == "in_channel"
    text = said.get("text", "")
    return Told(site_id, driver, "added" if public else KINDLY.get(text, text), seconds)


def untrue(store: DynamoDBStore, site_id: str, told: list[Told]) -> Iterator[str]:
    """Who was told that they are in line and is not, or is twice, or was added twice."""
    found = store.load(site_id)
    line = Counter(entry.driver for entry in found.queue) if found else Counter()
    notes = Counter(n.driver for n in found.trail if n.what is What.ADDED) if found else Counter()
    for one in told:
        if one.site != site_id:
            continue
        if one.what in ("added", "done before") and (line[one.driver], notes[one.driver]) != (
            1,
            1,
        ):
            yield f"{one.driver} at {site_id}: in line {line[one.driver]} times"
        if line[one.driver] > 1 or notes[one.driver] > 1:
            yield f"{one.driver} at {site_id}: doubled"
        if line[one.driver] and one.what in ("busy", "store down"):
            yield f"{one.driver} at {site_id}: in line, and told that nothing was changed"


@contextmanager
def scene(share: float) -> Iterator[tuple[DynamoDBStore, Flaky, dict[str, str]]]:
    """A table, the proxy before it, and the environment of a worker behind that."""
    with ministack() as address, flaky(address, share) as proxy:
        client = boto3.Session("practice", "practice", region_name=AWS["AWS_REGION"]).client("dynamodb", endpoint_url=address)  # fmt: skip
        create_table(client, TABLE)
        yield (
            DynamoDBStore(TABLE, client),
            proxy,
            AWS
            | {
                "AWS_ENDPOINT_URL_DYNAMODB": proxy.address,
                "EV_STORE": f"dynamodb:{TABLE}",
                "EV_CLOCK": f"1@{time.time()!r}@{NOON.timestamp()!r}",
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_BOT_TOKEN": "xoxb-made-up",
            },
        )


def run(task: Path, share: float, size: int, sites: int, crowd: int = CLASHES) -> list[Outcome]:
    """Both scenarios, on workers that are warm."""
    with scene(share) as (store, proxy, environ), pool(size, task, environ) as workers:
        door = through(workers)
        many = make_sites(store, sites)
        with ThreadPoolExecutor(size) as warm:  # each worker makes its client
            list(warm.map(lambda _: add(door, "crowd", f"slack:{TEAM}:U0WARM"), range(size)))
        return [
            play(f"{crowd} at one site", door, store, proxy, at_one(crowd), crowd),
            play(f"{sites} sites x {EACH}", door, store, proxy, spread(many), size),
        ]


def make_sites(store: DynamoDBStore, count: int) -> list[str]:
    """One for the crowd, and so many more, whose ids are given."""
    many = [f"s{number:03}" for number in range(count)]
    for name in ("crowd", *many):
        store.save(site(name), None)
        store.bind(site(name).channels[0], name)
    return many


def at_one(crowd: int) -> list[tuple[str, str]]:
    return [("crowd", f"slack:{TEAM}:U{n:05}") for n in range(crowd)]


def spread(many: list[str]) -> list[tuple[str, str]]:
    return [(name, f"slack:{TEAM}:U{n}{name.upper()}") for name in many for n in range(EACH)]


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.load", description=__doc__)
    parser.add_argument("--faults", type=float, default=0.05, help="share of disturbed requests")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--sites", type=int, default=770)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-load-") as folder:
        task = unpacked(Path(folder))
        for share in (0.0, chosen.faults):
            print(f"\n{share:.0%} of the requests disturbed, {chosen.workers} workers:")
            for outcome in run(task, share, chosen.workers, chosen.sites):
                print(outcome)
                print(*(f"  {one}" for one in outcome.wrong[:5]), sep="\n")
                print(f"  {outcome.suffered}")


if __name__ == "__main__":
    main()

"""Many at once: 770 sites on one DynamoDB, and a hundred drivers at one site."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.chat.text.wording import BUSY
from chalicelib.edges import SiteStore
from chalicelib.values import replace

from .command import Scene
from .figures import Figure, exact
from .garage import TEAM, garage
from .items import item
from .knocks import command
from .measure import Spread, ratio, timed
from .stores import TABLE, Stores, client, put_over

SECTION = "Many at once"
THREADS = 16
ROUND = 77  # sites whose turn it is, ours and raw in turn
SERVED_WITHIN = 3.0  # seconds that Slack waits


def measure(stores: Stores, sites: int, crowd: int) -> list[Figure]:
    return side_by_side(stores.dynamodb, sites) + [
        figure
        for name, store in (("SQLite", stores.sqlite), ("DynamoDB", stores.dynamodb))
        for figure in at_once(name, store, crowd)
    ]


def side_by_side(store: SiteStore, sites: int) -> list[Figure]:
    """Signed commands at as many sites, round by round beside the raw calls for as many."""
    scene, boto = Scene.on(store), client()
    channels = [f"slack:{TEAM}:C{number:04}" for number in range(sites)]
    for number, channel in enumerate(channels):
        store.save(garage(35, site_id=f"s{number}", channel=channel), None)
        store.bind(channel, f"s{number}")
        knock(scene, "help", channel)  # what a channel means is asked once a minute
        boto.put_item(TableName=TABLE, Item=raw(number) | {"version": {"N": "1"}})
    ours: list[float] = []
    pairs: list[float] = []
    puts: list[float] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for first in range(0, sites, ROUND):
            mine = range(first, min(first + ROUND, sites))
            per_second(pool, ours, mine, lambda n: knock(scene, "add", channels[n]))
            per_second(pool, pairs, mine, lambda n: get_and_put(boto, n))
            per_second(pool, puts, mine, lambda n: put_over(boto, raw(n), 2))
    return [
        Figure(SECTION, f"commands at {sites} sites", Spread.of(ours), "/s"),
        Figure(SECTION, "raw get and conditional put", Spread.of(pairs), "/s"),
        Figure(SECTION, "raw conditional put", Spread.of(puts), "/s"),
        Figure(SECTION, "commands / raw get and put", ratio(ours, pairs), "×", at_least=0.6),
        Figure(SECTION, "commands / raw put", ratio(ours, puts), "×"),
    ]


RAW = item(garage(35))


def raw(number: int) -> dict[str, Any]:
    """The same bytes under another key."""
    return RAW | {"pk": {"S": f"raw#{number}"}}


def get_and_put(boto: Any, number: int) -> None:
    key = {name: raw(number)[name] for name in ("pk", "sk")}
    boto.get_item(TableName=TABLE, Key=key, ConsistentRead=True)
    put_over(boto, raw(number), 1)


def knock(scene: Scene, text: str, channel: str, user: str = "U0NEWCOMER") -> str:
    """Send a signed command; the body of the answer. Raises AssertionError."""
    headers, body = command(text, f"slack:{TEAM}:{user}", channel)
    status, _, said = scene.office.webhooks["/slack/events"](headers, body)
    answer = str(said)
    if status != 200 or (text == "add" and "in_channel" not in answer and BUSY not in answer):
        raise AssertionError(f"{status}: {answer}")
    return answer


def per_second(
    pool: ThreadPoolExecutor, found: list[float], sites: range, act: Callable[[int], object]
) -> None:
    """Let the pool do it at each of the sites, and note how many it did in a second."""
    found.append(len(sites) / timed(lambda: list(pool.map(act, sites))).clock)


def at_once(name: str, store: SiteStore, crowd: int) -> list[Figure]:
    """All of them add at one site in the same moment, each on a thread of one process."""
    scene = Scene.on(store)
    [channel] = garage(0).channels
    scene.set(replace(garage(0), queue=()))
    knock(scene, "help", channel)
    start = threading.Barrier(crowd)

    def join(number: int) -> tuple[str, float]:
        start.wait()
        began = time.perf_counter()
        answer = knock(scene, "add", channel, f"U0{number:04}")
        return answer, time.perf_counter() - began

    with ThreadPoolExecutor(crowd) as pool:
        told = list(pool.map(join, range(crowd)))
    added = sum(BUSY not in answer for answer, _ in told)
    quick = sum(seconds < SERVED_WITHIN for _, seconds in told)
    slowest = max(seconds for _, seconds in told)
    return [
        exact(SECTION, f"{name}: of {crowd} adds at once, taken", added, ""),
        exact(SECTION, f"{name}: … answered within 3 s", quick, ""),
        exact(SECTION, f"{name}: … the slowest answer", slowest, "s"),
    ]

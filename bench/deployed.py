"""The same load through a deployed stack: ministack's API gateway, Lambda and table.

    python -m bench.deployed [--width 12] [--sites 60]

ministack gives each request that comes while all workers are at work one more worker, so
`width`, how many come at once, is bounded by what this machine carries.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from urllib.parse import urlsplit

from chalicelib.stores.dynamodb import DynamoDBStore
from tests.aws.stack import SECRET, Stack, standing

from .flaky import Flaky
from .garage import TEAM
from .knocks import command
from .load import CLASHES, EACH, Outcome, Webhook, add, at_one, make_sites, play, spread


def through(stack: Stack) -> Webhook:
    """By its API gateway, over a connection that each thread keeps."""
    to, mine = urlsplit(f"{stack.aws}/restapis/{stack.physical('RestAPI')}/api/_user_request_"), local()  # fmt: skip

    def door(driver: str, channel: str) -> tuple[str, float]:
        headers, body = command("add", driver, channel, SECRET)
        began = time.monotonic()
        if not hasattr(mine, "connection"):
            mine.connection = HTTPConnection(to.hostname or "", to.port)
        mine.connection.request("POST", f"{to.path}/slack/events", body, headers)
        answer = mine.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise AssertionError(f"{answer.status}: {text}")
        return text, time.monotonic() - began

    return door


def table_of(stack: Stack) -> DynamoDBStore:
    return DynamoDBStore(stack.physical("Table"), stack.client("dynamodb"))


def run(folder: Path, width: int, sites: int) -> list[Outcome]:
    with standing(folder) as stack:
        store, door = table_of(stack), through(stack)
        many = make_sites(store, sites)
        with ThreadPoolExecutor(width) as warm:
            list(warm.map(lambda _: add(door, "crowd", f"slack:{TEAM}:U0WARM"), range(2 * width)))
        nobody = Flaky(stack.aws)  # counts nothing: the app asks another proxy
        return [
            play(f"{CLASHES} at one site", door, store, nobody, at_one(CLASHES), width),
            play(f"{sites} sites x {EACH}", door, store, nobody, spread(many), width),
        ]


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.deployed", description=__doc__)
    parser.add_argument("--width", type=int, default=12, help="drivers at the same moment")
    parser.add_argument("--sites", type=int, default=60, help="with five commands each (60)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-deployed-") as folder:
        for outcome in run(Path(folder), chosen.width, chosen.sites):
            print(outcome)
            print(*(f"  {one}" for one in outcome.wrong[:5]), sep="\n")


if __name__ == "__main__":
    main()

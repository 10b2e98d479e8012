"""`kill -9` of the delivering Lambda in the middle of a batch, again and again.

Eight kills by default; `EV_KILLS=50` for more. A worker of the app's code runs the handler
of the table's stream, as Lambda does; the table is ministack's.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from random import Random

import boto3
import pytest

from bench.workers import Worker, worker
from chalicelib.core.effects import Undelivered
from chalicelib.core.model import Lane, Pending
from chalicelib.stores.dynamodb import DynamoDBStore, create_table
from chalicelib.values import replace
from practice.common.clock import ClockControl
from practice.ministack import AWS
from tests.fakes import ANA, BOB, MONDAY, site_of

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("EV_KILLS", "8"))
SITES = ("north", "south", "west")
MESSAGES = KILLS + 10  # at each site: some are left when the kills are over
NAMED = re.compile(rb"(north|south|west)-(\d+)-ends")
CLAIM_MINUTES = 0.51


class Slack:
    """Takes every post, slowly, and notes which message it was."""

    def __init__(self, dice: Random) -> None:
        self.took: list[tuple[str, int]] = []
        self.dice = dice


@contextmanager
def slack(dice: Random) -> Iterator[tuple[Slack, str]]:
    peer = Slack(dice)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found = NAMED.search(self.rfile.read(int(self.headers["Content-Length"])))
            assert found
            time.sleep(dice.uniform(0, 0.02))  # before or after it counts: the kill may fall here
            peer.took.append((found[1].decode(), int(found[2])))
            time.sleep(dice.uniform(0, 0.02))
            said = {"ok": True, "channel": "C0EV", "ts": f"{len(peer.took)}.0"}
            content = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return  # killed while it waited

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield peer, f"http://127.0.0.1:{server.server_port}/api/"
    server.shutdown()
    server.server_close()


def fill(store: DynamoDBStore) -> None:
    """Each site has messages to say, to the channel's people in turn."""
    for name in SITES:
        site = site_of(f"slack:T0HQ:C0{name.upper()}", id=name)
        outbox = tuple(
            Pending(n + 1, Lane.CHAT, (ANA, BOB)[n % 2], Undelivered(ANA, f"{name}-{n}-ends"), MONDAY)
            for n in range(MESSAGES)
        )  # fmt: skip
        store.save(replace(site, outbox=outbox, serial=MESSAGES), MONDAY)


def batch() -> dict[str, object]:
    """What the stream brings: a record for each site."""
    change = {
        "ApproximateCreationDateTime": 1_900_000_000, "SequenceNumber": "1", "SizeBytes": 1,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }  # fmt: skip
    record = {
        "eventID": "1", "eventName": "MODIFY", "awsRegion": "us-west-2",
        "eventSourceARN": "arn:aws:dynamodb:us-west-2:000000000000:table/killed/stream/now",
    }  # fmt: skip
    keys = [{"pk": {"S": f"site#{name}"}, "sk": {"S": "site"}} for name in SITES]
    return {"Records": [{**record, "dynamodb": {**change, "Keys": key}} for key in keys]}


def kill_in_the_middle(one: Worker, peer: Slack, dice: Random) -> None:
    """Let it say one to four messages, and end it at any moment after."""
    enough = len(peer.took) + dice.randint(1, 4)
    assert one.process.stdin is not None
    for _ in range(5):  # a busy machine's table may not answer in time, and the batch is over
        one.process.stdin.write(json.dumps(["deliver", batch()]) + "\n")
    one.process.stdin.flush()
    give_up = time.monotonic() + 60
    while len(peer.took) < enough:
        assert time.monotonic() < give_up, "it says nothing"
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.04))
    assert one.process.poll() is None
    one.process.kill()
    one.process.wait()


@pytest.mark.timeout(120 + 5 * KILLS)
def test_nothing_is_lost(
    aws: None, ministack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every message arrives, in its person's order; a kill repeats the one in flight at most."""
    client = boto3.client("dynamodb", endpoint_url=ministack)
    create_table(client, "delivery")
    store, dice = DynamoDBStore("delivery", client), Random(1)
    fill(store)
    clock = ClockControl(tmp_path / "clock", 1, MONDAY)
    began = time.monotonic()
    with slack(dice) as (peer, url):
        environ = AWS | {
            "AWS_ENDPOINT_URL_DYNAMODB": ministack, "EV_STORE": "dynamodb:delivery",
            "EV_CLOCK": clock.origin, "SLACK_API_URL": url, "SLACK_BOT_TOKEN": "xoxb-made-up",
            "SLACK_SIGNING_SECRET": "made-up",
        }  # fmt: skip
        for _ in range(KILLS):
            with worker(ROOT, environ) as one:
                kill_in_the_middle(one, peer, dice)
            clock.advance(CLAIM_MINUTES)  # what was claimed may be taken over
        killed_at = len(peer.took)
        with worker(ROOT, environ) as one:
            ready = one.process.stdout
            assert ready is not None
            ready.readline()
            for _ in range(30):
                one.call("deliver", batch())
                clock.advance(CLAIM_MINUTES)
                if not any(site.outbox for name in SITES if (site := store.load(name))):
                    break
    for name, person in product(SITES, range(2)):
        said = [number for site, number in peer.took if site == name and number % 2 == person]
        first = list(dict.fromkeys(said))
        assert first == list(range(person, MESSAGES, 2)), "all of them, in their order"
        assert said == sorted(said), "a repeat comes at once, before anything later"
    repeats = len(peer.took) - len(SITES) * MESSAGES
    assert repeats <= KILLS
    with capsys.disabled():
        print(
            f"\n{KILLS} kills of the deliverer in the middle of {killed_at} messages: of "
            f"{len(SITES) * MESSAGES} none is missing, all are in order, {repeats} were said twice; "
            f"{time.monotonic() - began:.0f} s"
        )

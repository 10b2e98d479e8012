"""How long a fresh process takes until it can answer: ours beside the bare libraries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from practice.ministack import AWS

from .figures import Figure
from .knocks import SECRET
from .measure import Took, interleave, milliseconds, processor, ratio

SECTION = "A cold start"
ROOT = Path(__file__).parents[1]
BARE = """
from chalice import Chalice
from slack_bolt import App
from slack_bolt.adapter.aws_lambda.chalice_handler import ChaliceSlackRequestHandler
import boto3
chalice = Chalice(app_name="bare")
bolt = App(signing_secret="x", authorize=lambda: None)
ChaliceSlackRequestHandler(bolt, chalice, lambda_client=object())
boto3.Session().client("dynamodb")
"""
OURS = """
import app
from chalicelib import wiring
import os
os.environ["AWS_LAMBDA_FUNCTION_NAME"] = "bench"  # not before: Lambda's start makes requests
wiring.endpoints().concierge.store._table._connected()
"""
TIMED = """
import time
clock, processor = time.perf_counter(), time.process_time()
{code}
print(time.perf_counter() - clock, time.process_time() - processor)
"""
ENVIRONMENT = {
    "EV_STORE": "dynamodb:bench",
    "SLACK_SIGNING_SECRET": SECRET,
    "SLACK_BOT_TOKEN": "unused",
}


def measure(rounds: int) -> list[Figure]:
    """From the first import to the DynamoDB client, within the process."""
    taken = interleave({"bare": lambda: start(BARE), "ours": lambda: start(OURS)}, rounds)
    value = ratio(processor(taken["ours"]), processor(taken["bare"]))
    return [
        Figure(SECTION, "chalice, bolt and a DynamoDB client", milliseconds(taken["bare"]), "ms"),
        Figure(SECTION, "`app`, wired, with the same client", milliseconds(taken["ours"]), "ms"),
        Figure(SECTION, "ratio, processor time", value, "×", at_most=1.15),
    ]


def start(code: str) -> Took:
    """How long the code takes in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(code=code)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **AWS, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    return Took(*map(float, done.stdout.split()))

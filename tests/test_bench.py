"""The bench runs and writes what it found. What it found is another matter: no test waits
for a machine to be fast.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bench import costs, items

ROOT = Path(__file__).parents[1]
GOALS = [
    "SQLite / a bare ack",
    "SQLite less its two raw calls / a bare ack, processor time",
    "DynamoDB less its two raw calls / a bare ack, processor time",
    "SQLite / a bare ack",
    "steps at 35 in line",
    "time of a step, a hundred times the line: of a hundred times the time",
    "ratio, processor time",
    "bytes per waiting driver beyond the ids",
    "commands / raw get and put",
]


@pytest.mark.nightly
def test_the_bench_in_a_hurry(tmp_path: Path) -> None:
    """Every section is in the table and in the JSON, with its unit, its spread and its goal."""
    results = tmp_path / "results.json"
    words = [sys.executable, "-m", "bench", "--quick", "--json", str(results)]
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(words, cwd=ROOT, env=bare, capture_output=True, text=True, check=True)
    found = json.loads(results.read_text())
    assert found.keys() == {"machine", "figures"}
    assert found["machine"].keys() == {"python", "system", "cores", "load"}
    for figure in found["figures"]:
        assert {"section", "name", "unit", "median", "low", "high"} <= figure.keys()
        assert figure["low"] <= figure["median"] <= figure["high"]
        assert f"### {figure['section']}" in done.stdout
        assert f"| {figure['name']} |" in done.stdout
    assert [one["name"] for one in found["figures"] if "met" in one] == GOALS


def test_an_idle_minute_costs_next_to_nothing() -> None:
    """The listener and the schedule: no look at DynamoDB that nothing calls for."""
    none = costs.hour(sites=0, length=timedelta(minutes=2))
    assert none["ticks"] == 2
    assert none["glances"] <= 2 * 100
    assert none["writes"] == 2 * 6, "the lease, every ten seconds"
    one = costs.hour(sites=1, length=timedelta(minutes=2))
    assert one["writes"] - none["writes"] <= 2 * 8, "a look, every minute"


def test_an_item_is_small() -> None:
    """With 35 in line a command writes five units; a driver more is 60 bytes at most."""
    found = {figure.name: figure for figure in items.measure()}
    assert found["write units of a command with 35 in line"].value.median <= 5
    assert found["bytes per waiting driver beyond the ids"].is_met

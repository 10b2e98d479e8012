"""Many meters at once, and the server killed in the midst: acknowledged is kept, once.

`python -m bench.meters` measures the same with 770 meters for two minutes.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.meters import stage
from practice.ministack import AWS


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stage sets is gone afterwards."""
    for name, text in AWS.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")


@pytest.mark.parametrize("store", ["sqlite", "dynamodb"])
def test_acknowledged_is_kept(store: str, tmp_path: Path) -> None:
    """120 meters in the same moment, then a crowd while the server is killed three times."""
    with stage(store, 120, tmp_path) as (load, server, series):
        asyncio.run(load.at_once())
        asyncio.run(load.closed_loop(6, server.kill_and_start(3, 1.0)))
        assert load.lost_and_doubled(series) == (0, 0)
        assert load.resent > 0, "nobody was cut off"
        assert not load.other
        assert sum(map(len, load.acknowledged.values())) >= 220


@pytest.mark.nightly
@pytest.mark.parametrize("store", ["sqlite", "dynamodb"])
def test_770_meters(store: str, tmp_path: Path) -> None:
    """Each its own connection, each five seconds; nobody waits, nothing is lost."""
    with stage(store, 770, tmp_path) as (load, _, series):
        asyncio.run(load.steady(20))
        asyncio.run(load.at_once())
        assert load.lost_and_doubled(series) == (0, 0)
        assert sum(map(len, load.acknowledged.values())) >= 770 * 5
        assert load.resent == 0
        assert not load.other

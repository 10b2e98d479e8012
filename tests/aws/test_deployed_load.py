"""A few at once through the deployed stack; bench/deployed.py has many."""

from __future__ import annotations

from bench.deployed import table_of, through
from bench.flaky import Flaky
from bench.load import KINDLY, at_one, make_sites, play
from tests.aws.stack import Stack


def test_what_is_acknowledged_is_true(stack: Stack) -> None:
    """Four at a time add at one site, each in a worker of its own: who was told "in line" is."""
    store, door = table_of(stack), through(stack)
    make_sites(store, 0)
    outcome = play("a dozen", door, store, Flaky(stack.aws), at_one(12), 4)
    print(outcome)
    assert outcome.wrong == []
    assert {one.what for one in outcome.told} <= {"added", *KINDLY.values()}
    assert sum(one.what == "added" for one in outcome.told) > 3
